/** The runner counts right, and never says that all is well when nothing ran or something was skipped. */
import assert from "node:assert/strict";
import { skippedName, testNeeding } from "./needs.ts";
import { closingLine, judged, readJUnit, sum } from "./run.ts";

const NOTHING = { passed: 0, failed: 0, skipped: [] };
const EXCUSE = skippedName({ what: "a browser", missing: "no chromium on the PATH" }, "the wall");

Deno.test("a JUnit file is counted case by case", () => {
  const xml = `<testsuites tests="5" failures="1" errors="0"><testsuite name="./a_test.ts">
    <testcase name="one" classname="./a_test.ts" time="0.002" line="1" col="6">
    </testcase>
    <testcase name="two &gt; step" time="0.002"></testcase>
    <testcase name="three"><failure message="Uncaught Error: x">Error: x</failure></testcase>
    <testcase name="four"><error message="x"/></testcase>
    <testcase name="&lt;five&gt; &amp; &quot;six&quot;">
      <skipped/>
    </testcase>
  </testsuite></testsuites>`;
  assert.deepEqual(readJUnit(xml), { passed: 2, failed: 2, skipped: ['<five> & "six"'] });
  assert.deepEqual(readJUnit(""), NOTHING);
});

Deno.test("nothing run is a failure", () => {
  assert.equal(closingLine(judged(NOTHING, false)), "0 passed, 1 failed, 0 skipped");
});

Deno.test("a skip with a reason is told on a user's machine, and fails in continuous integration", () => {
  const totals = { passed: 1, failed: 0, skipped: [EXCUSE] };
  assert.equal(closingLine(judged(totals, false)), "1 passed, 0 failed, 1 skipped");
  assert.equal(closingLine(judged(totals, true)), "1 passed, 1 failed, 0 skipped");
});

Deno.test("a skip without a reason is a failure everywhere", () => {
  const totals = { passed: 1, failed: 0, skipped: ["the wall"] };
  assert.equal(closingLine(judged(totals, false)), "1 passed, 1 failed, 0 skipped");
});

Deno.test("suites are added up", () => {
  const one = { passed: 2, failed: 1, skipped: [EXCUSE] };
  assert.deepEqual(sum([one, NOTHING, one]), { passed: 4, failed: 2, skipped: [EXCUSE, EXCUSE] });
});

let bodies = 0;
testNeeding({ what: "nothing", missing: undefined }, "a test whose need is met is run", () => {
  bodies++;
});
Deno.test("a test whose need was met has run", () => assert.equal(bodies, 1));
