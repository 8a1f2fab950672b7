/** The project as the tidy rules see it: every file's text, by its path from the top. */

export type Tree = ReadonlyMap<string, string>;

/** A rule tells what it found wrong, each as `path:line: what`. */
export type Rule = (tree: Tree) => string[];

const TEXT =
  /(^|\/)[^./]+$|\.(ts|tsx|js|json|jsonc|lock|md|txt|css|html|svg|yml|yaml|sh)$|^\.[^/]+/;

/** Reads a folder, without what its .gitignore names. Of files that hold no text, only the path. */
export async function readTree(top: string): Promise<Tree> {
  const ignore = await Deno.readTextFile(`${top}/.gitignore`);
  const ignored = [".git", ...ignore.split("\n").map((line) => line.replace(/^\/|\/$/g, ""))];
  const tree = new Map<string, string>();
  const visit = async (folder: string) => {
    for (const entry of await Array.fromAsync(Deno.readDir(`${top}/${folder}`))) {
      const path = folder + entry.name;
      if (ignored.includes(path) || ignored.includes(entry.name)) continue;
      if (entry.isDirectory) await visit(`${path}/`);
      else tree.set(path, TEXT.test(path) ? await Deno.readTextFile(`${top}/${path}`) : "");
    }
  };
  await visit("");
  return new Map([...tree].sort(([a], [b]) => a < b ? -1 : 1));
}

/** The files whose path matches. */
export function* matching(tree: Tree, path: RegExp): Iterable<readonly [string, string]> {
  for (const entry of tree) if (path.test(entry[0])) yield entry;
}

/** The lines of a text that match, numbered from 1. */
export function* linesOf(text: string, pattern: RegExp): Iterable<readonly [number, string]> {
  for (const [at, line] of text.split("\n").entries()) if (pattern.test(line)) yield [at + 1, line];
}
