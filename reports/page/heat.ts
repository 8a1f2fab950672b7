/// <reference lib="dom" />
/** The heat map: who had how much, when. A row is a peer, or a group of peers where there are many. */

import type { ContentView, FaultView, View } from "../view.ts";
import { duration } from "../units.ts";
import { gutter } from "./axes.ts";
import {
  axisHeight,
  fitted,
  font,
  fresh,
  placeOf,
  pointAt,
  smallFont,
  timeAxis,
} from "./canvas.ts";
import type { Theme } from "./theme.ts";

const top = 22;

/** Draws one content's heat map. */
export function drawHeat(
  canvas: HTMLCanvasElement,
  view: View,
  content: ContentView,
  theme: Theme,
): void {
  const { rows, columnSeconds, fromSeconds } = content.heat;
  const toSeconds = fromSeconds + columnSeconds * (rows[0]?.percent.length ?? 1);
  const span = { fromSeconds, toSeconds: Math.max(toSeconds, fromSeconds + 1e-6) };
  const rowHeight = rows.length > 40 ? 13 : rows.length > 20 ? 16 : 22;
  const bottom = top + rows.length * rowHeight;
  const { pen, width } = fresh(canvas, bottom + axisHeight);
  const x = placeOf(span, width);
  titles(pen, theme, width, content);
  rows.forEach((row, at) => {
    const y = top + at * rowHeight;
    row.percent.forEach((percent, column) => {
      const from = Math.floor(x(fromSeconds + column * columnSeconds));
      pen.fillStyle = theme.heat[percent] ?? theme.bad;
      const to = Math.ceil(x(fromSeconds + (column + 1) * columnSeconds));
      pen.fillRect(from, y, to - from, rowHeight - 1);
    });
    for (const fault of view.faults) {
      if (row.peers === 1 && fault.who === row.label) outage(pen, theme, fault, y, rowHeight, x);
    }
    pen.font = rowHeight < 16 ? smallFont : font;
    pen.textAlign = "right";
    pen.fillStyle = theme.text;
    pen.fillText(fitted(pen, row.label, gutter.left - 14), gutter.left - 8, y + rowHeight / 2);
    pen.textAlign = "left";
    pen.fillStyle = row.completedAt === null ? theme.bad : theme.quiet;
    const finished = row.completedAt === null ? "✕ never" : duration(row.completedAt);
    pen.fillText(
      fitted(pen, finished, gutter.right - 8),
      width - gutter.right + 8,
      y + rowHeight / 2,
    );
    pen.font = font;
  });
  timeAxis(pen, theme, span, { width, bottom });
  pointAt(canvas, (atX, atY) => {
    const row = rows[Math.floor((atY - top) / rowHeight)];
    const part = (atX - gutter.left) / (width - gutter.left - gutter.right);
    const column = Math.floor(part * (row?.percent.length ?? 0));
    const percent = row?.percent[column];
    if (row === undefined || percent === undefined) return undefined;
    const who = row.peers === 1 ? row.label : `peers ${row.label} to finish`;
    return `${who} at ${duration(fromSeconds + (column + 1) * columnSeconds)}: ${percent} %`;
  });
}

function titles(
  pen: CanvasRenderingContext2D,
  theme: Theme,
  width: number,
  content: ContentView,
): void {
  const grouped = content.heat.rows.some(({ peers }) => peers > 1);
  pen.fillStyle = theme.quiet;
  pen.textAlign = "right";
  pen.fillText(grouped ? "Finished as" : "Peer", gutter.left - 8, 10);
  pen.textAlign = "left";
  pen.fillText("Took", width - gutter.right + 8, 10);
}

/** Frames the time in which the peer itself was at fault's mercy. */
function outage(
  pen: CanvasRenderingContext2D,
  theme: Theme,
  fault: FaultView,
  y: number,
  rowHeight: number,
  x: (seconds: number) => number,
): void {
  const from = x(fault.fromSeconds);
  const to = fault.toSeconds === null ? x(Infinity) : x(fault.toSeconds);
  // A fault outside of the time that is shown has both its ends at one edge.
  if (from === to && (from === x(-Infinity) || from === x(Infinity))) return;
  pen.strokeStyle = theme.bad;
  pen.lineWidth = 2;
  pen.strokeRect(from, y + 1, Math.max(3, to - from), rowHeight - 3);
  pen.lineWidth = 1;
}
