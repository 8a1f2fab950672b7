/** Rules about who may know whom, and that nobody knows himself by a detour. */
import { SHELLS } from "../lint_determinism.ts";
import { type Import, sourceOf } from "./source.ts";
import { linesOf, matching, type Tree } from "./tree.ts";

interface Room {
  readonly files: RegExp;
  readonly may: RegExp;
  readonly mayTypes?: RegExp;
}

const CODE = /\.tsx?$/;
const PROTOCOL_DOORS = String.raw`runtime/protocols/(\w+/)?mod\.ts`;

/** The first room whose `files` match is the file's own; `$1` stands for what its brackets hold. */
const ROOMS: readonly Room[] = [
  { files: /^tests\//, may: /./ },
  { files: shells(), may: /^(sim|reports)\/|^runtime\/(core|host)\// },
  {
    files: /^reports\/main\.ts$/,
    may: /^reports\/|^runtime\/(core\/nearest\.ts$|host\/std_cli\/)/,
    mayTypes: /^sim\/record\.ts$/,
  },
  {
    files: /^reports\//,
    may: /^reports\/|^runtime\/core\/nearest\.ts$/,
    mayTypes: /^sim\/record\.ts$/,
  },
  { files: /^scenarios\//, may: new RegExp(`^(scenarios/.*|sim/mod\\.ts|${PROTOCOL_DOORS})$`) },
  { files: /^sim\//, may: /^(sim|runtime\/core)\// },
  { files: /^runtime\/core\//, may: /^runtime\/core\// },
  {
    files: /^runtime\/protocols\/(\w+)\//,
    may: /^(runtime\/protocols\/($1\/.*|\w+\/mod\.ts)|runtime\/core\/mod\.ts)$/,
  },
  { files: /^runtime\/protocols\/mod\.ts$/, may: /^runtime\/(core|protocols\/\w+)\/mod\.ts$/ },
  { files: /^runtime\/host\//, may: new RegExp(`^(runtime/(host|core)/.*|${PROTOCOL_DOORS})$`) },
  { files: /^runtime\/web\//, may: new RegExp(`^(runtime/(web|core)/.*|${PROTOCOL_DOORS})$`) },
  { files: /^runtime\/main\.ts$/, may: /^runtime\// },
];

function shells(): RegExp {
  return new RegExp(
    `^(${SHELLS.map((path) => path.replace(".", "\\.").replace(/\/$/, "/.*")).join("|")})$`,
  );
}

/** scenarios -> sim -> runtime/core <- runtime/protocols <- runtime/host <- runtime/main. */
export function directions(tree: Tree): string[] {
  return [...matching(tree, CODE)].flatMap(([path, text]) => {
    const room = ROOMS.find(({ files }) => files.test(path));
    if (room === undefined) return [`${path}: no room of the house holds this file`];
    const own = room.files.exec(path)![1] ?? "";
    const may = new RegExp(room.may.source.replace("$1", own));
    return sourceOf(path, text).imports
      .filter(({ target }) => isOurs(target, tree))
      .filter(({ target, typesOnly }) =>
        !may.test(target) && !(typesOnly && room.mayTypes?.test(target))
      )
      .map(({ line, target }) => `${path}:${line}: may not import ${target}`);
  });
}

/** Every package is named, with its version, in deno.json, so that one command locks them all. */
export function packages(tree: Tree): string[] {
  const named = Object.values(mapped(tree)).map((target) =>
    target.replace(/^npm:\//, "npm:").replace(/\/$/, "")
  );
  return [...matching(tree, CODE)].flatMap(([path, text]) =>
    [...linesOf(text, /"(npm|jsr):/)].flatMap(([line, found]) =>
      [...found.matchAll(/"((npm|jsr):[^"]+)"/g)]
        .filter(([, name]) =>
          !named.some((known) => name === known || name!.startsWith(`${known}/`))
        )
        .map(([, name]) => `${path}:${line}: ${name} is not named in deno.json`)
    )
  );
}

/** A version is one version: what was checked is what runs. */
export function pins(tree: Tree): string[] {
  return Object.entries(mapped(tree))
    .filter(([, target]) => target.startsWith("npm:") && !/@\d+\.\d+\.\d+\/?$/.test(target))
    .map(([name, target]) => `deno.json: ${name} is not pinned to one version: ${target}`);
}

/** Nothing is imported that is not there, or that only deno.json knows to be ours. */
export function targets(tree: Tree): string[] {
  const disguised = Object.entries(mapped(tree))
    .filter(([, target]) => /^[./]/.test(target))
    .map(([name]) => `deno.json: ${name} hides a file of ours: import it by its path`);
  const missing = [...matching(tree, CODE)].flatMap(([path, text]) =>
    sourceOf(path, text).imports
      .filter(({ target }) => isOurs(target, tree) && !tree.has(target))
      .map(({ line, target }) => `${path}:${line}: ${target} is not there`)
  );
  return [...disguised, ...missing];
}

function mapped(tree: Tree): Record<string, string> {
  return JSON.parse(tree.get("deno.json") ?? "{}").imports ?? {};
}

function isOurs(target: string, tree: Tree): boolean {
  return tree.has(target) || /^(runtime|sim|scenarios|reports|tests)\//.test(target);
}

/** The host's own words stay with the host. */
const HOSTS = [
  /^runtime\/(host\/|main\.ts$)/,
  /^reports\/main\.ts$/,
  /^reports\/page\/script\.ts$/, // strips types with the engine's own function
  /^tests\//,
  shells(),
];

export function hostWords(tree: Tree): string[] {
  const fromHost = ({ target }: Import) => /^(node:|jsr:|https?:)/.test(target);
  return [...matching(tree, CODE)]
    .filter(([path]) => !HOSTS.some((host) => host.test(path)))
    .flatMap(([path, text]) => {
      const { imports, hostUses } = sourceOf(path, text);
      return [...hostUses, ...imports.filter(fromHost).map(({ line }) => line)]
        .map((line) => `${path}:${line}: only a host says Deno or node:`);
    });
}

/** No file leads back to itself, not even by types. Each cycle is told once, by its first file. */
export function cycles(tree: Tree): string[] {
  const found: string[] = [];
  const done = new Set<string>(), trail: string[] = [];
  const visit = (path: string) => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(" -> "));
    if (start >= 0 || done.has(path)) return;
    trail.push(path);
    const { imports } = sourceOf(path, tree.get(path)!);
    for (const { target } of imports) if (tree.has(target) && CODE.test(target)) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const [path] of matching(tree, CODE)) visit(path);
  return found;
}
