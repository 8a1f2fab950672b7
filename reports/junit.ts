/** A gate's report as JUnit XML: a test case for each claim and each metric of each baseline. */

import type { ClaimChange, Comparison, MetricChange } from "./compare.ts";
import { markup } from "./escape.ts";
import type { GateReport } from "./gate.ts";
import { KINDS } from "./metrics.ts";

interface Case {
  readonly name: string;
  /** What is wrong, in one line; undefined where nothing is. */
  readonly failure?: string;
  /** Why nothing could be said: told as an error, which no reader counts as passed. */
  readonly error?: string;
  readonly said: string;
}

/** The report as XML. */
export function junit(report: GateReport): string {
  const suites = report.comparisons.map((comparison) => ({
    comparison,
    cases: casesOf(comparison),
  }));
  if (suites.length === 0) {
    return `<?xml version="1.0" encoding="UTF-8"?>\n` +
      `<testsuites name="starling report" tests="1" failures="0" errors="1">\n` +
      `  <testsuite name="baselines" tests="1" failures="0" errors="1" time="0">\n` +
      `    <testcase name="baselines exist" classname="reports.baselines" time="0">` +
      `<error message="There is no baseline"></error></testcase>\n` +
      `  </testsuite>\n</testsuites>\n`;
  }
  const all = suites.flatMap(({ cases }) => cases);
  return `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<testsuites name="starling report" ${counts(all)}>\n` +
    `${suites.map(({ comparison, cases }) => suite(comparison, cases)).join("\n")}\n` +
    `</testsuites>\n`;
}

function suite(comparison: Comparison, cases: readonly Case[]): string {
  const { name, seeds, virtualSeconds, wallSeconds, replay } = comparison;
  const properties = {
    seeds: seeds.join(" "),
    virtualSeconds: String(virtualSeconds),
    wallSeconds: String(wallSeconds.now),
    baselineWallSeconds: String(wallSeconds.before),
    replay,
  };
  const written = Object.entries(properties)
    .map(([key, value]) => `      <property name="${key}" value="${markup(value)}"/>`);
  return [
    `  <testsuite name="${markup(name)}" ${counts(cases)} time="${wallSeconds.now}">`,
    "    <properties>",
    ...written,
    "    </properties>",
    ...cases.map((one) => testCase(one, comparison)),
    "  </testsuite>",
  ].join("\n");
}

function testCase(one: Case, { name, scenario, replay }: Comparison): string {
  const again = replay === "" ? "" : `\nagain: ${replay}`;
  const kind = one.error === undefined ? "failure" : "error";
  const wrong = one.failure ?? one.error;
  const body = wrong === undefined
    ? `<system-out>${markup(one.said)}</system-out>`
    : `<${kind} message="${markup(wrong)}">${lines(`${one.said}${again}`)}</${kind}>`;
  return `    <testcase name="${markup(one.name)}" classname="reports.baselines.${markup(name)}" ` +
    `file="${markup(scenario)}" time="0">${body}</testcase>`;
}

function casesOf(comparison: Comparison): Case[] {
  const { verdict, why, claims, metrics } = comparison;
  if (verdict === "missing" || verdict === "incompatible" || verdict === "broken") {
    return [{ name: "can be compared", error: why, said: why }];
  }
  const compared = { name: "can be compared", said: why };
  return [compared, ...claims.map(claimCase), ...metrics.map(metricCase)];
}

function claimCase({ name, verdict, why }: ClaimChange): Case {
  const said = why === "" ? "holds" : why;
  return { name: `claim: ${name}`, said, ...(verdict === "worse" ? { failure: said } : {}) };
}

function metricCase(change: MetricChange): Case {
  const { title, written } = KINDS[change.kind];
  const of = change.of === "" ? "" : `${change.of}: `;
  const sure = change.interval === undefined
    ? ""
    : `, 95 % sure of a change from ${plain(change.interval.low)} to ${
      plain(change.interval.high)
    }`;
  const said = `was ${written(change.before)}, is ${written(change.now)} ` +
    `(${plain(change.before)} to ${plain(change.now)}, allowed +${plain(change.allowed)}${sure})`;
  return { name: `${of}${title}`, said, ...(change.verdict === "worse" ? { failure: said } : {}) };
}

/** Without the digits that only arithmetic has put there. */
function plain(value: number): string {
  return String(Number(value.toPrecision(9)));
}

function counts(cases: readonly Case[]): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const errors = cases.filter(({ error }) => error !== undefined).length;
  return `tests="${cases.length}" failures="${failures}" errors="${errors}"`;
}

/** Text of several lines: only its own line ends act. */
function lines(text: string): string {
  return text.split("\n").map(markup).join("\n");
}
