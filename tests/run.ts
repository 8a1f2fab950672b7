/**
 * Runs the tests, each suite with exactly the permissions it needs, and closes with one plain line.
 *
 *     deno task test [path...] [--filter=text] [any other flag of deno test]
 */

/** What was counted. A skipped test is told by its name, which holds the reason. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
}

interface Suite {
  readonly folder: string;
  /** `scratch` is a folder of their own, which goes when they are done. */
  readonly permissions: (scratch: string) => readonly string[];
}

/** The first whose folder holds a test is the one that runs it. */
const SUITES: readonly Suite[] = [
  { folder: "tests/browser", permissions: () => ["--allow-all", "--no-check"] },
  { folder: "tests/live", permissions: () => ["--allow-all"] },
  // Links of files, and how full a disk is, ask for more than a folder.
  { folder: "tests/contracts", permissions: () => ["--allow-all"] },
  { folder: "tests/host", permissions: () => ["--allow-all", "--parallel"] },
  {
    folder: "tests",
    permissions: (scratch) => [
      "--parallel",
      "--allow-read",
      `--allow-write=${scratch},reports/out`,
      "--allow-env",
      "--allow-net=127.0.0.0/8,[::1],localhost",
      `--allow-run=${Deno.execPath()}`,
    ],
  },
];

/** How `tests/needs.ts` names a test that was skipped. */
const REASON = / \[needs [^\]]+: [^\]]+\]$/;

/** Runs what the arguments name, or everything there is. */
export async function runTests(args: readonly string[]): Promise<Totals> {
  const flags = args.filter((arg) => arg.startsWith("-"));
  const wanted = args.filter((arg) => !arg.startsWith("-"));
  const paths = wanted.length > 0 ? wanted : SUITES.map(({ folder }) => folder);
  const all: Totals[] = [];
  for (const suite of SUITES) {
    const own = paths.filter((path) => suiteOf(path) === suite && exists(path));
    if (own.length > 0) all.push(await runSuite(suite, own, flags));
  }
  return sum(all);
}

/** Adds up, and decides what counts: a skip has a reason, and a machine of ours lacks nothing. */
export function judged({ passed, failed, skipped }: Totals, isCI: boolean): Totals {
  const excused = skipped.filter((name) => !isCI && REASON.test(name));
  const nothingRan = passed + failed + excused.length === 0 ? 1 : 0;
  return {
    passed,
    failed: failed + skipped.length - excused.length + nothingRan,
    skipped: excused,
  };
}

/** The closing line that continuous integration reads. */
export function closingLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
}

/** Judges, tells about skips, prints the closing line, and ends the process. */
export function close(totals: Totals): never {
  const isCI = Deno.env.get("CI") === "true";
  const final = judged(totals, isCI);
  for (const name of totals.skipped) {
    const excused = final.skipped.includes(name);
    console.log(excused ? `Skipped: ${name}` : `Failed, as it may not be skipped here: ${name}`);
  }
  console.log(closingLine(final));
  Deno.exit(final.failed === 0 ? 0 : 1);
}

/** Counts the cases of a JUnit file as deno test writes it; steps are cases of their own. */
export function readJUnit(xml: string): Totals {
  const cases = [...xml.matchAll(/<testcase name="([^"]*)"[^>]*>(.*?)<\/testcase>/gs)];
  const failed = cases.filter(([, , body]) => /<(failure|error)\b/.test(body!)).length;
  const skipped = cases.filter(([, , body]) => body!.includes("<skipped")).map(([, name]) => name!);
  return {
    passed: cases.length - failed - skipped.length,
    failed,
    skipped: skipped.map(unescaped),
  };
}

/** Adds up what several runs have counted. */
export function sum(all: readonly Totals[]): Totals {
  return {
    passed: all.reduce((count, { passed }) => count + passed, 0),
    failed: all.reduce((count, { failed }) => count + failed, 0),
    skipped: all.flatMap(({ skipped }) => skipped),
  };
}

async function runSuite(
  suite: Suite,
  paths: readonly string[],
  flags: readonly string[],
): Promise<Totals> {
  const scratch = await Deno.makeTempDir({ prefix: "starling-" });
  const junit = `reports/out/tests/${suite.folder.replaceAll("/", "-")}.xml`;
  await Deno.mkdir("reports/out/tests", { recursive: true });
  await Deno.remove(junit).catch(() => {}); // an older run's, if any
  const others = SUITES.filter((other) => other !== suite && other.folder.startsWith(suite.folder));
  const ignored = others.map(({ folder }) => folder).join(",");
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--no-prompt",
      `--junit-path=${junit}`,
      ...(ignored === "" ? [] : [`--ignore=${ignored}`]),
      ...suite.permissions(scratch),
      ...flags,
      ...paths,
    ],
    env: { TMPDIR: scratch, TEMP: scratch, TMP: scratch },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  await Deno.remove(scratch, { recursive: true });
  const counted = readJUnit(await Deno.readTextFile(junit).catch(() => ""));
  // A module that cannot be loaded is in no case of the file.
  return code !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
}

function suiteOf(path: string): Suite {
  const clean = path.replace(/^\.\//, "").replace(/\/$/, "");
  return SUITES.find(({ folder }) => clean === folder || clean.startsWith(`${folder}/`)) ??
    SUITES.at(-1)!;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'").replaceAll("&amp;", "&");
}

if (import.meta.main) close(await runTests(Deno.args));
