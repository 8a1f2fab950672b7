/** What the lint plugin refuses below the host, and what it leaves alone. */
import assert from "node:assert/strict";
import plugin, { SHELLS } from "./lint_determinism.ts";

const ROOT = import.meta.dirname!.replace(/tests$/, "");

/** The rules that complain about a source at a path of this project. */
function complaints(source: string, path = "runtime/core/planted.ts"): string[] {
  return Deno.lint.runPlugin(plugin, ROOT + path, source).map(({ id }) => id.split("/")[1]!);
}

const REFUSED: Record<keyof typeof plugin.rules, string[]> = {
  globals: [
    "Date.now()",
    "Date()",
    "new Date()",
    "const D = Date",
    "const { now } = Date",
    "Math.random()",
    "Math.sin(1)",
    "Math.pow(2, 3)",
    "Math.hypot(3, 4)",
    "const M = Math",
    "const { random } = Math",
    'Math["ran" + "dom"]()',
    'Math["floor"](2)',
    "const [first = Math.random()] = list",
    "performance.now()",
    "Temporal.Now.instant()",
    "crypto.getRandomValues(bytes)",
    "export const held = { crypto }",
    "setTimeout(run, 1)",
    "setInterval(run, 1)",
    "setImmediate(run)",
    "queueMicrotask(run)",
    "fetch('http://localhost')",
    "new WebSocket('ws://localhost')",
    "new Worker('x')",
    "new Promise(() => {})",
    "Promise.resolve(1)",
    "globalThis.Date",
    "globalThis['Da' + 'te']",
    "self.crypto",
    "eval('1')",
    "Function('return this')()",
    "Deno.args",
    "process.env",
    "navigator.language",
    "localStorage.length",
    "console.log(1)",
    "new Intl.NumberFormat()",
    "new WeakRef({})",
    "new FinalizationRegistry(() => {})",
    "Atomics.load(cells, 0)",
    "new SharedArrayBuffer(1)",
    "typeof Deno",
    "(Date as unknown)",
    "Date!",
    "enum Kind { now = Date.now() }",
    "import.meta.url",
    "'a'.localeCompare('b')",
    "(1234).toLocaleString()",
    "'I'.toLocaleLowerCase()",
    "'I'['toLocaleUpperCase']()",
    "Array.fromAsync([])",
    "[].constructor",
    "function inner(crypto: number) { return crypto } crypto.subtle",
  ],
  waiting: [
    "async function run() {}",
    "const run = async () => {}",
    "const run = { async run() {} }",
    "class Run { async run() {} }",
    "await 1",
    "for await (const each of []) { each; }",
    "await using file = null",
    "type Later = Promise<number>",
    "function run(): AsyncIterable<number> | undefined { return undefined }",
  ],
  order: ["for (const key in {}) { key; }", "[3, 10].sort()", "[3, 10].toSorted()"],
  arithmetic: ["list ** 3", "2 ** list", "3 ** 4", "let n = 2; n **= 3"],
  imports: [
    "import { readFileSync } from 'node:fs'",
    "import type { Socket } from 'node:net'",
    "import { shuffle } from 'npm:shuffle@1.0.0'",
    "import 'jsr:@std/cli'",
    "import chart from 'chart.js'",
    "import { host } from '../host/mod.ts'",
    "export * from '../../runtime/host/crypto.ts'",
    "export { planted } from '../../tests/planted.ts'",
    "const fs = import('node:fs')",
    "let fs: typeof import('node:fs')",
  ],
  whole: [
    "; hidden()",
    "first(); ; hidden()",
    "function run() { ; hidden() }",
    "class Run { static { ; hidden() } }",
    "switch (1) { case 1: ; hidden() }",
    "switch (1) { default: ; hidden() }",
    "if (true); else hidden()",
    "class Run { ; static held = 1; } ; hidden()",
    "const [, last = hidden()] = list",
    "const [, [last]] = list",
    "const all = [, hidden()]",
    "run([, hidden()], () => 1)",
  ],
};

const DECLARED = "declare const list: any, bytes: any, run: any, cells: any, first: any;\n";

for (const [rule, snippets] of Object.entries(REFUSED)) {
  for (const snippet of snippets) {
    Deno.test(`determinism/${rule} refuses ${snippet}`, () => {
      assert.ok(complaints(DECLARED + snippet).includes(rule));
    });
  }
}

const ACCEPTED = [
  "Math.floor(Math.sqrt(2)) + Math.imul(3, 4) + Math.PI",
  "[3, 10].sort((a, b) => a - b)",
  "for (const [key, value] of new Map<string, number>()) { key; value; }",
  "export function seal(crypto: { seal(key: Uint8Array): void }) { crypto.seal(new Uint8Array(32)) }",
  "import { crypto } from './crypto.ts'; export const held = { crypto }",
  "const { now, random: { pick }, ...fetch } = { now: 1, random: { pick: 2 } }; [now, pick, fetch]",
  "export const context = { now: 1, random: 2, performance: 3 }; context.performance",
  "class Clock { static Date = 1; #performance = 2; crypto() { return this.#performance } }",
  "export class Node { constructor(private readonly crypto: string) { crypto.length } }",
  "export type Deadline = Date; export interface Host { fetch: (...crypto: string[]) => void }",
  "type Promise = 1; export let kept: Promise",
  "try { JSON.parse('') } catch (performance) { performance }",
  "for (let performance = 0; performance < 2; performance++) { performance }",
  "switch (1) { case 1: { const fetch = 1; fetch; } }",
  "const again = function self(n: number): number { return n && self(n - 1) }; again",
  "performance: while (true) break performance",
  "export function late() { return later() } function later() { return 1 }",
  "import { sha256 } from '@noble/hashes/sha2.js'; import type { Wire } from '../core/mod.ts'",
  "export { hex } from './bytes.ts'; export * as limits from './limits.ts'",
  "const zone = `é€😀`; // a comment; after\n/* and ; another */\nzone;",
  "function run() { /* ; nothing */ } // ; nothing",
  "while (true);",
  "export const sum = (list: [string, number][]) => list.map(([, value]) => value)",
  "const [first, , third]: number[] = [1, 2, 3]; first + third",
  "for (;;) { } for (let at = 0;; at++) { at; }",
  "const limit = 2 ** 32 + 2 ** -10; limit",
  "export * as limits from './limits.ts'; export default class { readonly held = null }",
  "abstract class Base<out T> { declare name: string; abstract run(this: Base<T>, each?: T): asserts each is T }",
  "declare class Base<T> { held: T } class Both<T extends (a: Base<T>) => void> extends Base<T> implements First<T>, Second {} const each = class<T> { held?: T }; each; Both",
  "interface First<out T = unknown> extends Second { new (a: T): void; readonly [key: string]: unknown } class Base<T> {}",
  "const bytes = <const T extends readonly unknown[]>(list: T) => list satisfies T as unknown; bytes",
  "export type Duration = `${number}ms` | `${number}s`; export type One = { readonly [K in Duration]-?: K }",
  "const tag = String.raw`a${1}b` + /[a-z]\\/(?<name>x)/u.source + 10n + 0x1_000 + 'é'; tag",
  "enum Kind { one = 1, two = one } Kind",
];

for (const snippet of ACCEPTED) {
  Deno.test(`determinism accepts ${snippet}`, () => {
    assert.deepEqual(complaints(snippet), []);
  });
}

Deno.test("determinism looks at the core, the protocols and the simulator, and nowhere else", () => {
  const refused = ["runtime/core/a.ts", "runtime/protocols/chat/a.ts", "sim/a.ts", "sim/net/a.ts"];
  const left = ["runtime/host/a.ts", "runtime/main.ts", "reports/a.ts", "tests/sim/a.ts"];
  for (const path of refused) assert.deepEqual(complaints("Date.now()", path), ["globals"], path);
  const shells = SHELLS.map((path) => path.endsWith("/") ? `${path}a.ts` : path);
  for (const path of [...left, ...shells]) {
    assert.deepEqual(complaints("Date.now()", path), [], path);
  }
});
