/** Rules about what a file says: how long its functions are, what it explains, what it swallows. */
import { isShell } from "../lint_determinism.ts";
import { sourceOf } from "./source.ts";
import { matching, type Tree } from "./tree.ts";

const LONGEST_FUNCTION = 70;

/** A function fits a screen; what is inside a function of its own counts there. */
export function functionLengths(tree: Tree): string[] {
  return [...matching(tree, /\.tsx?$/)].flatMap(([path, text]) =>
    sourceOf(path, text).functions
      .filter(({ lines }) => lines > LONGEST_FUNCTION)
      .map(({ line, name, lines }) => `${path}:${line}: ${name} has ${lines} lines of its own`)
  );
}

/**
 * A function or class that others use says what it is: in a sentence of its own, or in the one that
 * opens the file, if the file is named after it or after several of it.
 */
export function comments(tree: Tree): string[] {
  return [...matching(tree, /^(runtime\/(core|protocols)|sim)\/.*\.ts$/)].flatMap(
    ([path, text]) => {
      const noun = path.split("/").at(-1)!.replace(/\.ts$/, "").replaceAll("_", "");
      return sourceOf(path, text).workers
        .filter(({ name, told }) => !told && ![name, `${name}s`].map(lower).includes(noun))
        .map(({ line, name }) => `${path}:${line}: ${name} is exported without a sentence`);
    },
  );
}

const lower = (name: string) => name.toLowerCase();

/** Where another's code throws at bytes that no honest peer would send. */
const CATCHING: readonly string[] = [
  "runtime/core/bytes.ts", // the strict TextDecoder
  "runtime/core/noble.ts", // a wrong tag
  "runtime/core/text_seals.ts", // a wrong tag
  "runtime/protocols/session/primitives.ts", // no key of the KEM
];

/** Below the host nothing is caught: our own bugs stop the run. */
export function catches(tree: Tree): string[] {
  return [...matching(tree, /^(runtime\/(core|protocols)|sim)\/.*\.ts$/)]
    .filter(([path]) => !CATCHING.includes(path) && !isShell(path))
    .flatMap(([path, text]) =>
      sourceOf(path, text).catches.map((line) =>
        `${path}:${line}: nothing is caught below the host`
      )
    );
}
