/** What is shown where: results on stdout, everything else on stderr; colours and live lines on terminals only. */
import { defused } from "../text.ts";

const encoder = new TextEncoder();

export interface TerminalOptions {
  /** Results are JSON, one object a line. */
  readonly json: boolean;
  readonly quiet: boolean;
}

export class Terminal {
  readonly json: boolean;
  readonly #quiet: boolean;
  /** A line on stderr that is written over again and again. */
  #live = "";

  constructor({ json, quiet }: TerminalOptions) {
    this.json = json;
    this.#quiet = quiet;
  }

  /** True where lines can be written over. */
  get isLive(): boolean {
    return !this.#quiet && !this.json && Deno.stderr.isTerminal() && !isDumb();
  }

  get width(): number {
    try {
      return Math.max(40, Deno.consoleSize().columns);
    } catch {
      return 80; // no terminal to ask
    }
  }

  /** A result: for whatever reads stdout. Text of others is to be defused before. */
  say(line: string): void {
    this.#clear();
    write(Deno.stdout, `${line}\n`);
    this.#draw();
  }

  /** A result as JSON: only with `--json`. */
  data(type: string, fields: object): void {
    if (this.json) {
      const line = JSON.stringify(
        { v: 1, type, ...fields },
        (_key, value) =>
          value instanceof Uint8Array ? value.toHex() : value instanceof Map ? [...value] : value,
      );
      write(Deno.stdout, `${line}\n`);
    }
  }

  /** What the person should know, and no script needs. */
  note(line: string): void {
    if (this.#quiet) return;
    this.#clear();
    write(Deno.stderr, `${line}\n`);
    this.#draw();
  }

  /** Takes the place of the last such line. */
  progress(line: string): void {
    if (!this.isLive) return;
    this.#clear();
    this.#live = [...line].slice(0, this.width - 1).join("");
    this.#draw();
  }

  bold(text: string): string {
    return this.isLive && !Deno.noColor ? `\x1b[1m${text}\x1b[0m` : text;
  }

  #clear(): void {
    if (this.#live !== "") write(Deno.stderr, "\r\x1b[K");
  }

  #draw(): void {
    if (this.#live !== "") write(Deno.stderr, this.#live);
  }
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
}

function isDumb(): boolean {
  return Deno.env.get("TERM") === "dumb";
}

/** "12.3 MB": decimal units, as people know them from their disks. */
export function sizeText(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes, unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

/** "5 minutes ago", for people. */
export function agoText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 10) return "now";
  if (seconds < 120) return `${seconds} seconds ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes ago`;
  return `${Math.round(seconds / 3600)} hours ago`;
}

export { defused };
