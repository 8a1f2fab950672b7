/// <reference lib="dom" />
/** The pictures that Chart.js draws: completion, goodput, source copies, load of servers. */

import type { Chart as Drawn, ChartConfiguration, Plugin } from "./chart_js.ts";
import { duration } from "../units.ts";
import type { ContentView, Point, View } from "../view.ts";
import { gutter, rateUnit, roundEnd, tidy, timeUnit, type Unit } from "./axes.ts";
import type { Theme } from "./theme.ts";

/** One line of a chart, its x in seconds. */
interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

interface Axes {
  readonly time: Unit;
  readonly timeTitle: string;
  readonly endSeconds: number;
  readonly valueTitle: string;
  readonly highest?: number;
  readonly told: (value: number) => string;
}

/** Who completed when: percent of the peers over the time since it was published. */
export function completionChart(view: View, theme: Theme): ChartConfiguration<"line", Spot[]> {
  const last = Math.max(
    ...view.contents.map(({ completion, floorSeconds }) =>
      Math.max(completion.at(-1)?.[0] ?? 0, floorSeconds)
    ),
  );
  const time = timeUnit(last);
  const axes: Axes = {
    time,
    timeTitle: "Time since it was published",
    endSeconds: roundEnd(last * 1.01 / time.divide, 8) * time.divide,
    valueTitle: "Peers complete (%)",
    highest: 100,
    told: (value) => `${tidy(value)} %`,
  };
  const lines = view.contents.map(({ name, completion }) => ({
    name,
    // On to the edge, so that what stays below 100 % is seen to stay there.
    points: [...completion, [axes.endSeconds, completion.at(-1)?.[1] ?? 0] as const],
  }));
  const config = lineChart(lines, theme, axes);
  config.data.datasets.forEach((dataset, at) => {
    dataset.stepped = "before";
    // In the legend and not beside its upright, where it would lie across the other lines.
    const floor = duration(view.contents[at]?.floorSeconds ?? 0);
    dataset.label = `${dataset.label} (floor ${floor})`;
  });
  return { ...config, plugins: [floors(view.contents, theme, axes.time)] };
}

/** Bytes that arrived at all peers, by content, one on top of the other. */
export function goodputChart(view: View, theme: Theme): ChartConfiguration<"line", Spot[]> {
  const totals =
    view.contents[0]?.goodput.map((_, at) =>
      view.contents.reduce((sum, { goodput }) => sum + (goodput[at]?.[1] ?? 0), 0)
    ) ?? [];
  const unit = rateUnit(totals.reduce((most, total) => Math.max(most, total), 0));
  const axes: Axes = {
    time: timeUnit(view.endSeconds),
    timeTitle: "Virtual time",
    endSeconds: view.endSeconds,
    valueTitle: `Goodput, all peers (${unit.name})`,
    told: (value) => `${tidy(value)} ${unit.name}`,
  };
  const lines = view.contents.map(({ name, goodput }) => ({
    name,
    points: goodput.map(([seconds, rate]): Point => [seconds, rate / unit.divide]),
  }));
  const config = lineChart(lines, theme, axes);
  config.data.datasets.forEach((dataset, at) => {
    dataset.fill = at === 0 ? "origin" : "-1";
    dataset.backgroundColor = `${seriesColour(theme, at)}38`;
  });
  const scales = config.options?.scales;
  if (scales?.y !== undefined) {
    scales.y = { ...scales.y, stacked: true, afterFit: (scale) => scale.width = gutter.left };
  }
  return {
    ...config,
    options: { ...config.options, layout: { padding: { right: gutter.right } } },
  };
}

/** How often the source has sent what it published. */
export function copiesChart(view: View, theme: Theme): ChartConfiguration<"line", Spot[]> {
  const axes: Axes = {
    time: timeUnit(view.endSeconds),
    timeTitle: "Virtual time",
    endSeconds: view.endSeconds,
    valueTitle: "Copies sent by the source",
    told: (value) => `${tidy(value)} copies`,
  };
  const lines = view.contents.map(({ name, sourceCopies }) => ({ name, points: sourceCopies }));
  return lineChart(lines, theme, axes);
}

/** What each server carried, against an equal share. */
export function serverChart(view: View, theme: Theme): ChartConfiguration<"bar", number[]> {
  const { perServer } = view;
  const share = perServer.reduce((sum, served) => sum + served, 0) / perServer.length;
  const equal: Plugin<"bar"> = {
    id: "equal-share",
    afterDatasetsDraw({ ctx: pen, chartArea, scales }) {
      const y = Math.round(scales.y?.getPixelForValue(share) ?? 0) + 0.5;
      dashed(pen, theme.text, [chartArea.left, y], [chartArea.right, y]);
    },
  };
  return {
    type: "bar",
    data: {
      labels: perServer.map((_, at) => `server ${at + 1}`),
      datasets: [{
        label: "Requests served",
        data: [...perServer],
        backgroundColor: theme.series[0] as string,
      }],
    },
    plugins: [equal],
    options: {
      ...common,
      scales: {
        x: { ...axis(theme, ""), grid: { display: false } },
        y: { ...axis(theme, "Requests served"), beginAtZero: true },
      },
      plugins: { legend: { display: false } },
    },
  };
}

/** A place on a line, in the units of the axes. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

const common = { animation: false, responsive: true, maintainAspectRatio: false } as const;

function lineChart(
  lines: readonly Line[],
  theme: Theme,
  axes: Axes,
): ChartConfiguration<"line", Spot[]> {
  return {
    type: "line",
    data: {
      datasets: lines.map(({ name, points }, at) => ({
        label: name,
        data: points.map(([seconds, y]) => ({ x: seconds / axes.time.divide, y })),
        borderColor: seriesColour(theme, at),
        backgroundColor: seriesColour(theme, at),
        borderWidth: 2,
        borderDash: at % 2 === 0 ? [] : [7, 2],
        pointRadius: 0,
        pointHitRadius: 8,
      })),
    },
    options: {
      ...common,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      scales: {
        x: {
          ...axis(theme, `${axes.timeTitle} (${axes.time.name})`),
          type: "linear",
          min: 0,
          max: axes.endSeconds / axes.time.divide,
        },
        y: {
          ...axis(theme, axes.valueTitle),
          beginAtZero: true,
          ...(axes.highest === undefined ? {} : { max: axes.highest }),
        },
      },
      plugins: {
        legend: { align: "start", labels: legend(theme) },
        tooltip: {
          callbacks: {
            title: ([item]) => duration((item?.parsed.x ?? 0) * axes.time.divide),
            label: (item) => ` ${lines[item.datasetIndex]?.name}: ${axes.told(item.parsed.y ?? 0)}`,
          },
        },
      },
    },
  };
}

function axis(theme: Theme, title: string) {
  return {
    title: { display: title !== "", text: title, color: theme.quiet },
    grid: { color: theme.grid },
    border: { color: theme.grid },
    // Without the bounds: a run that ends at 7.5 would lose the tick at 7 to it.
    ticks: { color: theme.quiet, maxRotation: 0, autoSkipPadding: 16, includeBounds: false },
  };
}

function legend(theme: Theme) {
  return { color: theme.text, usePointStyle: true, pointStyle: "line" as const, boxWidth: 28 };
}

function seriesColour(theme: Theme, at: number): string {
  return theme.series[at % theme.series.length] as string;
}

/** A dashed upright for each content at the time that no protocol can beat. */
function floors(contents: readonly ContentView[], theme: Theme, time: Unit): Plugin<"line"> {
  return {
    id: "floors",
    afterDatasetsDraw(chart: Drawn) {
      const { ctx: pen, chartArea, scales } = chart;
      contents.forEach(({ floorSeconds }, at) => {
        if (!chart.isDatasetVisible(at)) return;
        const x = Math.round(scales.x?.getPixelForValue(floorSeconds / time.divide) ?? 0) + 0.5;
        dashed(pen, seriesColour(theme, at), [x, chartArea.top], [x, chartArea.bottom]);
      });
    },
  };
}

function dashed(
  pen: CanvasRenderingContext2D,
  colour: string,
  from: readonly [number, number],
  to: readonly [number, number],
): void {
  pen.save();
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  pen.setLineDash([3, 4]);
  pen.beginPath();
  pen.moveTo(...from);
  pen.lineTo(...to);
  pen.stroke();
  pen.restore();
}
