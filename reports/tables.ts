/** Tables of the page: what each picture shows, for who reads instead of looks. */

import type { ClaimResult, ContentResult } from "../sim/record.ts";
import { markup, shortened, visible } from "./escape.ts";
import { count, duration, multiple, signedPercent, size } from "./units.ts";
import type { Completion, Point, View } from "./view.ts";

/** Rows of a fallback table over time; the CSV file has them all. */
const MOST_MOMENTS = 24;
const MOST_ROWS = 1000;

/** A claim may fail by being infinitely far off; a meter has an end. */
const FULL_MARGIN = 1;

/** The claims: failed ones first, each with what was wanted, what came, and by how much. */
export function claimsTable(claims: readonly ClaimResult[]): string {
  const rows = [...claims.filter(({ ok }) => !ok), ...claims.filter(({ ok }) => ok)];
  const body = rows.map((claim) => {
    const state = claim.ok ? `<td class="holds">✓ ok</td>` : `<td class="fails">✕ FAIL</td>`;
    const margin = Math.max(0, Math.min(FULL_MARGIN, claim.margin));
    return `<tr>${state}<td class="name">${text(claim.name)}</td><td>${text(claim.target)}</td>` +
      `<td>${text(claim.actual)}</td><td class="number">${signedPercent(claim.margin)}` +
      `<meter min="0" max="${FULL_MARGIN}" value="${margin}" aria-hidden="true"></meter></td></tr>`;
  });
  return table(["", "Claim", "Target", "Actual", "#Margin"], body);
}

/** The contents, with how near each came to what the links allow. */
export function contentsTable(contents: readonly ContentResult[]): string {
  const titles = [
    "Content",
    "#Size",
    "#Complete",
    "#p50",
    "#p95",
    "#Last",
    "#Floor",
    "#Last ÷ floor",
    "#Source sent",
    "#Wasted",
  ];
  const body = contents.slice(0, MOST_ROWS).map((content) => {
    const whole = content.completed >= content.wanted;
    const done = `${count(content.completed)} of ${count(content.wanted)}`;
    return row([text(content.name)], [
      size(content.bytes),
      whole ? done : `<span class="fails">✕ ${done}</span>`,
      duration(content.p50Seconds),
      duration(content.p95Seconds),
      duration(content.lastSeconds),
      duration(content.floorSeconds),
      multiple(content.floorRatio),
      `${content.sourceCopies.toFixed(2)} copies`,
      size(content.wastedBytes),
    ]);
  });
  return table(titles, body) + left(contents.length);
}

/** By content: when a tenth, a quarter, half ... of the peers were complete. */
export function completionTable(view: View): string {
  const parts = [10, 25, 50, 75, 90, 95, 100];
  const body = view.contents.map((content) =>
    row([text(content.name)], [
      ...parts.map((part) => {
        const reached = content.completion.find(([, percent]) => percent >= part - 1e-6);
        return reached === undefined ? "never" : duration(reached[0]);
      }),
      duration(content.floorSeconds),
    ])
  );
  return table(["Content", ...parts.map((part) => `#${part} %`), "#Floor"], body);
}

/** Values of the contents' lines at some moments, evenly chosen. */
export function momentsTable(
  view: View,
  pointsOf: (content: View["contents"][number]) => readonly Point[],
  written: (value: number) => string,
): string {
  const moments = view.contents[0] === undefined ? [] : pointsOf(view.contents[0]);
  const every = Math.max(1, Math.ceil(moments.length / MOST_MOMENTS));
  const body = moments.flatMap(([seconds], at) => {
    if (at % every !== 0 && at !== moments.length - 1) return [];
    const values = view.contents.map((content) => {
      const point = pointsOf(content)[at];
      return point === undefined ? "" : written(point[1]);
    });
    return [row([], [duration(seconds), ...values])];
  });
  return table(["#Virtual time", ...view.contents.map(({ name }) => `#${name}`)], body);
}

/** By peer: how long each content took. */
export function peersTable(view: View): string {
  const took = (completed: Completion) => {
    if (completed === null) return `<span class="fails">never</span>`;
    return completed === "source" ? "source" : duration(completed);
  };
  const body = view.peers.slice(0, MOST_ROWS)
    .map(({ name, completedAt }) => row([text(name)], completedAt.map(took)));
  return table(["Peer", ...view.contents.map(({ name }) => `#${name}`)], body) +
    left(view.peers.length);
}

/** The faults in the order of the record. */
export function faultsTable(view: View): string {
  const body = view.faults.slice(0, MOST_ROWS).map(({ kind, who, fromSeconds, toSeconds }) =>
    row([text(kind), text(who)], [
      duration(fromSeconds),
      toSeconds === null ? "the end" : duration(toSeconds),
    ])
  );
  return table(["Fault", "Who", "#From", "#To"], body) +
    left(view.faults.length + view.faultsNotDrawn);
}

/** Requests that each server answered. */
export function serversTable(view: View): string {
  const body = view.perServer.slice(0, MOST_ROWS)
    .map((served, at) => row([`server ${at + 1}`], [count(served)]));
  return table(["Server", "#Requests served"], body) + left(view.perServer.length);
}

/** A table; a title that begins with # heads a column of numbers. */
function table(titles: readonly string[], body: readonly string[]): string {
  const heads = titles.map((title) =>
    title.startsWith("#")
      ? `<th scope="col" class="number">${text(title.slice(1))}</th>`
      : `<th scope="col">${text(title)}</th>`
  );
  return `<div class="scroll" tabindex="0"><table><thead><tr>${heads.join("")}</tr></thead>` +
    `<tbody>${body.join("\n")}</tbody></table></div>`;
}

function row(texts: readonly string[], numbers: readonly string[]): string {
  return `<tr>${texts.map((cell) => `<td>${cell}</td>`).join("")}` +
    `${numbers.map((cell) => `<td class="number">${cell}</td>`).join("")}</tr>`;
}

/** Says so where a table does not show all. */
function left(length: number): string {
  return length <= MOST_ROWS
    ? ""
    : `<p class="quiet">The first ${count(MOST_ROWS)} of ${count(length)}</p>`;
}

function text(words: string): string {
  return markup(shortened(visible(words), 160));
}
