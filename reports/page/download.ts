/// <reference lib="dom" />
/** The numbers behind each picture, as a file for a spreadsheet. */

import type { View } from "../view.ts";

type Row = readonly (string | number | null)[];

/** The rows of one picture, titles first; `content` is the one that the heat map shows. */
export function rowsOf(picture: string, view: View, content: number): Row[] {
  switch (picture) {
    case "completion":
      return [
        ["content", "seconds since published", "percent complete", "floor seconds"],
        ...view.contents.flatMap(({ name, completion, floorSeconds }) =>
          completion.map(([seconds, percent]) => [name, seconds, percent, floorSeconds])
        ),
      ];
    case "goodput":
      return [
        ["virtual seconds", ...view.contents.map(({ name }) => `${name} (bytes per second)`)],
        ...view.contents[0]?.goodput.map(([seconds], at) => [
          seconds,
          ...view.contents.map(({ goodput }) => goodput[at]?.[1] ?? null),
        ]) ?? [],
      ];
    case "copies":
      return [
        ["content", "virtual seconds", "copies sent by the source"],
        ...view.contents.flatMap(({ name, sourceCopies }) =>
          sourceCopies.map(([seconds, copies]) => [name, seconds, copies])
        ),
      ];
    case "heat":
      return heatRows(view, content);
    case "faults":
      return [
        ["kind", "who", "from seconds", "to seconds"],
        ...view.faults.map((fault) => [
          fault.kind,
          fault.who,
          fault.fromSeconds,
          fault.toSeconds,
        ]),
      ];
    default:
      return [
        ["server", "requests served"],
        ...view.perServer.map((served, at) => [at + 1, served]),
      ];
  }
}

/** Comma-separated values. A text that a spreadsheet would run as a formula is kept a text. */
export function csv(rows: readonly Row[]): string {
  const field = (value: string | number | null) => {
    if (typeof value !== "string") return value === null ? "" : String(value);
    const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return `"${harmless.replaceAll('"', '""')}"`;
  };
  return rows.map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}

/** Hands the reader a file. */
export function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function heatRows(view: View, content: number): Row[] {
  const shown = view.contents[content];
  if (shown === undefined) return [];
  const { fromSeconds, columnSeconds, rows } = shown.heat;
  const columns =
    rows[0]?.percent.map((_, at) => `percent at ${fromSeconds + (at + 1) * columnSeconds} s`) ?? [];
  return [
    ["content", "peer", "peers", "completed at seconds", ...columns],
    ...rows.map((row) => [shown.name, row.label, row.peers, row.completedAt, ...row.percent]),
  ];
}
