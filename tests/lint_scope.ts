/** Which names a node of a syntax tree can see: Deno's lint plugins have no scope analysis of their own. */

type Node = Deno.lint.Node;

/** What the typings leave out, or spread over hundreds of types: a node seen by its fields. */
interface Fields {
  readonly type: string;
  /** Null above the whole file. */
  readonly parent: Fields | null;
  readonly name?: string;
  readonly key?: Fields;
  readonly property?: Fields;
  readonly computed?: boolean;
  readonly expression?: Fields;
  readonly initializer?: Fields;
  readonly id?: Fields | null;
  readonly local?: Fields;
  readonly left?: Fields;
  readonly init?: Fields | null;
  readonly param?: Fields | null;
  readonly params?: readonly Fields[];
  readonly body?: Fields | readonly Fields[];
  readonly members?: readonly Fields[];
  readonly cases?: readonly { readonly consequent: readonly Fields[] }[];
  readonly declaration?: Fields | null;
  readonly declarations?: readonly Fields[];
  readonly specifiers?: readonly Fields[];
  readonly elements?: readonly (Fields | null)[];
  readonly properties?: readonly Fields[];
  readonly value?: unknown;
  readonly argument?: Fields;
  readonly parameter?: Fields;
}

/** Expressions that only add a type; every other node whose type starts with TS belongs to a type. */
const TYPED_EXPRESSIONS = new Set([
  "TSAsExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
  "TSExportAssignment",
]);

const LABELS = new Set([
  "MetaProperty",
  "ImportSpecifier",
  "ExportSpecifier",
  "ImportAttribute",
  "ExportAllDeclaration",
  "LabeledStatement",
  "BreakStatement",
  "ContinueStatement",
]);

const KEYED = new Set(["Property", "MethodDefinition", "PropertyDefinition", "AccessorProperty"]);

/** True if the identifier stands for a value, not for a property, a label or a type. */
export function isValue(identifier: Node): boolean {
  const node = identifier as unknown as Fields;
  const parent = node.parent;
  if (parent === null || LABELS.has(parent.type)) return false;
  if (parent.type === "MemberExpression" && parent.property === node) {
    return parent.computed === true;
  }
  if (KEYED.has(parent.type) && parent.key === node) return parent.computed === true;
  if (TYPED_EXPRESSIONS.has(parent.type)) return parent.expression === node;
  if (parent.type === "TSEnumMember") return parent.initializer === node;
  return !parent.type.startsWith("TS");
}

/** What each place of one file can see. */
export class Scopes {
  readonly #text: string;
  readonly #names = new WeakMap<Fields, ReadonlySet<string>>();

  constructor(text: string) {
    this.#text = text;
  }

  /** True if nothing in the file declares the identifier: it is the engine's, or the host's. */
  isFree(identifier: Node): boolean {
    const node = identifier as unknown as Fields;
    for (let around = node.parent; around !== null; around = around.parent) {
      if (this.#namesOf(around).has(node.name!)) return false;
    }
    return true;
  }

  /** The names that a node declares for what is inside it. */
  #namesOf(node: Fields): ReadonlySet<string> {
    const before = this.#names.get(node);
    if (before !== undefined) return before;
    const names = new Set<string>();
    if (Array.isArray(node.body)) { for (const each of node.body) this.#declare(each, names); }
    for (const { consequent } of node.cases ?? []) {
      for (const each of consequent) this.#declare(each, names);
    }
    for (const each of node.params ?? []) this.#bind(each, names);
    if (node.type === "TSEnumBody") {
      for (const each of node.members ?? []) this.#bind(each.id, names);
    }
    if (node.type === "CatchClause") this.#bind(node.param, names);
    if (node.type.startsWith("For")) this.#declare(node.init ?? node.left, names);
    if (/^(Function|Class)Expression$/.test(node.type)) this.#bind(node.id, names);
    this.#names.set(node, names);
    return names;
  }

  /** Adds what a statement declares. */
  #declare(statement: Fields | null | undefined, names: Set<string>): void {
    if (!statement) return;
    if (statement.type.startsWith("Export")) return this.#declare(statement.declaration, names);
    if (statement.type === "ImportDeclaration") {
      for (const each of statement.specifiers ?? []) this.#bind(each.local, names);
    }
    for (const each of statement.declarations ?? []) this.#bind(each.id, names);
    if (/^(Function|Class|TS\w*)Declaration$|^TSDeclareFunction$/.test(statement.type)) {
      this.#bind(statement.id, names);
    }
  }

  /** Adds the names of a pattern. */
  #bind(pattern: Fields | null | undefined, names: Set<string>): void {
    if (!pattern) return;
    if (pattern.name !== undefined) names.add(pattern.name);
    for (const each of pattern.elements ?? []) this.#bind(each, names);
    for (const each of pattern.properties ?? []) {
      this.#bind((each.type === "Property" ? each.value : each) as Fields, names);
    }
    if (pattern.type === "ArrayPattern") {
      const behind = behindHole(pattern as unknown as Deno.lint.ArrayPattern, this.#text);
      for (const [name] of this.#text.slice(...behind).matchAll(/[\w$]+/g)) names.add(name);
    }
    this.#bind(pattern.argument, names); // the rest, in `...rest`
    this.#bind(pattern.left, names); // what is bound, in `name = default`
    this.#bind(pattern.parameter, names); // what is bound, in `private name`
  }
}

/**
 * The range of the plain names in `[, name, other]`, which the syntax tree leaves out: it ends at the
 * first hole. The range is empty where nothing is left out, and where more than names is.
 */
export function behindHole(pattern: Deno.lint.ArrayPattern, text: string): Deno.lint.Range {
  const from = pattern.elements.at(-1)?.range[1] ?? pattern.range[0] + 1;
  const names = /^[\s\w$,]*(?=\])/.exec(text.slice(from))?.[0] ?? "";
  return [from, from + names.length];
}
