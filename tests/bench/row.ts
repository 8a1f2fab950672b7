/** One measured figure, and the target that it is held against. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: number;
  /** Whether the value is on the right side of the target, which may be above or below. */
  readonly ok: boolean;
}

/** What every file of measurements exports as `rows`: it measures when it is called. */
export type Rows = () => Iterable<Row> | Promise<Iterable<Row>>;
