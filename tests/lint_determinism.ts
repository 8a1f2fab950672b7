/**
 * A lint plugin: no hidden inputs in runtime/core, runtime/protocols and sim.
 *
 * It lists what is allowed, not what is forbidden, so that an engine's next clock is refused too.
 * It reads names, not values: `tests/sealed.ts` and the digest of a run catch what hides from it.
 */
import { behindHole, isValue, Scopes } from "./lint_scope.ts";

/** Files and folders of `sim` that are a host's: they load files, start processes, read the clock. */
export const SHELLS: readonly string[] = [
  "sim/main.ts",
  "sim/worker.ts",
  "sim/loading.ts",
  "sim/shell.ts",
  "sim/live/",
];

/** Whether a path is one of them, or in one of them. */
export function isShell(path: string): boolean {
  return SHELLS.some((shell) => shell.endsWith("/") ? path.startsWith(shell) : path === shell);
}

const SCOPE = /^(runtime\/(core|protocols)|sim)\//;

/** Part of the language, and the same in every engine. TextEncoder and -Decoder are pure as well. */
const PURE = new Set(
  ("undefined NaN Infinity isNaN isFinite parseInt parseFloat Object Array Iterator String " +
    "Number Boolean BigInt Symbol Map Set WeakMap WeakSet JSON RegExp ArrayBuffer DataView " +
    "Uint8Array Uint8ClampedArray Uint16Array Uint32Array Int8Array Int16Array Int32Array " +
    "BigInt64Array BigUint64Array Float32Array Float64Array Error RangeError TypeError SyntaxError " +
    "TextEncoder TextDecoder").split(" "),
);

/** Exact in every engine: the rest of Math differs in its last bits, or is chance. */
const EXACT = new Set(
  ("abs ceil clz32 floor fround imul max min round sign sqrt trunc " +
    "E LN2 LN10 LOG2E LOG10E PI SQRT2 SQRT1_2").split(" "),
);

/** Packages that ask nothing of their host. */
const PURE_PACKAGES =
  /^(npm:)?(@noble\/.+|(seedrandom|upng-js|valibot|simple-statistics)(@[\d.]+)?(\/lib\/.+)?)$/;

/** By language, by engine version, or a way around the lists above. */
const UNSURE_MEMBERS = new Set([
  "localeCompare",
  "toLocaleString",
  "toLocaleDateString",
  "toLocaleTimeString",
  "toLocaleLowerCase",
  "toLocaleUpperCase",
  "fromAsync",
  "constructor",
]);

const WAITING_TYPES =
  /^(Promise|PromiseLike|Awaited|AsyncIterable|AsyncIterator|AsyncIterableIterator|AsyncGenerator)$/;

const ROOT = import.meta.dirname!.replaceAll("\\", "/").replace(/tests$/, "");

type Visitor = (say: Say, scopes: Scopes, ctx: Deno.lint.RuleContext) => Deno.lint.LintVisitor;

/** A rule that looks only at the files in which nothing may be hidden. */
function rule(visitor: Visitor): Deno.lint.Rule {
  return {
    create(ctx) {
      const path = ctx.filename.replaceAll("\\", "/").replace(ROOT, "");
      if (!SCOPE.test(path) || isShell(path)) return {};
      const say: Say = ({ range }, message, hint) => ctx.report({ range, message, hint });
      return visitor(say, new Scopes(ctx.sourceCode.text), ctx);
    },
  };
}

type Say = (where: { readonly range: Deno.lint.Range }, message: string, hint: string) => void;

const globals = rule((say, scopes) => ({
  Identifier(node) {
    if (!isValue(node) || PURE.has(node.name) || !scopes.isFree(node)) return;
    if (node.name === "Math") return checkMath(node, say);
    say(node, `\`${node.name}\` is not a pure part of the language`, "Take it as an argument");
  },
  MetaProperty(node) {
    if (node.meta.name !== "import") return;
    say(node, "`import.meta` names a place on this machine", "Take it as an argument");
  },
  MemberExpression(node) {
    const name = memberName(node);
    if (name === undefined || !UNSURE_MEMBERS.has(name)) return;
    say(node, `\`${name}\` depends on the machine, or waits`, "Compare and print by own rules");
  },
}));

const waiting = rule((say, scopes) => {
  const hint = "Below the host a function that starts finishes: order it, and be told";
  const asynchronous = (node: Deno.lint.Node & { async: boolean }) => {
    if (node.async) say(node, "Nothing is `async` below the host", hint);
  };
  return {
    FunctionDeclaration: asynchronous,
    FunctionExpression: asynchronous,
    ArrowFunctionExpression: asynchronous,
    AwaitExpression: (node) => say(node, "Nothing waits below the host", hint),
    ForOfStatement(node) {
      if (node.await) say(node, "Nothing waits below the host", hint);
    },
    VariableDeclaration(node) {
      if (node.kind === "await using") say(node, "Nothing waits below the host", hint);
    },
    TSTypeReference(node) {
      const name = node.typeName.type === "Identifier" ? node.typeName : undefined;
      if (name === undefined || !WAITING_TYPES.test(name.name) || !scopes.isFree(name)) return;
      say(node, `\`${name.name}\` is a way of waiting`, hint);
    },
  };
});

const order = rule((say) => ({
  ForInStatement(node) {
    say(node, "`for..in` puts numbers first and follows prototypes", "Iterate a Map or an array");
  },
  CallExpression(node) {
    if (node.callee.type !== "MemberExpression" || node.arguments.length > 0) return;
    const name = memberName(node.callee);
    if (name !== "sort" && name !== "toSorted") return;
    say(node, `\`.${name}()\` compares numbers as text`, "Give a comparator");
  },
}));

const arithmetic = rule((say) => {
  const power = (node: Deno.lint.BinaryExpression | Deno.lint.AssignmentExpression) => {
    if (!node.operator.startsWith("**") || isPowerOfTwo(node)) return;
    say(node, `The last bits of \`${node.operator}\` differ between engines`, "Multiply or shift");
  };
  return { BinaryExpression: power, AssignmentExpression: power };
});

const imports = rule((say) => {
  const check = (node: Deno.lint.Node, source: string) => {
    const ours = source.startsWith(".") && !/(^|\/)(host|web|tests)\//.test(source);
    if (ours || PURE_PACKAGES.test(source)) return;
    say(node, `\`${source}\` is the host's business`, "Import the core, or a package that is pure");
  };
  return {
    ImportDeclaration: (node) => check(node, node.source.value),
    ExportAllDeclaration: (node) => check(node, node.source.value),
    ExportNamedDeclaration(node) {
      if (node.source) check(node, node.source.value);
    },
    ImportExpression(node) {
      say(node, "`import()` waits, and loads what it is told", "Import it at the top");
    },
    TSImportType: (node) => say(node, "A type is imported at the top", "Use `import type`"),
  };
});

/**
 * What these rules are shown of a file can be less than the file: an empty statement, or a hole in a
 * list, hides all that follows it in the same list. So every word has to be seen, or be a keyword.
 */
const whole = rule((say, _scopes, { sourceCode }) => {
  const seen: Deno.lint.Range[] = sourceCode.getAllComments().map(({ range }) => range);
  return {
    "*"(node: Deno.lint.Node) {
      if (LEAF.test(node.type)) seen.push(node.range);
    },
    ClassDeclaration: (node) => seen.push(...classTypes(node, sourceCode.text)),
    ClassExpression: (node) => seen.push(...classTypes(node, sourceCode.text)),
    ArrayPattern: (node) => seen.push(behindHole(node, sourceCode.text)),
    "Program:exit"() {
      for (const { index, 0: word } of words(sourceCode.text, seen)) {
        const hint = "Remove the stray semicolon, or the hole in a list, that comes before it";
        say(
          { range: [index, index + word.length] },
          `\`${word}\` is hidden from these rules`,
          hint,
        );
      }
    },
  };
});

/** The type parameters of a class and of what it extends, which the tree leaves out. */
function classTypes(
  { id, range, superClass }: Deno.lint.ClassDeclaration | Deno.lint.ClassExpression,
  text: string,
): Deno.lint.Range[] {
  const name = typeList(text, id?.range[1] ?? range[0] + "class".length);
  return superClass ? [name, typeList(text, superClass.range[1])] : [name];
}

/** The range of `<...>` at a place of a text; empty where there is none. */
function typeList(text: string, from: number): Deno.lint.Range {
  let depth = 0, at = from;
  do {
    if (text[at] === "<") depth++;
    if (text[at] === ">" && text[at - 1] !== "=") depth--;
    at++;
  } while (depth > 0 && at < text.length);
  return [from, at];
}

const LEAF = /^(Identifier|PrivateIdentifier|Literal|TemplateElement|TS\w+Keyword)$/;

const KEYWORDS = new Set(
  ("abstract accessor as assert asserts async await break case catch class const continue debugger " +
    "declare default delete do else enum export extends finally for from function get if implements " +
    "import in infer instanceof interface is keyof let meta module namespace new of out override private " +
    "protected public readonly return satisfies set static super switch target this throw try type " +
    "typeof unique using var void while with yield").split(" "),
);

/** The words of a text outside of some of its ranges, keywords left out. */
function* words(text: string, outside: Deno.lint.Range[]): Iterable<RegExpExecArray> {
  let left = "", at = 0;
  for (const [start, end] of outside.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (start > at) left += text.slice(at, start);
    left += " ".repeat(Math.max(0, end - Math.max(at, start)));
    at = Math.max(at, end);
  }
  left += text.slice(at);
  for (const word of left.matchAll(/(?!\$\{)[\p{ID_Start}$_][\p{ID_Continue}$]*/gu)) {
    if (!KEYWORDS.has(word[0])) yield word;
  }
}

function checkMath(node: Deno.lint.Identifier, say: Say): void {
  const parent = node.parent as Deno.lint.Node;
  const name = parent.type === "MemberExpression" && parent.object === node && !parent.computed
    ? memberName(parent)
    : undefined;
  if (name !== undefined && EXACT.has(name)) return;
  say(
    node,
    name === undefined ? "`Math` is used by name only" : `\`Math.${name}\` is not exact`,
    "Use integers, tables, or series from + - * / and Math.sqrt",
  );
}

/** `2 ** 32` is as exact as the digits, and easier to read. */
function isPowerOfTwo(node: Deno.lint.BinaryExpression | Deno.lint.AssignmentExpression): boolean {
  const { left, right } = node;
  const exponent = right.type === "UnaryExpression" && right.operator === "-"
    ? right.argument
    : right;
  return left.type === "Literal" && left.value === 2 && exponent.type === "Literal" &&
    Number.isInteger(exponent.value);
}

/** The name of a member, where it can be read off the source. */
function memberName(node: Deno.lint.MemberExpression): string | undefined {
  if (!node.computed && node.property.type === "Identifier") return node.property.name;
  return node.property.type === "Literal" ? String(node.property.value) : undefined;
}

export default {
  name: "determinism",
  rules: { globals, waiting, order, arithmetic, imports, whole },
} satisfies Deno.lint.Plugin;
