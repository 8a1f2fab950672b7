/** The rules of the house, each shown to bite on a planted fault, then asked of the real files. */
import assert from "node:assert/strict";
import * as code from "./tidy/code.ts";
import * as house from "./tidy/house.ts";
import * as imports from "./tidy/imports.ts";
import { readTree, type Rule, type Tree } from "./tidy/tree.ts";

const RULES: Record<string, Rule> = { ...house, ...imports, ...code };

const TOLD = "/** A sentence. */\n";

interface Plant {
  readonly rule: keyof typeof house | keyof typeof imports | keyof typeof code;
  readonly claim: string;
  /** A file for each fault. */
  readonly faulty: Record<string, string>;
  readonly fine: Record<string, string>;
}

const long = (lines: number) => "\n".repeat(lines - 1) + "end";
const functionOf = (lines: number) => `function run() {${"\n".repeat(lines - 1)}}`;

const PLANTS: readonly Plant[] = [
  {
    rule: "topLevel",
    claim: "the top level holds nothing new",
    faulty: { "package.json": "", "source/main.ts": "", "NOTES.md": "", "runtime": "" },
    fine: { "deno.json": "", "LICENSE": "", ".ci/run": "", ".gitignore": "", "sim/main.ts": "" },
  },
  {
    rule: "names",
    claim: "a file is named by its noun",
    faulty: {
      "sim/utils.ts": "",
      "sim/text_helpers.ts": "",
      "runtime/common/bytes.ts": "",
      "runtime/host/peer-manager.ts": "",
      "runtime/web/index.ts": "",
    },
    fine: { "runtime/core/mod.ts": "", "runtime/core/limits.ts": "", "runtime/web/index.html": "" },
  },
  {
    rule: "fileLengths",
    claim: "a file has at most 400 lines",
    faulty: { "sim/long.ts": long(401), "reports/page/page.css": long(401) },
    fine: { "sim/enough.ts": `${long(400)}\n`, "README.md": long(500) },
  },
  {
    rule: "openings",
    claim: "a file opens with a sentence",
    faulty: {
      "sim/world.ts": "export const one = 1;",
      "sim/link.ts": "// A link.\nconst one = 1;",
    },
    fine: { "sim/clock.ts": TOLD, "sim/page.ts": `// @ts-types="x"\n${TOLD}`, "sim/a.css": "a {}" },
  },
  {
    rule: "wording",
    claim: "no file speaks of unfinished work, one machine, a registry or a tracker",
    faulty: {
      "sim/later.ts": `// TO${"DO"} later`,
      "sim/broken.ts": `// FIX${"ME"}`,
      "sim/place.ts": `read("/${"home"}/ana/deno")`,
      "README.md": `see /${"work"}/notes`,
      "deno.lock": `"https://registry${"."}npmjs${"."}org/x"`,
      "sim/tracker.ts": `// see issue #${12}`,
      "sim/link.ts": `// https://github.com/a/b/pull/${12}`,
    },
    fine: {
      "sim/fine.ts": 'const url = `${base}/home/x`; const color = "#123456"; // the #1 reason',
      "runtime/main.ts": 'get("network/work/root")',
    },
  },
  {
    rule: "ignores",
    claim: "nobody switches the determinism rules off",
    faulty: {
      "sim/one.ts": `// deno-lint-${"ignore"} determinism/globals -- because`,
      "sim/two.ts": `// deno-lint-${"ignore"}-file -- because`,
    },
    fine: {
      "sim/three.ts": `// deno-lint-${"ignore"} no-explicit-any -- erased here`,
      "sim/four.ts": `// deno-lint-${"ignore"}-file no-explicit-any`,
    },
  },
  {
    rule: "tasks",
    claim: "tasks ask nobody, and the simulator's has no way out",
    faulty: {
      "deno.json": '{ "tasks": { "sim": "deno run --no-prompt --allow-net sim/main.ts" } }',
    },
    fine: {},
  },
  {
    rule: "pins",
    claim: "a version is one version",
    faulty: { "deno.json": `{ "imports": { "valibot": "npm${":"}valibot@^1.5.0" } }` },
    fine: {},
  },
  {
    rule: "directions",
    claim: "imports follow the arrows of the design",
    faulty: {
      "runtime/core/a.ts": 'import "../protocols/mod.ts";',
      "runtime/core/b.ts": 'import type { Crypto } from "../host/crypto.ts";',
      "runtime/core/c.ts": 'export * from "../../sim/mod.ts";',
      "runtime/protocols/chat/a.ts": 'import "../../core/link.ts";',
      "runtime/protocols/chat/b.ts": 'import "../swarm/manifest.ts";',
      "runtime/protocols/chat/c.ts": 'import "../mod.ts";',
      "runtime/protocols/mod.ts": 'import "./chat/chat.ts";',
      "runtime/host/a.ts": 'import "../protocols/chat/wire.ts";',
      "runtime/web/a.ts": 'import "../host/host.ts";',
      "sim/a.ts": 'import "../runtime/host/crypto.ts";',
      "sim/b.ts": 'import "../runtime/protocols/mod.ts";',
      "sim/c.ts": 'const later = import("../scenarios/lab50.ts");',
      "scenarios/a.ts": 'import "../sim/world.ts";',
      "scenarios/b.ts": 'import "../runtime/core/mod.ts";',
      "scenarios/c.ts": 'import "../runtime/protocols/chat/chat.ts";',
      "reports/a.ts": 'import { run } from "../sim/record.ts";',
      "reports/b.ts": 'import type { World } from "../sim/world.ts";',
      "reports/main.ts": 'import "../runtime/host/crypto.ts";',
      "runtime/other.ts": "",
    },
    fine: {
      "runtime/core/d.ts": 'import "./link.ts"; import "@noble/hashes/sha2.js";',
      "runtime/protocols/chat/d.ts":
        'import "./wire.ts"; import "../swarm/mod.ts"; import "../../core/mod.ts";',
      "runtime/host/d.ts":
        'import "../core/crypto.ts"; import "../protocols/mod.ts"; import "node:fs";',
      "runtime/main.ts": 'import "./host/host.ts"; import "./protocols/mod.ts";',
      "sim/d.ts": 'import "./clock.ts"; import "../runtime/core/mod.ts";',
      "sim/main.ts": 'import "../runtime/host/crypto.ts"; import "../reports/summary.ts";',
      "scenarios/d.ts":
        'import "../sim/mod.ts"; import "../runtime/protocols/mod.ts"; import "../runtime/protocols/chat/mod.ts";',
      "reports/d.ts":
        'import type { RunRecord } from "../sim/record.ts"; import { type Seed } from "../sim/record.ts";',
      "tests/sim/world_test.ts": 'import "../../sim/world.ts";',
    },
  },
  {
    rule: "packages",
    claim: "every package is named in deno.json",
    faulty: {
      "sim/a.ts": `import seedrandom from "npm${":"}seedrandom@3.0.6";`,
      "sim/b.ts": `// @ts-types="npm${":"}@types/seedrandom@3.0.8"`,
      "runtime/core/c.ts": `import { x } from "jsr${":"}@std/cli";`,
    },
    fine: {
      "deno.json":
        `{ "imports": { "a": "npm${":"}seedrandom@3.0.5", "b/": "npm${":"}/@noble/a@1.0.0/" } }`,
      "sim/d.ts": `import seedrandom from "npm${":"}seedrandom@3.0.5/lib/alea.js";`,
      "sim/e.ts": `import a from "npm${":"}@noble/a@1.0.0";`,
    },
  },
  {
    rule: "targets",
    claim: "what is imported is there, and is not disguised as a package",
    faulty: {
      "deno.json": '{ "imports": { "core": "./runtime/core/mod.ts" } }',
      "sim/a.ts": 'import "./missing.ts";',
    },
    fine: { "sim/b.ts": 'import "./c.ts"; import "valibot";', "sim/c.ts": "" },
  },
  {
    rule: "hostWords",
    claim: "only a host says Deno or node:",
    faulty: {
      "reports/a.ts": "Deno.exit(1);",
      "scenarios/a.ts": 'import "node:fs";',
      "runtime/web/a.ts": "export type Place = Deno.Addr;",
    },
    fine: {
      "reports/main.ts": "Deno.exit(1);",
      "runtime/host/a.ts": 'import "node:fs"; Deno.exit(1);',
      "sim/main.ts": "Deno.exit(1);",
      "sim/a.ts": '// Deno is\nconst word = "Deno";',
    },
  },
  {
    rule: "cycles",
    claim: "no import leads back",
    faulty: {
      "sim/a.ts": 'import "./b.ts";',
      "sim/b.ts": 'import type { C } from "./c.ts";',
      "sim/c.ts": 'export * from "./a.ts";',
    },
    fine: { "sim/d.ts": 'import "./e.ts";', "sim/e.ts": "", "sim/f.ts": 'import "./e.ts";' },
  },
  {
    rule: "functionLengths",
    claim: "a function fits a screen",
    faulty: {
      "sim/a.ts": functionOf(71),
      "sim/b.ts": `const run = { ${functionOf(71).replace("function ", "")} };`,
      "sim/c.ts": `class Run { run = () => {${"\n".repeat(71)}} }`,
    },
    fine: {
      "sim/d.ts": functionOf(70),
      "sim/e.ts": `function protocol() { return { ${"run() {\n\n},\n".repeat(30)} }; }`,
    },
  },
  {
    rule: "comments",
    claim: "what others call says what it is",
    faulty: {
      "sim/a.ts": `${TOLD}import "x";\nexport function run() {}`,
      "sim/b.ts": "// Not for readers of the code\nexport class One {}",
      "sim/c.ts": `${TOLD}\nexport const one = () => 1;`,
      "runtime/protocols/chat/d.ts": `${TOLD}export class One {}\nexport class Two {}`,
    },
    fine: {
      "sim/e.ts": `${TOLD}export class One {}\n\n${TOLD}// deno-lint-ignore x\nexport class Two {}`,
      "sim/f.ts": `import "x";\n\n${TOLD}export default class {}\nexport { a } from "./e.ts";`,
      "sim/wire_link.ts": `${TOLD}import "x";\nexport class WireLink {}`,
      "sim/g.ts": "export const one = 1; export interface Two {} class Three {}",
      "reports/h.ts": "export function run() {}",
    },
  },
  {
    rule: "catches",
    claim: "nothing is caught below the host",
    faulty: {
      "sim/a.ts": "try { run(); } catch { }",
      "runtime/core/a.ts": "try {} catch (e) { e }",
    },
    fine: {
      "runtime/core/bytes.ts": "try { run(); } catch { }",
      "runtime/host/a.ts": "try { run(); } catch { }",
      "sim/b.ts": "try { run(); } finally { end(); }",
      "sim/main.ts": "try { run(); } catch { }",
    },
  },
];

function treeOf(...plants: Record<string, string>[]): Tree {
  return new Map(plants.flatMap((files) => Object.entries(files)));
}

for (const { rule, claim, faulty, fine } of PLANTS) {
  Deno.test(`tidy finds each planted fault: ${claim}`, () => {
    const found = RULES[rule]!(treeOf(faulty, fine));
    if (rule === "cycles") {
      return assert.deepEqual(found, ["sim/a.ts -> sim/b.ts -> sim/c.ts -> sim/a.ts"]);
    }
    const places = new Set(found.map((complaint) => complaint.split(":")[0]!));
    assert.deepEqual([...places].sort(), Object.keys(faulty).sort());
  });
}

Deno.test("a task's command line is read flag by flag", () => {
  const complaints = (command: string) =>
    house.tasks(new Map([["deno.json", JSON.stringify({ tasks: { one: command } })]])).length;
  assert.equal(
    complaints("deno run --no-prompt --allow-read --allow-write=reports/out sim/main.ts"),
    0,
  );
  assert.equal(complaints("deno run --no-prompt --allow-net --allow-run reports/main.ts"), 0);
  assert.equal(complaints("deno run --allow-read sim/main.ts"), 1);
  assert.equal(complaints("deno run --no-prompt --allow-write sim/main.ts"), 1);
  assert.equal(complaints("deno run --no-prompt --allow-write=reports sim/main.ts"), 1);
  assert.equal(complaints("deno run --no-prompt --allow-read -A sim/main.ts"), 1);
  assert.equal(complaints("deno test -A tests"), 1);
});

Deno.test("every rule has a planted fault", () => {
  assert.deepEqual(Object.keys(RULES).sort(), PLANTS.map(({ rule }) => rule).sort());
});

const real = await readTree(import.meta.dirname!.replace(/.tests$/, ""));

for (const { rule, claim } of PLANTS) {
  Deno.test(`the house is tidy: ${claim}`, () => {
    assert.deepEqual(RULES[rule]!(real), []);
  });
}
