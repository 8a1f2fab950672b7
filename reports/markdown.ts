/** A gate's report for a pull request: the verdict first, then only what changed. */

import type { Comparison, MetricChange, Verdict } from "./compare.ts";
import { cell, shortened, visible } from "./escape.ts";
import type { ExitCode, GateReport } from "./gate.ts";
import { KINDS } from "./metrics.ts";
import { duration, signedPercent, things } from "./units.ts";

/** Finds the comment of the last run, to be replaced by this one. */
export const MARKER = "<!-- starling-report -->";

/** A comment that scrolls is a comment that nobody reads. */
const MOST_LINES = 60;

const SIGNS: Record<Verdict, string> = {
  worse: "❌ regression",
  broken: "❌ broken",
  incompatible: "⚠️ incompatible",
  missing: "⚠️ no baseline",
  better: "✅ better",
  within: "✅ within tolerance",
  identical: "✅ no behavioural change",
};

/** The report as Markdown, at most 60 lines. */
export function markdown(report: GateReport): string {
  const { comparisons } = report;
  const head = [
    MARKER,
    `## ${headline(report.exitCode, comparisons)}`,
    "",
    ...comparisons.length === 0 ? [] : overview(comparisons),
  ];
  const again = comparisons.filter(({ verdict, replay }) =>
    (verdict === "worse" || verdict === "broken") && replay !== ""
  ).map(({ replay }) => visible(replay).replaceAll("`", "\\u{60}"));
  const tail = [
    ...again.length === 0 ? [] : ["", "Again:", "```", ...again.slice(0, 5), "```"],
    "",
    "Virtual time decides; wall time is advisory.",
  ];
  const room = MOST_LINES - head.length - tail.length;
  return [...head, ...details(comparisons, room), ...tail].join("\n") + "\n";
}

function headline(exitCode: ExitCode, comparisons: readonly Comparison[]): string {
  const number = (verdict: Verdict) =>
    comparisons.filter((comparison) => comparison.verdict === verdict).length;
  const all = things(comparisons.length, "baseline");
  switch (exitCode) {
    case 99:
      return `❌ Regression in ${number("worse")} of ${all}`;
    case 1:
      return `❌ ${number("broken")} of ${all} could not be run`;
    case 3:
      return `⚠️ ${number("incompatible")} of ${all} cannot be compared`;
    case 97:
      return comparisons.length === 0
        ? "⚠️ There is no baseline"
        : `⚠️ No results to compare with in ${number("missing")} of ${all}`;
    case 0:
      return number("identical") === comparisons.length
        ? `✅ No behavioural change in ${all}`
        : `✅ No regression in ${all}`;
  }
}

/** A row per baseline; many that are identical share one. */
function overview(comparisons: readonly Comparison[]): string[] {
  const quiet = comparisons.filter(({ verdict }) => verdict === "identical");
  const crowded = comparisons.length > 12 && quiet.length > 1;
  const shown = crowded ? comparisons.filter((one) => !quiet.includes(one)) : comparisons;
  const rows = shown.slice(0, 20).map(({ name, seeds, verdict, why, wallSeconds }) => {
    const { before, now } = wallSeconds;
    const wall = before > 0 && now > 0
      ? `${duration(now)} (${signedPercent((now - before) / before)})`
      : duration(now);
    return `| ${named(name)} | ${things(seeds.length, "seed")} | ${SIGNS[verdict]} | ` +
      `${cell(shortened(why, 200))} | ${wall} |`;
  });
  return [
    "| Baseline | Runs | Verdict | Why | Wall time |",
    "| --- | ---: | --- | --- | ---: |",
    ...rows,
    ...shown.length > 20 ? [`| ${shown.length - 20} more | | | | |`] : [],
    ...crowded ? [`| ${quiet.length} others | | ${SIGNS.identical} | | |`] : [],
  ];
}

/** What changed, folded away per baseline, the gravest first; what does not fit is counted. */
function details(comparisons: readonly Comparison[], room: number): string[] {
  const order: readonly Verdict[] = ["worse", "better", "within"];
  const lines: string[] = [];
  let left = room;
  let hidden = 0;
  for (const verdict of order) {
    for (const comparison of comparisons.filter((one) => one.verdict === verdict)) {
      const rows = changes(comparison);
      // A fold costs eight lines around its rows; one line is kept for telling what is hidden.
      const fits = Math.min(rows.length, left - 9);
      if (rows.length === 0) continue;
      if (fits < 1) {
        hidden += rows.length;
        continue;
      }
      hidden += rows.length - fits;
      left -= fits + 8;
      lines.push(
        "",
        `<details${verdict === "worse" ? " open" : ""}>` +
          `<summary>${named(comparison.name)}: ${things(rows.length, "change")}</summary>`,
        "",
        "| What | Before | Now | Change | Allowed |",
        "| --- | ---: | ---: | ---: | ---: |",
        ...rows.slice(0, fits),
        "",
        "</details>",
      );
    }
  }
  return hidden === 0 ? lines : [...lines, `${things(hidden, "more change")} in the JUnit file`];
}

/** Claims, then metrics; the worse before the others. */
function changes({ claims, metrics }: Comparison): string[] {
  const grave = (verdict: string) => verdict === "worse" ? 0 : verdict === "better" ? 1 : 2;
  const claimRows = claims.filter(({ why }) => why !== "")
    .sort((one, other) => grave(one.verdict) - grave(other.verdict))
    .map(({ name, verdict, why }) =>
      `| ${sign(verdict)} claim: ${named(name)} | | ${cell(shortened(why, 120))} | | |`
    );
  const metricRows = metrics.filter(({ verdict }) => verdict !== "same")
    .sort((one, other) => grave(one.verdict) - grave(other.verdict))
    .map(metricRow);
  return [...claimRows, ...metricRows];
}

function metricRow(change: MetricChange): string {
  const { written, title } = KINDS[change.kind];
  const of = change.of === "" ? "" : `${named(change.of)}: `;
  const part = (value: number) =>
    change.before === 0 ? written(value) : signedPercent(value / Math.abs(change.before));
  const sure = change.interval === undefined
    ? ""
    : ` [${part(change.interval.low)}, ${part(change.interval.high)}]`;
  return `| ${sign(change.verdict)} ${of}${title} | ${written(change.before)} | ` +
    `${written(change.now)} | ${part(change.now - change.before)}${sure} | ` +
    `+${part(change.allowed).replace(/^\+/, "")} |`;
}

function sign(verdict: string): string {
  return verdict === "worse" ? "❌" : verdict === "better" ? "✅" : "·";
}

function named(name: string): string {
  return cell(shortened(visible(name), 60));
}
