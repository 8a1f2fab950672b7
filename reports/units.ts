/** Quantities as people read them: the same text on every machine, whatever its locale. */

/** A duration: `420ms`, `12.3s`, `2m 05s`, `1h 02m`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "-";
  if (seconds < 0) return `-${duration(-seconds)}`;
  if (seconds === 0) return "0s";
  if (seconds < 0.9995) return `${significant(seconds * 1000)}ms`;
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 9.995 ? 2 : 1)}s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${padded(whole % 60)}s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${padded(minutes % 60)}m`;
}

/** A size in decimal units, as link rates and file managers count: `4.2 MB`. */
export function size(bytes: number): string {
  if (!Number.isFinite(bytes)) return "-";
  if (bytes < 0) return `-${size(-bytes)}`;
  if (bytes < 1000) return `${significant(bytes)} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  // 999.5 and not 1000: what rounds up to 1000 of a unit is 1 of the next.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${significant(value)} ${units[unit]}`;
}

/** A whole number with its thousands apart: `1,234,567`. */
export function count(value: number): string {
  return String(value).replace(/^-?\d+/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ","));
}

/** A change or a margin with its sign: `+12.5 %`. */
export function signedPercent(fraction: number): string {
  if (!Number.isFinite(fraction)) return "-";
  const percent = fraction * 100;
  const digits = Math.abs(percent) >= 100 ? 0 : 1;
  const text = percent.toFixed(digits);
  // A change too small to show must not carry the sign of its rounding.
  if (Number(text) === 0) return `${(0).toFixed(digits)} %`;
  return `${percent > 0 ? "+" : ""}${text} %`;
}

/** A multiple: `1.25x`. */
export function multiple(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(2)}x` : "-";
}

/** A count of things with its noun: `1 node`, `51 nodes`, `2 crashes`. */
export function things(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** Three significant digits, and never an exponent. */
function significant(value: number): string {
  if (value >= 100 || Number.isInteger(value)) return count(Math.round(value));
  return value >= 10 ? value.toFixed(1) : value >= 0.01 ? value.toFixed(2) : value.toPrecision(2);
}

function padded(value: number): string {
  return String(value).padStart(2, "0");
}
