/** Two runs side by side: what each measured, and how far the second is from the first. */
import type { ContentResult, RunRecord } from "./record.ts";

interface Row {
  readonly what: string;
  readonly one: number | undefined;
  readonly other: number | undefined;
  readonly unit: string;
}

/** A table for people. */
export function compared(one: RunRecord, other: RunRecord): string {
  const rows = rowsOf(one, other);
  const cells = [
    ["", labelOf(one, other), labelOf(other, one), "difference"],
    ...rows.map(({ what, unit, ...row }) => [
      what,
      valueOf(row.one, unit),
      valueOf(row.other, unit),
      differenceOf(row.one, row.other),
    ]),
  ];
  const widths = cells[0]!.map((_, at) => Math.max(...cells.map((row) => row[at]!.length)));
  const lines = cells.map((row) =>
    row.map((cell, at) => at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))
      .join("  ").trimEnd()
  );
  const said = [one, other].flatMap(({ series, result }) =>
    series.options.but === undefined || series.options.but === ""
      ? []
      : [`${result.mode}: ${series.options.but}`]
  );
  return [...lines, ...said].join("\n");
}

function labelOf({ result }: RunRecord, { result: other }: RunRecord): string {
  const { scenario, mode, seed } = result;
  if (mode !== other.mode) return scenario === other.scenario ? mode : `${scenario} ${mode}`;
  return `${scenario} seed ${seed}`;
}

function rowsOf(one: RunRecord, other: RunRecord): Row[] {
  const rows: Row[] = [];
  const add = (what: string, unit: string, pick: (record: RunRecord) => number | undefined) => {
    const [first, second] = [pick(one), pick(other)];
    if (first !== undefined || second !== undefined) {
      rows.push({ what, unit, one: first, other: second });
    }
  };
  const names = new Set(
    [one, other].flatMap(({ result }) => (result.contents ?? []).map(({ name }) => name)),
  );
  for (const name of names) {
    const of = (pick: (content: ContentResult) => number) => ({ result }: RunRecord) => {
      const found = result.contents?.find((content) => content.name === name);
      return found === undefined ? undefined : pick(found);
    };
    add(`${name}: complete`, "", of(({ completed }) => completed));
    add(`${name}: p50`, "s", of(({ p50Seconds }) => p50Seconds));
    add(`${name}: p95`, "s", of(({ p95Seconds }) => p95Seconds));
    add(`${name}: last`, "s", of(({ lastSeconds }) => lastSeconds));
    add(`${name}: last, of the floor`, "x", of(({ floorRatio }) => floorRatio));
    add(`${name}: copies from the source`, "", of(({ sourceCopies }) => sourceCopies));
    add(`${name}: wasted`, "MB", of(({ wastedBytes }) => wastedBytes / 1e6));
  }
  add("messages delivered", "", ({ result }) => result.messages?.delivered);
  add("messages: p50", "s", ({ result }) => result.messages?.p50Seconds);
  add("messages: p99", "s", ({ result }) => result.messages?.p99Seconds);
  add("crashes", "", ({ result }) => result.faults?.crashes);
  add("claims that hold", "", ({ result }) => result.claims.filter(({ ok }) => ok).length);
  add("wall time", "s", ({ result }) => result.wallSeconds);
  return rows;
}

function valueOf(value: number | undefined, unit: string): string {
  if (value === undefined) return "-";
  const text = Number.isInteger(value) ? `${value}` : value.toFixed(value < 10 ? 3 : 2);
  return unit === "" ? text : `${text} ${unit}`;
}

/** Of the first. */
function differenceOf(one: number | undefined, other: number | undefined): string {
  if (one === undefined || other === undefined || one === 0) return "";
  const percent = 100 * (other / one - 1);
  return `${percent < 0 ? "" : "+"}${percent.toFixed(1)} %`;
}
