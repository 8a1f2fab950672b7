/// <reference lib="dom" />
/** Drawing of our own: sharp on any screen, with a time axis below and a note at the pointer. */

import { gutter, ticks, tidy, timeUnit } from "./axes.ts";
import type { Theme } from "./theme.ts";

/** What is read first. */
export const font = "12px system-ui, sans-serif";
/** What stands in rows too low for the other. */
export const smallFont = "10px system-ui, sans-serif";

/** Height below the plot for ticks, numbers and the title of the time axis. */
export const axisHeight = 44;

/** The width that a canvas may fill. */
export function widthOf(canvas: HTMLCanvasElement): number {
  return Math.max(320, canvas.parentElement?.clientWidth ?? 960);
}

/** A cleared context in CSS pixels, at the resolution of the screen. */
export function fresh(
  canvas: HTMLCanvasElement,
  height: number,
): { pen: CanvasRenderingContext2D; width: number } {
  const width = widthOf(canvas);
  const sharpness = Math.max(1, devicePixelRatio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * sharpness);
  canvas.height = Math.round(height * sharpness);
  const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
  pen.scale(sharpness, sharpness);
  pen.font = font;
  pen.textBaseline = "middle";
  return { pen, width };
}

/** A stretch of virtual time. */
export interface Span {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** Where a time stands across a plot of some width; what is outside stands at the edge. */
export function placeOf(span: Span, width: number): (seconds: number) => number {
  const across = width - gutter.left - gutter.right;
  return (seconds) => {
    const part = (seconds - span.fromSeconds) / (span.toSeconds - span.fromSeconds);
    return gutter.left + Math.max(0, Math.min(1, part)) * across;
  };
}

/** The axis of virtual time under a plot that ends at `bottom`. */
export function timeAxis(
  pen: CanvasRenderingContext2D,
  theme: Theme,
  span: Span,
  plot: { width: number; bottom: number },
): void {
  const unit = timeUnit(span.toSeconds);
  const place = placeOf(span, plot.width);
  const across = plot.width - gutter.left - gutter.right;
  pen.fillStyle = theme.quiet;
  pen.strokeStyle = theme.grid;
  pen.textAlign = "center";
  const [from, to] = [span.fromSeconds / unit.divide, span.toSeconds / unit.divide];
  for (const tick of ticks(from, to, Math.max(2, across / 80))) {
    const x = Math.round(place(tick * unit.divide)) + 0.5;
    pen.beginPath();
    pen.moveTo(x, plot.bottom);
    pen.lineTo(x, plot.bottom + 5);
    pen.stroke();
    pen.fillText(tidy(tick), x, plot.bottom + 14);
  }
  pen.fillText(`Virtual time (${unit.name})`, gutter.left + across / 2, plot.bottom + 34);
}

/** Text cut to a width, with an ellipsis. */
export function fitted(pen: CanvasRenderingContext2D, text: string, width: number): string {
  if (pen.measureText(text).width <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && pen.measureText(`${characters.join("")}…`).width > width) {
    characters.pop();
  }
  return `${characters.join("")}…`;
}

/** Shows what `tell` says of the place under the pointer, and nothing where it says nothing. */
export function pointAt(
  canvas: HTMLCanvasElement,
  tell: (x: number, y: number) => string | undefined,
): void {
  const note = document.getElementById("note") as HTMLElement;
  canvas.onpointermove = (event) => {
    const text = tell(event.offsetX, event.offsetY);
    note.hidden = text === undefined;
    if (text === undefined) return;
    note.textContent = text;
    // Left of the pointer where the right edge is near: a note must not widen the page.
    const left = event.clientX + 14 + note.offsetWidth > innerWidth
      ? event.clientX - 14 - note.offsetWidth
      : event.clientX + 14;
    note.style.left = `${left}px`;
    note.style.top = `${event.clientY + 14}px`;
  };
  canvas.onpointerleave = () => note.hidden = true;
}
