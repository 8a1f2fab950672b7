/** The command line: what it prints, where, and with which exit code. */
import assert from "node:assert/strict";

const SCENARIOS = "tests/sim/scenarios";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function sim(...words: readonly string[]): Promise<Ran> {
  const out = await Deno.makeTempDir();
  const flags = [
    "run",
    "--no-lock",
    "--no-check",
    "--no-prompt",
    "--allow-read",
    `--allow-write=${out}`,
  ];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...flags, "sim/main.ts", ...words, "--out", out],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  await Deno.remove(out, { recursive: true });
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), error: text(stderr) };
}

Deno.test("a run says what it is first, and how to see it again last", async () => {
  const { code, out } = await sim(`${SCENARIOS}/pair.ts`, "--set", "blocks=20");
  const lines = out.trimEnd().split("\n");
  assert.equal(code, 0);
  assert.match(lines[0]!, /^pair {2}seed 7 {2}2 nodes {2}.* digest [0-9a-f]{32}$/);
  assert.equal(
    lines.at(-1),
    `again:   deno task sim ${SCENARIOS}/pair.ts --seed 7 --set blocks=20`,
  );
});

Deno.test("--json prints one object and nothing else", async () => {
  const { code, out } = await sim(`${SCENARIOS}/pair.ts`, "--json", "--seed", "9");
  assert.equal(code, 0);
  const result = JSON.parse(out);
  assert.deepEqual([result.v, result.scenario, result.seed, result.ok], [1, "pair", 9, true]);
  assert.equal(result.claims.length, 4);
});

Deno.test("a claim that fails is exit code 99, and the last line replays it", async () => {
  const failing = (await sweepOf("1..40")).find((line) => line.startsWith("FAIL"))!;
  const seed = /seed (\d+)/.exec(failing)![1]!;
  const { code, out } = await sim(`${SCENARIOS}/unlucky.ts`, "--seed", seed);
  assert.equal(code, 99);
  assert.equal(
    out.trimEnd().split("\n").at(-1),
    `again:   deno task sim ${SCENARIOS}/unlucky.ts --seed ${seed}`,
  );
});

Deno.test("a person's mistake is exit code 2 and one clear sentence", async () => {
  const mistakes: [string[], RegExp][] = [
    [[], /^Name a scenario/],
    [["scenarios/nowhere.ts"], /^Cannot open scenario scenarios\/nowhere.ts: no such file$/m],
    [[`${SCENARIOS}/pair.ts`, "--sede", "4"], /^Unknown option "--sede": did you mean "--seed"/],
    [
      [`${SCENARIOS}/pair.ts`, "--set", "block=4"],
      /^Unknown setting "block": did you mean "blocks"/,
    ],
    [[`${SCENARIOS}/pair.ts`, "--seed", "four"], /^Cannot read --seed four: a whole number/],
    [[`${SCENARIOS}/pair.ts`, "--seeds", "9..4"], /^Cannot read --seeds 9..4/],
    [[`${SCENARIOS}/pair.ts`, "--file", "nowhere.bin"], /^Cannot read --file nowhere.bin: /],
    [
      [`${SCENARIOS}/unlucky.ts`, "--file", "deno.json"],
      /^Cannot use --file: this scenario has no file/,
    ],
    [[`${SCENARIOS}/pair.ts`, "--live", "--twice"], /^Cannot use --twice with --live: /],
    [[`${SCENARIOS}/pair.ts`, "--live", "--crypto", "noble"], /^Cannot use --crypto with --live/],
    [[`${SCENARIOS}/pair.ts`, "--stage", "netns"], /^Cannot use --stage without --live/],
    [[`${SCENARIOS}/pair.ts`, "--live", "--stage", "netn"], /did you mean "netns"/],
    [["compare", "only/one"], /^Name two records: /],
    [["compare", "no/where", "no/where"], /^Cannot read no\/where: /],
    [
      ["compare", "deno.json", "deno.json"],
      /^Cannot use deno.json: it is not the run.json of a run/,
    ],
    [[`${SCENARIOS}/pair.ts`, "--workers", "2"], /^Cannot use --workers without --seeds$/m],
    [[`${SCENARIOS}/pair.ts`, "--crypto", "nodejs"], /did you mean "node"/],
    [[`${SCENARIOS}/pair.ts`, "more.ts"], /^Cannot run two scenarios/],
  ];
  const ran = await Promise.all(mistakes.map(([words]) => sim(...words)));
  ran.forEach(({ code, out, error }, at) => {
    assert.equal(code, 2, mistakes[at]![0].join(" "));
    assert.match(error, mistakes[at]![1]);
    assert.equal(out, "");
  });
});

Deno.test("a file that is no scenario is exit code 3", async () => {
  const ran = await Promise.all([sim(`${SCENARIOS}/nothing.ts`), sim("deno.json")]);
  assert.deepEqual(ran.map(({ code }) => code), [3, 3]);
  assert.match(ran[0]!.error, /Cannot load .*nothing.ts: .*export default scenario/);
});

Deno.test("a bug of ours is exit code 1, with the line that repeats it", async () => {
  const { code, out } = await sim(
    `${SCENARIOS}/unlucky.ts`,
    "--seeds",
    "1..20",
    "--set",
    "bug=true",
  );
  assert.equal(code, 1);
  const failed = /seed (\d+) {2}Error: Assertion failed: a planted bug/.exec(out)!;
  const again = await sim(`${SCENARIOS}/unlucky.ts`, "--seed", failed[1]!, "--set", "bug=true");
  assert.equal(again.code, 1);
  assert.match(again.error, /a planted bug/);
  assert.match(again.out, /^again: {3}deno task sim .*unlucky.ts --seed \d+ --set bug=true$/m);
});

Deno.test("--twice finds the same run in another thread", async () => {
  const { code, error } = await sim(`${SCENARIOS}/pair.ts`, "--twice");
  assert.equal(code, 0);
  assert.match(error, /^twice: {3}the same \d+ steps, digest [0-9a-f]{32}$/m);
});

Deno.test("--twice finds hidden chance: exit code 98, and the first step that differs", async () => {
  const { code, error } = await sim(`${SCENARIOS}/hidden.ts`, "--twice");
  assert.equal(code, 98);
  assert.match(error, /^Digests differ: /m);
  assert.match(error, /^ {2}first run: {2}50\d+ ns, (ana|ben), woke, /m);
});

async function sweepOf(...words: string[]): Promise<string[]> {
  const { out } = await sim(`${SCENARIOS}/unlucky.ts`, "--seeds", ...words);
  return out.trimEnd().split("\n");
}

Deno.test("a sweep says the same whatever the number of its threads", async () => {
  const [one, three] = await Promise.all([sweepOf("1..25"), sweepOf("1..25", "--workers", "3")]);
  assert.deepEqual(three, one);
  assert.match(
    one.at(-1)!,
    /^unlucky {2}seeds 1..25 {2}25 runs, \d+ failed {2}digest [0-9a-f]{32}$/,
  );
  assert.ok(one.length > 2, "some seeds are unlucky");
});

Deno.test("the shards of a sweep are the sweep", async () => {
  const parts = await Promise.all(
    ["1/3", "2/3", "3/3"].map((shard) => sweepOf("1..20", "--shard", shard)),
  );
  const failing = (lines: string[]) => lines.filter((line) => line.startsWith("FAIL"));
  assert.deepEqual(parts.flatMap(failing).toSorted(), failing(await sweepOf("1..20")).toSorted());
});

Deno.test("a sweep in --json prints a line for each seed", async () => {
  const { out } = await sim(`${SCENARIOS}/unlucky.ts`, "--seeds", "4..6", "--json");
  const seeds = out.trimEnd().split("\n").map((line) => JSON.parse(line).seed);
  assert.deepEqual(seeds, [4, 5, 6]);
});

Deno.test("an interrupted run is exit code 130", async () => {
  const out = await Deno.makeTempDir();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "--no-check", "--allow-read", `--allow-write=${out}`, "sim/main.ts"]
      .concat(`${SCENARIOS}/endless.ts`, "--out", out),
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const progress = child.stderr.getReader();
  await progress.read(); // the first line says that it is under way
  child.kill("SIGINT");
  const { code } = await child.status;
  await progress.cancel();
  await Deno.remove(out, { recursive: true });
  assert.equal(code, 130);
});
