/** What the tidy rules know of a TypeScript file, read off the syntax tree of the linter. */

export interface Import {
  readonly line: number;
  /** A path from the top of the project, or the name of something outside. */
  readonly target: string;
  readonly typesOnly: boolean;
}

export interface Source {
  readonly imports: readonly Import[];
  /** Lines of its own: those of functions inside it, if they span several, count there. */
  readonly functions: readonly {
    readonly line: number;
    readonly name: string;
    readonly lines: number;
  }[];
  /** Exported functions and classes; `told` where a sentence stands before them. */
  readonly workers: readonly {
    readonly line: number;
    readonly name: string;
    readonly told: boolean;
  }[];
  readonly catches: readonly number[];
  /** Uses of `Deno`, as a value or a type. */
  readonly hostUses: readonly number[];
}

type Mutable<T> = {
  -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key];
};

const sources = new Map<string, Source>();

/** Reads a file once, however many rules ask. */
export function sourceOf(path: string, text: string): Source {
  const key = `${path}\n${text}`;
  const before = sources.get(key);
  if (before !== undefined) return before;
  const found: Mutable<Source> = {
    imports: [],
    functions: [],
    workers: [],
    catches: [],
    hostUses: [],
  };
  const rule: Deno.lint.Rule = {
    create: (ctx) => ({
      ...importsInto(found, path, lineIn(text)),
      ...functionsInto(found, text),
      ...exportsInto(found, ctx.sourceCode),
      CatchClause: (node) => void found.catches.push(lineIn(text)(node)),
      Identifier(node) {
        if (node.name === "Deno") found.hostUses.push(lineIn(text)(node));
      },
    }),
  };
  Deno.lint.runPlugin({ name: "tidy", rules: { read: rule } }, `/${path}`, text);
  sources.set(key, found);
  return found;
}

type Located = { readonly range: Deno.lint.Range };

/** A function from a node to the line on which it begins, numbered from 1. */
function lineIn(text: string): (node: Located) => number {
  return ({ range }) => lineCount(text.slice(0, range[0]));
}

function lineCount(text: string): number {
  return text.split("\n").length;
}

function importsInto(
  found: Mutable<Source>,
  path: string,
  lineOf: (node: Located) => number,
): Deno.lint.LintVisitor {
  const add = (node: Located, source: string, typesOnly: boolean) => {
    const target = source.startsWith(".")
      ? new URL(source, `file:///${path}`).pathname.slice(1)
      : source;
    found.imports.push({ line: lineOf(node), target, typesOnly });
  };
  return {
    ImportDeclaration(node) {
      const named = node.specifiers;
      const typesOnly = node.importKind === "type" || named.length > 0 &&
          named.every((each) => each.type === "ImportSpecifier" && each.importKind === "type");
      add(node, node.source.value, typesOnly);
    },
    ExportAllDeclaration: (node) => add(node, node.source.value, node.exportKind === "type"),
    ExportNamedDeclaration(node) {
      if (node.source) add(node, node.source.value, node.exportKind === "type");
    },
    ImportExpression(node) {
      if (node.source.type === "Literal") add(node, String(node.source.value), false);
    },
    TSImportType(node) {
      if (node.argument.type === "TSLiteralType" && node.argument.literal.type === "Literal") {
        add(node, String(node.argument.literal.value), true);
      }
    },
  };
}

type AnyFunction =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;

function functionsInto(found: Mutable<Source>, text: string): Deno.lint.LintVisitor {
  const around: { ownLines: number }[] = [];
  const enter = (node: AnyFunction) => {
    const ownLines = lineCount(text.slice(...node.range));
    const outer = around.at(-1);
    if (outer && ownLines > 1) outer.ownLines -= ownLines - 1;
    around.push({ ownLines });
  };
  const leave = (node: AnyFunction) => {
    const { ownLines } = around.pop()!;
    found.functions.push({ line: lineIn(text)(node), name: nameOf(node), lines: ownLines });
  };
  return {
    FunctionDeclaration: enter,
    FunctionExpression: enter,
    ArrowFunctionExpression: enter,
    "FunctionDeclaration:exit": leave,
    "FunctionExpression:exit": leave,
    "ArrowFunctionExpression:exit": leave,
  };
}

/** What people would call a function: its own name, or that of what it is given to. */
function nameOf(node: AnyFunction): string {
  if (node.type !== "ArrowFunctionExpression" && node.id) return node.id.name;
  const { key, id } = node.parent as { key?: { name?: string }; id?: { name?: string } };
  return key?.name ?? id?.name ?? "a function";
}

function exportsInto(found: Mutable<Source>, source: Deno.lint.SourceCode): Deno.lint.LintVisitor {
  const add = (node: Deno.lint.Node, declared: Deno.lint.Node) => {
    const name = workerName(declared);
    if (name === undefined) return;
    found.workers.push({ line: lineIn(source.text)(node), name, told: hasComment(node, source) });
  };
  return {
    ExportNamedDeclaration(node) {
      if (node.declaration) add(node, node.declaration);
    },
    ExportDefaultDeclaration: (node) => add(node, node.declaration),
  };
}

/** The name of what is declared, if it does something when it is called. */
function workerName(declared: Deno.lint.Node): string | undefined {
  if (declared.type === "FunctionDeclaration" || declared.type === "ClassDeclaration") {
    return declared.id?.name ?? "the default";
  }
  const constant = declared.type === "VariableDeclaration" ? declared.declarations[0] : undefined;
  if (!constant?.init || !/Function|Class/.test(constant.init.type)) return undefined;
  return constant.id.type === "Identifier" ? constant.id.name : undefined;
}

/** True if a comment for readers of the code stands directly before the node. */
function hasComment(node: Deno.lint.Node, source: Deno.lint.SourceCode): boolean {
  let next = node.range[0];
  for (const { range: [from, to], type, value } of source.getAllComments().toReversed()) {
    if (to > next) continue;
    if (!/^[^\S\n]*\n?[^\S\n]*$/.test(source.text.slice(to, next))) return false;
    if (type === "Block") return value.startsWith("*");
    next = from;
  }
  return false;
}
