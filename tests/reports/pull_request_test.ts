/** What a pull request and its CI are shown. */
import assert from "node:assert/strict";
import type { Baseline } from "../../reports/baseline.ts";
import { gate, type GateReport } from "../../reports/gate.ts";
import { junit } from "../../reports/junit.ts";
import { markdown, MARKER } from "../../reports/markdown.ts";
import type { RunResult } from "../../sim/record.ts";
import { controlsIn } from "./controls.ts";
import { changed, exampleResults, failing } from "./example_results.ts";

const results = exampleResults([50]);
const slow = changed(results, ({ p95Seconds }) => ({ p95Seconds: p95Seconds * 1.05 }));

function report(
  now: readonly RunResult[],
  before: readonly RunResult[] = results,
  names = ["lab50"],
): Promise<GateReport> {
  const seeds = now.map(({ seed }) => seed);
  const baselines = names.map((name): Baseline => ({
    ...{ name, scenario: "scenarios/lab50.ts", args: [], seeds, results: before, tolerance: {} },
  }));
  return gate(baselines, ({ seed }) => Promise.resolve(now.find((run) => run.seed === seed)!));
}

/** A reader of XML that knows only what JUnit files hold, and throws where tags do not match. */
function elementsOf(xml: string): { name: string; attributes: Record<string, string> }[] {
  assert.ok(xml.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n'));
  const open: string[] = [];
  const elements: { name: string; attributes: Record<string, string> }[] = [];
  const body = xml.slice(xml.indexOf("\n"));
  const rest = body.replace(
    /<(\/?)([\w-]+)((?:\s+\w+="[^"<]*")*)\s*(\/?)>/g,
    (_, end, name, text, empty) => {
      if (end === "/") assert.equal(open.pop(), name);
      else {
        const pairs = [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]);
        elements.push({ name, attributes: Object.fromEntries(pairs) });
        if (empty === "") open.push(name);
      }
      return "";
    },
  );
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest, /[<>]/, "what is no tag is escaped");
  assert.doesNotMatch(xml.replace(/&(amp|lt|gt|quot|#39);/g, ""), /&/, "no other entity is used");
  assert.deepEqual(controlsIn(xml), [], "XML allows no controls");
  return elements;
}

Deno.test("a regression is the first thing a reader of the pull request sees", async () => {
  assert.equal(
    markdown(await report(slow)),
    `\
<!-- starling-report -->
## ❌ Regression in 1 of 1 baseline

| Baseline | Runs | Verdict | Why | Wall time |
| --- | ---: | --- | --- | ---: |
| lab50 | 1 seed | ❌ regression | 2 metrics beyond tolerance | 4.82s (0.0 %) |

<details open><summary>lab50: 2 changes</summary>

| What | Before | Now | Change | Allowed |
| --- | ---: | ---: | ---: | ---: |
| ❌ lecture.mp4: p95 | 27.5s | 28.9s | +5.0 % | +2.0 % |
| ❌ badge sheet.pdf: p95 | 8.50s | 8.93s | +5.0 % | +2.0 % |

</details>

Again:
\`\`\`
deno task sim scenarios/lab50.ts --seed 50
\`\`\`

Virtual time decides; wall time is advisory.
`,
  );
});

Deno.test("no change is told in a line, and no metric is listed", async () => {
  const told = markdown(await report(results));
  assert.match(told, /^<!-- starling-report -->\n## ✅ No behavioural change in 1 baseline\n/);
  assert.doesNotMatch(told, /<details|p95/);
});

Deno.test("each kind of trouble has a headline of its own", async () => {
  const headline = async (of: Promise<GateReport>) => markdown(await of).split("\n")[1];
  const other = results.map((result) => ({ ...result, nodes: 9 }));
  assert.equal(
    await headline(report(results, [])),
    "## ⚠️ No results to compare with in 1 of 1 baseline",
  );
  assert.equal(await headline(report(other)), "## ⚠️ 1 of 1 baseline cannot be compared");
  assert.equal(await headline(report(results, results, [])), "## ⚠️ There is no baseline");
  const fine = changed(results, ({ p50Seconds }) => ({ p50Seconds: p50Seconds * 1.01 }));
  assert.equal(await headline(report(fine)), "## ✅ No regression in 1 baseline");
});

Deno.test("a claim that fell is told with its target, what came, and how to see it", async () => {
  const told = markdown(await report(failing(results, 50, "Ben hears Ana exactly once")));
  assert.match(
    told,
    /❌ claim: Ben hears Ana exactly once \| \| fails, seed 50: target 1 time by 60s, actual/,
  );
  assert.match(told, /\ndeno task sim scenarios\/lab50.ts --seed 50\n/);
});

Deno.test("eight seeds show how sure the change is", async () => {
  const many = exampleResults([1, 2, 3, 4, 5, 6, 7, 8]);
  const worse = changed(many, ({ lastSeconds }, random) => ({
    lastSeconds: lastSeconds * (1.05 + random.below(100) / 10_000),
  }));
  assert.match(
    markdown(await report(worse, many)),
    /\+5\.\d % \[\+\d\.\d %, \+\d\.\d %\] \| \+2\.0 %/,
  );
});

Deno.test("forty baselines that all changed still fit into sixty lines, with the marker on top", async () => {
  const names = Array.from({ length: 40 }, (_, at) => `study ${at}`);
  for (const now of [slow, results, failing(slow, 50, "everyone gets the lecture")]) {
    const lines = markdown(await report(now, results, names)).trimEnd().split("\n");
    assert.ok(lines.length <= 60, `${lines.length} lines`);
    assert.equal(lines[0], MARKER);
  }
  assert.match(markdown(await report(slow, results, names)), /\d+ more changes in the JUnit file/);
});

Deno.test("the JUnit file has a case for each claim and each metric, and counts them right", async () => {
  const elements = elementsOf(junit(await report(slow)));
  const cases = elements.filter(({ name }) => name === "testcase");
  assert.equal(cases.length, 1 + 3 + 2 * 7 + 4 + 4);
  const [all] = elements;
  assert.deepEqual(all!.attributes, {
    ...{ name: "starling report", tests: String(cases.length), failures: "2", errors: "0" },
  });
  assert.equal(elements.filter(({ name }) => name === "failure").length, 2);
  assert.ok(cases.every(({ attributes }) => attributes.file === "scenarios/lab50.ts"));
  const properties = elements.filter(({ name }) => name === "property");
  assert.deepEqual(properties.map(({ attributes }) => attributes.name), [
    ...["seeds", "virtualSeconds", "wallSeconds", "baselineWallSeconds", "replay"],
  ]);
});

Deno.test("what could not be compared is an error in the JUnit file, never a pass", async () => {
  const files = [
    junit(await report(results, [])),
    junit(await report(results.map((result) => ({ ...result, nodes: 9 })))),
    junit(await report(results, results, [])),
    junit({ exitCode: 0, comparisons: [], renewed: [] }),
  ];
  for (const file of files) {
    const [all] = elementsOf(file);
    assert.deepEqual([all!.attributes.tests, all!.attributes.errors], ["1", "1"]);
  }
});

Deno.test("names that peers chose break neither the table nor the XML", async () => {
  const attack = `\`\`\`a|b\n]]></failure><x y="1">&\x1b[2J @team <!-- \`c\` \u0000`;
  const named = (runs: readonly RunResult[]) =>
    runs.map((result) => ({
      ...result,
      replay: attack,
      claims: result.claims.map((claim) => ({ ...claim, name: attack, actual: attack })),
      contents: result.contents!.map((content) => ({ ...content, name: attack })),
    }));
  const fallen = named(slow).map((run) => ({
    ...run,
    claims: run.claims.map((claim) => ({ ...claim, ok: false })),
  }));
  const result = await report(fallen, named(results), [attack]);
  assert.equal(result.exitCode, 99);
  assert.ok(elementsOf(junit(result)).length > 20);
  const rows = markdown(result).split("\n").filter((line) => line.startsWith("|"));
  assert.ok(rows.length > 4);
  for (const row of rows) assert.ok([5, 6].includes(row.split("|").length - 1), row);
  const [before, again, after] = markdown(result).split("\n```") as [string, string, string];
  assert.equal(after.includes("```"), false, "the command does not end its own block");
  assert.equal(again.split("\n").length, 2);
  assert.deepEqual(controlsIn(before), []);
  assert.doesNotMatch(before, /<x|@/);
});
