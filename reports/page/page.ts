/// <reference lib="dom" />
/** Brings the page to life: reads the view that is written into it, draws, and listens. */

import type { Chart as Drawn } from "./chart_js.ts";
import type { View } from "../view.ts";
import { csv, download, rowsOf } from "./download.ts";
import { drawFaults } from "./faults.ts";
import { drawHeat } from "./heat.ts";
import { completionChart, copiesChart, goodputChart, serverChart } from "./lines.ts";
import { currentTheme, followTheme, type Theme } from "./theme.ts";

/** Defined by the classic script above ours. */
declare const Chart: new (canvas: HTMLCanvasElement, config: unknown) => Drawn;

/** By the picture's name in `data-picture`; the others are drawn by ourselves. */
const lineCharts: Record<string, (view: View, theme: Theme) => unknown> = {
  completion: completionChart,
  goodput: goodputChart,
  copies: copiesChart,
  servers: serverChart,
};

const charts = new Map<string, Drawn>();

/** Draws every picture of the page, in the colours in force. */
function draw(view: View): void {
  const theme = currentTheme();
  for (const canvas of document.querySelectorAll<HTMLCanvasElement>("canvas[data-picture]")) {
    const picture = canvas.dataset.picture as string;
    const config = lineCharts[picture]?.(view, theme);
    if (config !== undefined) {
      charts.get(picture)?.destroy();
      charts.set(picture, new Chart(canvas, config));
    } else if (picture === "faults") {
      drawFaults(canvas, view, theme);
    } else {
      const content = view.contents[shownContent()];
      if (content !== undefined) drawHeat(canvas, view, content, theme);
    }
  }
}

/** The content that the heat map shows. */
function shownContent(): number {
  return Number(document.querySelector<HTMLSelectElement>("#heat-content")?.value ?? 0);
}

/** Copies the replay command; where the browser forbids it, selects it for the reader to copy. */
async function copyReplay(button: HTMLButtonElement): Promise<void> {
  const command = document.getElementById("replay") as HTMLElement;
  try {
    await navigator.clipboard.writeText(command.textContent ?? "");
    button.textContent = "Copied";
  } catch {
    getSelection()?.selectAllChildren(command);
    button.textContent = "Press Ctrl+C";
  }
}

/** Everything that happens when the page is opened. */
function open(): void {
  const view: View = JSON.parse(document.getElementById("view")?.textContent ?? "{}");
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-csv]")) {
    const picture = button.dataset.csv as string;
    button.onclick = () => {
      const name = `${view.scenario}-seed${view.seed}-${picture}.csv`;
      download(name, csv(rowsOf(picture, view, shownContent())));
    };
  }
  const copy = document.getElementById("copy") as HTMLButtonElement;
  copy.onclick = () => copyReplay(copy);
  document.getElementById("heat-content")?.addEventListener("change", () => draw(view));
  // Chart.js watches its own canvases; ours are drawn anew when the width of the page has changed.
  addEventListener("resize", () => draw(view));
  followTheme(document.getElementById("theme") as HTMLButtonElement, () => draw(view));
}

open();
