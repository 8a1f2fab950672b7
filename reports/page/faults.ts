/// <reference lib="dom" />
/** The fault timeline: a lane for each kind, in line with the plots above and below it. */

import type { FaultView, View } from "../view.ts";
import { count, duration } from "../units.ts";
import { gutter } from "./axes.ts";
import { axisHeight, fitted, font, fresh, placeOf, pointAt, timeAxis, widthOf } from "./canvas.ts";
import type { Theme } from "./theme.ts";

/** Bars beyond so many at once are drawn as a curve of how many there are. */
const mostRows = 6;
const rowHeight = 20;
const laneGap = 8;
const longestBeside = 110;

interface Box {
  readonly fault: FaultView;
  readonly from: number;
  readonly to: number;
  readonly row: number;
}

interface Lane {
  readonly kind: string;
  readonly boxes: readonly Box[];
  readonly rows: number;
}

/** Draws all faults of a run. */
export function drawFaults(canvas: HTMLCanvasElement, view: View, theme: Theme): void {
  const width = widthOf(canvas);
  const across = width - gutter.left - gutter.right;
  const span = { fromSeconds: 0, toSeconds: view.endSeconds };
  const x = placeOf(span, width);
  const lanes = lanesOf(canvas.getContext("2d") as CanvasRenderingContext2D, view, x);
  const heightOf = (lane: Lane) => (lane.rows > mostRows ? 3 : lane.rows) * rowHeight;
  const bottom = lanes.reduce((sum, lane) => sum + heightOf(lane) + laneGap, 2);
  const { pen } = fresh(canvas, bottom + axisHeight);
  const drawn: { box: Box; y: number }[] = [];
  let y = 2;
  lanes.forEach((lane, at) => {
    const height = heightOf(lane);
    // From the far end: the contents take their colours from the near one.
    const colour = theme.series.at(-1 - at % theme.series.length) as string;
    pen.fillStyle = theme.text;
    pen.textAlign = "right";
    pen.fillText(fitted(pen, lane.kind, gutter.left - 14), gutter.left - 8, y + height / 2);
    pen.fillStyle = theme.quiet;
    pen.textAlign = "left";
    pen.fillText(`×${count(lane.boxes.length)}`, gutter.left + across + 8, y + height / 2);
    pen.fillStyle = theme.band;
    pen.fillRect(gutter.left, y, across, height);
    if (lane.rows > mostRows) {
      crowd(pen, colour, lane, { y, height, across });
    } else {
      for (const box of lane.boxes) {
        drawn.push({ box, y: y + box.row * rowHeight });
        bar(pen, theme, colour, box, y + box.row * rowHeight);
      }
    }
    y += height + laneGap;
  });
  timeAxis(pen, theme, span, { width, bottom });
  pointAt(canvas, (atX, atY) => {
    const found = drawn.find(({ box, y }) =>
      atX >= box.from - 2 && atX <= box.to + 2 && atY >= y && atY < y + rowHeight
    );
    if (found === undefined) return undefined;
    const { kind, who, fromSeconds, toSeconds } = found.box.fault;
    const end = toSeconds === null ? "the end" : duration(toSeconds);
    return `${kind}: ${who}, ${duration(fromSeconds)} to ${end}`;
  });
}

/** One bar with its name inside, or beside it where there is no room. */
function bar(
  pen: CanvasRenderingContext2D,
  theme: Theme,
  colour: string,
  box: Box,
  y: number,
): void {
  pen.fillStyle = colour;
  pen.fillRect(box.from, y + 2, box.to - box.from, rowHeight - 4);
  pen.textAlign = "left";
  const inside = namedInside(box);
  pen.fillStyle = inside ? theme.surface : theme.text;
  const text = fitted(pen, box.fault.who, inside ? box.to - box.from - 10 : longestBeside);
  pen.fillText(text, inside ? box.from + 5 : box.to + 4, y + rowHeight / 2);
}

/** How many faults of one kind are at work, over time. */
function crowd(
  pen: CanvasRenderingContext2D,
  colour: string,
  lane: Lane,
  place: { y: number; height: number; across: number },
): void {
  const counts = new Float64Array(Math.max(1, Math.floor(place.across)));
  for (const { from, to } of lane.boxes) {
    const first = Math.max(0, Math.floor(from - gutter.left));
    for (let at = first; at < Math.min(to - gutter.left, counts.length); at++) {
      counts[at] = (counts[at] as number) + 1;
    }
  }
  const most = counts.reduce((high, value) => Math.max(high, value), 1);
  pen.fillStyle = colour;
  counts.forEach((value, at) => {
    const height = value / most * (place.height - 2);
    pen.fillRect(gutter.left + at, place.y + place.height - height, 1, height);
  });
  pen.textAlign = "left";
  pen.fillText(`max ${most}`, gutter.left + place.across + 8, place.y + 10);
}

/** Faults by kind, each in the first row that is free. */
function lanesOf(
  pen: CanvasRenderingContext2D,
  view: View,
  x: (seconds: number) => number,
): Lane[] {
  pen.font = font;
  const kinds = new Map<string, FaultView[]>();
  for (const fault of view.faults) kinds.set(fault.kind, [...kinds.get(fault.kind) ?? [], fault]);
  return [...kinds].map(([kind, faults]) => {
    const freeAt: number[] = [];
    const boxes = faults.sort((one, other) => one.fromSeconds - other.fromSeconds).map((fault) => {
      const from = x(fault.fromSeconds);
      const to = Math.max(from + 3, x(fault.toSeconds ?? view.endSeconds));
      const beside = Math.min(longestBeside, pen.measureText(fault.who).width) + 10;
      const free = freeAt.findIndex((until) => until <= from);
      const row = free === -1 ? freeAt.length : free;
      freeAt[row] = namedInside({ from, to }) ? to + 2 : to + beside;
      return { fault, from, to, row };
    });
    return { kind, boxes, rows: freeAt.length };
  });
}

function namedInside({ from, to }: { from: number; to: number }): boolean {
  return to - from > 60;
}
