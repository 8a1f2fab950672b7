/** A run as one page: a single file that opens from a disk, without a network, for as long as it lasts. */

import type { RunRecord } from "../sim/record.ts";
import { markup, scriptJson, scriptText } from "./escape.ts";
import { chartJs, chartJsVersion } from "./page/chart_js.ts";
import style from "./page/page.css" with { type: "text" };
import { pageScript } from "./page/script.ts";
import {
  claimsTable,
  completionTable,
  contentsTable,
  faultsTable,
  momentsTable,
  peersTable,
  serversTable,
} from "./tables.ts";
import { count, duration, multiple, size, things } from "./units.ts";
import { type View, view as viewOf } from "./view.ts";

/** Nothing may be loaded from anywhere: what peers named cannot become a request. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; " +
  "base-uri 'none'; form-action 'none'";

/** The page of one run. */
export function html(record: RunRecord): string {
  const { result } = record;
  const view = viewOf(record);
  const title = `${result.scenario}, seed ${result.seed}: ${verdict(record)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${markup(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${header(record)}
<section aria-labelledby="claims"><h2 id="claims">Claims</h2>${
    result.claims.length === 0
      ? `<p class="quiet">This scenario claims nothing</p>`
      : claimsTable(result.claims)
  }</section>
${contentsSection(record, view)}
${figures(view).join("\n")}
${countsSection(record)}
</main>
<div id="note" role="status" hidden></div>
<script type="application/json" id="view">${scriptJson(view)}</script>
<script>/* Chart.js ${chartJsVersion}, MIT */${scriptText(chartJs)}</script>
<script>${scriptText(pageScript)}</script>
</body>
</html>
`;
}

function verdict({ result }: RunRecord): string {
  const failed = result.claims.filter(({ ok }) => !ok).length;
  if (failed > 0) return `${count(failed)} of ${things(result.claims.length, "claim")} failed`;
  if (!result.ok) return "the run failed";
  return result.claims.length === 1 ? "the claim holds" : `all ${result.claims.length} claims hold`;
}

function header(record: RunRecord): string {
  const { result, series } = record;
  const good = result.ok && result.claims.every(({ ok }) => ok);
  const speed = result.wallSeconds > 0 ? result.virtualSeconds / result.wallSeconds : 0;
  const time = result.mode === "sim"
    ? [
      ["Simulated", duration(result.virtualSeconds)],
      ["Took", `${duration(result.wallSeconds)} (${pace(speed)} real time)`],
    ]
    : [["Live for", duration(result.wallSeconds)]];
  const facts = [
    ["Seed", String(result.seed)],
    ["Nodes", count(result.nodes)],
    ...time,
    ["Events", count(result.events)],
    ...Object.entries(series.options),
  ].map(([name, value]) =>
    `<div><dt>${markup(name ?? "")}</dt><dd>${markup(value ?? "")}</dd></div>`
  );
  return `<header>
<div class="bar"><h1><bdi>${markup(result.scenario)}</bdi></h1>
<span class="verdict ${good ? "holds" : "fails"}">${good ? "✓" : "✕"} ${
    markup(verdict(record))
  }</span>
<button type="button" id="theme">Dark colours</button></div>
<dl class="facts">${facts.join("")}
<div><dt>Digest</dt><dd><code>${markup(result.digest)}</code></dd></div></dl>
<div class="again"><span class="quiet">Again:</span><code id="replay">${
    markup(result.replay)
  }</code>
<button type="button" id="copy">Copy</button></div>
</header>`;
}

function pace(speed: number): string {
  return speed < 10 ? multiple(speed) : `${count(Math.round(speed))}x`;
}

function contentsSection({ result }: RunRecord, view: View): string {
  const contents = result.contents ?? [];
  if (contents.length === 0) return "";
  const some = view.contentsNotDrawn === 0
    ? ""
    : `<p class="quiet">The pictures show ${
      things(view.contents.length, "content")
    }: the unfinished and the slowest</p>`;
  return `<section aria-labelledby="contents"><h2 id="contents">Contents</h2>${
    contentsTable(contents)
  }${some}</section>`;
}

interface Figure {
  /** The picture's name, which the page's program knows it by. */
  readonly picture: string;
  readonly title: string;
  readonly caption: string;
  /** What the picture shows, for who cannot see it. */
  readonly told: string;
  readonly table: string;
  readonly size: "half" | "whole" | "own";
  readonly choice?: string;
}

function figures(view: View): string[] {
  const all = [
    ...view.contents.length === 0
      ? []
      : [completionFigure(view), copiesFigure(view), goodputFigure(view)],
    ...view.faults.length === 0 ? [] : [faultsFigure(view)],
    ...view.contents.length === 0 ? [] : [heatFigure(view)],
    ...view.perServer.length < 2 ? [] : [serversFigure(view)],
  ];
  return all.map(figure);
}

function figure(of: Figure): string {
  return `<figure${of.size === "half" ? ` class="half"` : ""}>
<div class="bar"><h2>${of.title}</h2>${of.choice ?? ""}
<button type="button" data-csv="${of.picture}" aria-label="Download ${of.title} as CSV">CSV</button></div>
<figcaption>${of.caption}</figcaption>
<div class="plot${
    of.size === "own" ? " own" : ""
  }"><canvas data-picture="${of.picture}" role="img" ` +
    `aria-label="${markup(of.told)}"></canvas></div>
<details><summary>Show as a table</summary>${of.table}</details>
</figure>`;
}

function completionFigure(view: View): Figure {
  const told = view.contents.map(({ name, completed, wanted, completion, floorSeconds }) => {
    const last = completion.at(-1)?.[0] ?? 0;
    return `${name}: ${completed} of ${wanted} peers, the last after ${duration(last)}, ` +
      `floor ${duration(floorSeconds)}`;
  });
  return {
    picture: "completion",
    title: "Completion",
    caption:
      "Peers that hold the whole content. The dotted upright is the floor: no protocol can " +
      "serve the last peer sooner over these links.",
    told: `Completion over time. ${told.join(". ")}.`,
    table: completionTable(view),
    size: "half",
  };
}

function copiesFigure(view: View): Figure {
  const told = view.contents.map(({ name, sourceCopies }) =>
    `${name}: ${multiple(sourceCopies.at(-1)?.[1] ?? 0)} its size`
  );
  return {
    picture: "copies",
    title: "Source copies",
    caption:
      "How much the source itself has sent, in copies of the content. One is the least; the " +
      "rest of the work is done by peers.",
    told: `Copies sent by the source over time. ${told.join(". ")}.`,
    table: momentsTable(view, ({ sourceCopies }) => sourceCopies, (copies) => copies.toFixed(2)),
    size: "half",
  };
}

function goodputFigure(view: View): Figure {
  const totals = view.contents[0]?.goodput.map(([seconds], at) => ({
    seconds,
    rate: view.contents.reduce((sum, { goodput }) => sum + (goodput[at]?.[1] ?? 0), 0),
  })) ?? [];
  const peak = totals.reduce((best, one) => one.rate > best.rate ? one : best, {
    seconds: 0,
    rate: 0,
  });
  return {
    picture: "goodput",
    title: "Goodput",
    caption: "Bodies arriving at all peers together, one content on top of the other.",
    told: `Goodput over time. The peak is ${size(peak.rate)} per second at ${
      duration(peak.seconds)
    }.`,
    table: momentsTable(view, ({ goodput }) => goodput, (rate) => `${size(rate)}/s`),
    size: "whole",
  };
}

function faultsFigure(view: View): Figure {
  const kinds = new Map<string, number>();
  for (const { kind } of view.faults) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const told = [...kinds].map(([kind, times]) => `${kind} ${times} times`).join(", ");
  const hidden = view.faultsNotDrawn === 0
    ? ""
    : ` ${count(view.faultsNotDrawn)} more are not drawn.`;
  return {
    picture: "faults",
    title: "Faults",
    caption: `What was broken, and when. In line with the goodput above.${hidden}`,
    told: `Fault timeline: ${told}.`,
    table: faultsTable(view),
    size: "own",
  };
}

function heatFigure(view: View): Figure {
  const options = view.contents.map(({ name }, at) =>
    `<option value="${at}">${markup(name)}</option>`
  );
  const grouped = view.contents.some(({ heat }) => heat.rows.some(({ peers }) => peers > 1));
  const never = view.contents.map(({ name, wanted, completed }) =>
    `${name}: ${wanted - completed} of ${wanted} peers never completed`
  );
  return {
    picture: "heat",
    title: "Progress of each peer",
    caption: `0 %<span class="key"></span>100 % of the content held. ` +
      (grouped
        ? "A row is a group of peers that finished one after the other, the first on top."
        : "The first to finish is on top" +
          (view.faults.length === 0 ? "." : "; a frame is a fault of that very peer.")),
    told: `Heat map of each peer's progress over time. ${never.join(". ")}.`,
    table: peersTable(view),
    size: "own",
    ...(options.length < 2 ? {} : {
      choice: `<select id="heat-content" aria-label="Content">${options.join("")}</select>`,
    }),
  };
}

function serversFigure(view: View): Figure {
  const total = view.perServer.reduce((sum, served) => sum + served, 0);
  const busiest = view.perServer.reduce((most, served) => Math.max(most, served), 0);
  return {
    picture: "servers",
    title: "Load of each server",
    caption: "The dotted line is an equal share.",
    told: `Requests served by ${view.perServer.length} servers. The busiest carries ${
      multiple(busiest * view.perServer.length / Math.max(1, total))
    } an equal share.`,
    table: serversTable(view),
    size: "whole",
  };
}

/** What has no picture: messages, requests and faults, counted. */
function countsSection({ result }: RunRecord): string {
  const { messages, requests, faults } = result;
  const groups: [string, [string, string][]][] = [];
  if (messages !== undefined) {
    groups.push(["Messages", [
      ["Sent", count(messages.sent)],
      ["Delivered", count(messages.delivered)],
      ["Lost", count(messages.lost)],
      ["Duplicated", count(messages.duplicated)],
      ["p50", duration(messages.p50Seconds)],
      ["p99", duration(messages.p99Seconds)],
    ]]);
  }
  if (requests !== undefined) {
    groups.push(["Requests", [
      ["Issued", count(requests.issued)],
      ["Served", count(requests.served)],
      ["Failed", count(requests.failed)],
      ["Duplicated", count(requests.duplicated)],
      ["p50", duration(requests.p50Seconds)],
      ["p99", duration(requests.p99Seconds)],
    ]]);
  }
  if (faults !== undefined) {
    groups.push(["Faults that struck", [
      ["Crashes", count(faults.crashes)],
      ["Partitions", count(faults.partitions)],
      ["Lost packets", count(faults.lostPackets)],
      ["Corruptions", count(faults.corruptions)],
    ]]);
  }
  return groups.map(([title, facts]) =>
    `<section><h2>${title}</h2><dl class="facts">${
      facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")
    }</dl></section>`
  ).join("\n");
}
