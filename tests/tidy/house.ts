/** Rules about files: where they lie, what they are called, how long they are, what they never say. */
import { linesOf, matching, type Tree } from "./tree.ts";

const TOP =
  /^(deno\.json|deno\.lock|LICENSE|README\.md|\..+|(runtime|sim|scenarios|reports|tests)\/.+)$/;

/** The top level is the user's. */
export function topLevel(tree: Tree): string[] {
  return [...tree.keys()].filter((path) => !TOP.test(path))
    .map((path) => `${path}: only the folders and files of the house lie at the top`);
}

const GRAB_BAGS = /^(utils?|helpers?|common|misc|managers?|impl|index|shared|stuff)$/;

/** A file or folder is named by its noun; a grab bag has none. */
export function names(tree: Tree): string[] {
  return [...matching(tree, /\.(ts|tsx|js)$/)]
    .filter(([path]) => path.split(/[/._-]/).some((word) => GRAB_BAGS.test(word)))
    .map(([path]) => `${path}: say what it holds`);
}

const LONGEST_FILE = 400;

export function fileLengths(tree: Tree): string[] {
  return [...matching(tree, /\.(ts|tsx|js|css)$/)].flatMap(([path, text]) => {
    const lines = text.trimEnd().split("\n").length;
    return lines > LONGEST_FILE ? [`${path}: ${lines} lines, at most ${LONGEST_FILE}`] : [];
  });
}

/** Each file opens with one sentence about what it is, before the first declaration. */
export function openings(tree: Tree): string[] {
  return [...matching(tree, /\.(ts|tsx)$/)]
    .filter(([, text]) => !/^(\/\/.*\n|#!.*\n|\s)*\/\*\*\s/.test(text))
    .map(([path]) => `${path}:1: open with a sentence that says what the file is`);
}

/** Each pattern is written so that this file does not match it. */
const NEVER_SAID: readonly (readonly [RegExp, string])[] = [
  [/\bTO[D]O\b|\bFIX[M]E\b|\bXX[X]\b/, "unfinished work is done or left out"],
  [
    /(?<![\w.$}~-])\/(home|Users)\/\w|(?<![\w.$}~-])\/(root|work|workspace)\//,
    "a place on one machine",
  ],
  [
    /\bregistry\.[a-z]|\bnpmjs\.(com|org)|\bjsr\.io\b|\bdeno\.land\b|\besm\.sh\b/,
    "a registry's host",
  ],
  [
    /\b(issue|pull request|PR|bug|ticket|(fix|clos)(es|ed)) #\d/i,
    "a number only a tracker explains",
  ],
  [/\bgithub\.com\/[\w-]+\/[\w.-]+\/(issues|pull)\/\d/, "a number only a tracker explains"],
];

export function wording(tree: Tree): string[] {
  return [...tree].flatMap(([path, text]) =>
    NEVER_SAID.flatMap(([pattern, why]) =>
      [...linesOf(text, pattern)].map(([line]) => `${path}:${line}: ${why}`)
    )
  );
}

/** A comment may not switch the determinism rules off, nor all rules for a whole file. */
export function ignores(tree: Tree): string[] {
  const off = /deno-lint-ignore(-file)?\b.*\bdeterminism|deno-lint-ignore-file\s*(--|\*\/|$)/;
  return [...matching(tree, /^(runtime|sim|scenarios|reports)\/.*\.tsx?$/)].flatMap((
    [path, text],
  ) => [...linesOf(text, off)].map(([line]) => `${path}:${line}: this rule has no exceptions`));
}

/** It may run Deno, and nothing else: a live run is a process of its own. */
const CHEATS =
  /--allow-(?!read\b|write=reports\/out(\s|$)|run="\$\(deno eval 'console\.log\(Deno\.execPath\(\)\)'\)")|\s-A\b|--unstable/;

/** A task asks nothing of the person, and the command line shows that the simulator cannot cheat. */
export function tasks(tree: Tree): string[] {
  const all: Record<string, string> = JSON.parse(tree.get("deno.json") ?? "{}").tasks ?? {};
  return Object.entries(all).flatMap(([name, command]) => [
    ...(/deno (run|test)\b/.test(command) && !command.includes("--no-prompt")
      ? [`deno.json: task ${name} may stop to ask: add --no-prompt`]
      : []),
    ...(/\bsim\/main\.ts/.test(command) && CHEATS.test(command)
      ? [`deno.json: task ${name} lets the simulator out of its world`]
      : []),
  ]);
}
