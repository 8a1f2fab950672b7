/** One measured figure, and the target that it is held against. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: number;
  /** Whether the value is on the right side of the target, which may be above or below. */
  readonly ok: boolean;
}

/** What could not be measured on this machine: what it needs, and why that is not there. */
export interface Skipped {
  readonly name: string;
  readonly skipped: string;
}

/** One figure to be measured. Every file of measurements exports a list of them as `benches`. */
export interface Bench {
  readonly name: string;
  measure(): Row | Skipped | Promise<Row | Skipped>;
}

/** A figure that should be at least so much. */
export function atLeast(
  name: string,
  target: number,
  unit: string,
  value: () => number | Promise<number>,
): Bench {
  return {
    name,
    async measure() {
      const measured = await value();
      return { name, value: measured, unit, target, ok: measured >= target };
    },
  };
}
