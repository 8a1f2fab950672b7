/** A run told in a terminal: what it was, what held, how to see it again. */

import type {
  ClaimResult,
  ContentResult,
  MessageResult,
  RequestResult,
  RunRecord,
} from "../sim/record.ts";
import { shortened, visible } from "./escape.ts";
import { count, duration, multiple, signedPercent, size, things } from "./units.ts";

/** How a summary looks, and what it points to. */
export interface SummaryOptions {
  readonly colour: boolean;
  /** Where the HTML report was written. */
  readonly picture?: string | undefined;
}

/** Names are cut here, so that one long name does not push every column off the screen. */
const LONGEST_NAME = 40;

/** The summary of one run, without a newline at its end. The last line but the picture replays it. */
export function summary(record: RunRecord, options: SummaryOptions): string {
  const { result, series } = record;
  const paint = painter(options.colour);
  const lines = [headline(record, paint)];
  const chosen = Object.entries(series.options);
  if (chosen.length > 0) {
    lines.push(`  with  ${chosen.map(([key, value]) => visible(`${key}=${value}`)).join("  ")}`);
  }
  lines.push(...contentLines(result.contents ?? [], paint));
  lines.push(...claimLines(result.claims, paint));
  if (result.faults !== undefined) {
    const { crashes, partitions, lostPackets, corruptions } = result.faults;
    lines.push(
      `  faults    ${things(crashes, "crash", "crashes")}, ` +
        `${things(partitions, "partition")}, ${things(lostPackets, "lost packet")}, ` +
        `${things(corruptions, "corruption")}`,
    );
  }
  if (result.messages !== undefined) lines.push(`  messages  ${messageLine(result.messages)}`);
  if (result.requests !== undefined) lines.push(`  requests  ${requestLine(result.requests)}`);
  lines.push(verdictLine(result.claims, result.ok, paint));
  if (options.picture !== undefined) lines.push(`picture: ${visible(options.picture)}`);
  lines.push(`again:   ${visible(result.replay)}`);
  return lines.join("\n");
}

type Paint = (colour: "good" | "bad" | "quiet" | "strong", text: string) => string;

function painter(colour: boolean): Paint {
  const codes = { good: 32, bad: 31, quiet: 2, strong: 1 };
  return (name, text) => colour ? `\x1b[${codes[name]}m${text}\x1b[0m` : text;
}

function headline({ result }: RunRecord, paint: Paint): string {
  const time = result.mode === "sim"
    ? `${duration(result.virtualSeconds)} simulated in ${duration(result.wallSeconds)}`
    : `${duration(result.wallSeconds)} live`;
  return [
    paint("strong", visible(result.scenario)),
    `seed ${result.seed}`,
    things(result.nodes, "node"),
    time,
    things(result.events, "event"),
    `digest ${visible(result.digest)}`,
  ].join("  ");
}

function contentLines(contents: readonly ContentResult[], paint: Paint): string[] {
  if (contents.length === 0) return [];
  const titles = [
    "content",
    "size",
    "done",
    "p50",
    "p95",
    "last",
    "floor",
    "ratio",
    "source",
    "wasted",
  ];
  const rows = contents.map((content) => [
    named(content.name),
    size(content.bytes),
    `${count(content.completed)} of ${count(content.wanted)}`,
    duration(content.p50Seconds),
    duration(content.p95Seconds),
    duration(content.lastSeconds),
    duration(content.floorSeconds),
    multiple(content.floorRatio),
    `${content.sourceCopies.toFixed(2)} copies`,
    size(content.wastedBytes),
  ]);
  const [head, ...body] = aligned([titles, ...rows]);
  return [
    paint("quiet", `  ${head}`),
    ...body.map((line, at) => {
      const content = contents[at] as ContentResult;
      return content.completed < content.wanted ? paint("bad", `  ${line}`) : `  ${line}`;
    }),
  ];
}

function claimLines(claims: readonly ClaimResult[], paint: Paint): string[] {
  const rows = claims.map((claim) => [
    named(claim.name),
    `target ${visible(claim.target)}`,
    `actual ${visible(claim.actual)}`,
    `margin ${signedPercent(claim.margin)}`,
  ]);
  const lines = aligned(rows, "left");
  return claims.map((claim, at) =>
    `  ${claim.ok ? paint("good", "ok  ") : paint("bad", "FAIL")}  ${lines[at]}`
  );
}

function messageLine(messages: MessageResult): string {
  return `${count(messages.sent)} sent, ${count(messages.delivered)} delivered, ` +
    `${count(messages.lost)} lost, ${count(messages.duplicated)} duplicated, ` +
    `p50 ${duration(messages.p50Seconds)}, p99 ${duration(messages.p99Seconds)}`;
}

function requestLine(requests: RequestResult): string {
  return `${count(requests.issued)} issued, ${count(requests.served)} served, ` +
    `${count(requests.failed)} failed, ${count(requests.duplicated)} duplicated, ` +
    `p50 ${duration(requests.p50Seconds)}, p99 ${duration(requests.p99Seconds)}` +
    share(requests.perServer);
}

/** The spread of the load over servers: what the busiest carries, against an equal share. */
function share(perServer: readonly number[]): string {
  const total = perServer.reduce((sum, served) => sum + served, 0);
  if (perServer.length < 2 || total === 0) return "";
  const busiest = perServer.reduce((most, served) => Math.max(most, served), 0);
  return `, busiest of ${things(perServer.length, "server")} ` +
    `${multiple(busiest * perServer.length / total)} its share`;
}

function verdictLine(claims: readonly ClaimResult[], ok: boolean, paint: Paint): string {
  const failed = claims.filter((claim) => !claim.ok).length;
  if (failed > 0) {
    return paint("bad", `FAILED: ${count(failed)} of ${things(claims.length, "claim")}`);
  }
  if (!ok) return paint("bad", "FAILED: the run did not end well, although every claim holds");
  const holding = claims.length === 0
    ? "this scenario claims nothing"
    : claims.length === 1
    ? "the claim holds"
    : `all ${count(claims.length)} claims hold`;
  return paint("good", `ok: ${holding}`);
}

function named(name: string): string {
  return shortened(visible(name), LONGEST_NAME);
}

/** Rows as lines of equal columns: the first to the left, the others to the right or all left. */
function aligned(
  rows: readonly (readonly string[])[],
  others: "left" | "right" = "right",
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((text, at) => widths[at] = Math.max(widths[at] ?? 0, [...text].length));
  }
  return rows.map((row) =>
    row.map((text, at) => {
      const gap = " ".repeat((widths[at] as number) - [...text].length);
      return at === 0 || others === "left" ? text + gap : gap + text;
    }).join("  ").trimEnd()
  );
}
