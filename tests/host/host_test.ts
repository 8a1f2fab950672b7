/** The live host's loop: orders in sequence, one commit for all that waits, nothing overtakes a refusal. */
import assert from "node:assert/strict";
import type { AppEvent, Effect, Input, Micros, Reason, Step } from "../../runtime/core/mod.ts";
import { Host } from "../../runtime/host/host.ts";
import type { Save } from "../../runtime/host/ports.ts";

const byte = Uint8Array.of(1);
const save = (key: string): Effect => ({ kind: "save", key, bytes: byte });
const tell = (name: string): Effect => ({ kind: "tell", event: { protocol: "test", name } });
const send = (link: number): Effect => ({ kind: "send", link, frame: { head: byte } });

/** A host whose node answers each fact as it is told to; `log` says what was done, in order. */
function staged(options: {
  readonly steps: readonly (readonly Effect[])[];
  readonly refuses?: (saves: readonly Save[]) => Reason | undefined;
  readonly wakeAt?: (now: Micros) => Micros | undefined;
  readonly micros?: () => Micros;
}) {
  const log: string[] = [], inputs: Input[] = [];
  const steps = [...options.steps];
  let now = 0;
  const host = new Host({
    node: {
      step(at, input): Step {
        inputs.push(input);
        return { effects: steps.shift() ?? [], wakeAt: options.wakeAt?.(at) };
      },
    },
    records: {
      load: () => new Map(),
      commit(saves) {
        const why = options.refuses?.(saves);
        log.push(
          `${why === undefined ? "commit" : "refuse"} ${saves.map(({ key }) => key).join()}`,
        );
        return why;
      },
    },
    pieces: {
      kept: () => [],
      keep: (key) => (log.push(`keep ${key}`), undefined),
      drop: (key) => log.push(`drop ${key}`),
      settle: (name) => (log.push(`settle ${name}`), Promise.resolve("disk-error" as const)),
      read: (key) => (log.push(`read ${key}`), byte),
    },
    files: {
      read: (handle, at, length) => (log.push(`file ${handle} ${at} ${length}`), undefined),
    },
    network: {
      send: (link) => log.push(`send ${link}`),
      dial: (address) => log.push(`dial ${address}`),
      hangUp: (link, why) => log.push(`hang up ${link} ${why}`),
      cast: (to) => log.push(`cast ${to}`),
    },
    micros: options.micros ?? (() => now++),
    told: (event: AppEvent) => log.push(`tell ${event.name}`),
    failed: (error) => log.push(`failed ${(error as Error).message}`),
  });
  return { host, log, inputs };
}

const asked: Input = { kind: "asked", command: { protocol: "test", name: "go" } };
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

Deno.test("records of all steps that wait share one commit, before anything of them is sent", async () => {
  const { host, log } = staged({
    steps: [[send(1), save("a"), send(2)], [tell("b")], [save("c"), tell("d")]],
  });
  for (let count = 0; count < 3; count++) host.post(asked);
  await settled();
  assert.deepEqual(log, ["commit a,c", "send 1", "send 2", "tell b", "tell d"]);
  host.close();
});

Deno.test("what follows a save that the disk refuses is withheld, in its own step only", async () => {
  const { host, log, inputs } = staged({
    steps: [
      [send(1), save("a"), send(2), tell("lost"), { kind: "dial", address: "x:1" }],
      [tell("fine"), save("b"), send(2)],
    ],
    refuses: (saves) => saves.some(({ key }) => key === "a") ? "disk-full" : undefined,
  });
  host.post(asked);
  host.post(asked);
  await settled();
  assert.deepEqual(log, [
    "refuse a,b",
    "send 1",
    "refuse a",
    "hang up 2 disk-full",
    "tell fine",
    "commit b",
    "send 2",
  ]);
  assert.deepEqual(inputs.slice(2), [
    { kind: "refused", order: "save", key: "a", why: "disk-full" },
    { kind: "refused", order: "dial", key: "x:1", why: "disk-full" },
    { kind: "unlinked", link: 2, why: "disk-full" },
  ]);
  host.close();
});

Deno.test("pieces and parts of files are loaded by their keys, and answered in their turn", async () => {
  const { host, log, inputs } = staged({
    steps: [[{ kind: "load", key: "swarm/c/0" }, { kind: "load", key: "file/my/book/16+8" }]],
  });
  host.post(asked);
  await settled();
  assert.deepEqual(log, ["read swarm/c/0", "file my/book 16 8"]);
  assert.deepEqual(inputs.slice(1), [
    { kind: "loaded", key: "swarm/c/0", bytes: byte },
    { kind: "loaded", key: "file/my/book/16+8", bytes: undefined },
  ]);
  host.close();
});

Deno.test("a crowd of facts is stepped in order, and leaves the sockets their turns", async () => {
  const { host, inputs } = staged({ steps: [] });
  const facts = Array.from({ length: 50_000 }, (_, link): Input => ({
    kind: "drained",
    link,
    queued: 0,
  }));
  let turns = 0;
  const other = setInterval(() => turns++, 1);
  for (const fact of facts) host.post(fact);
  while (inputs.length < facts.length) await settled();
  clearInterval(other);
  assert.deepEqual(inputs, facts);
  assert.ok(turns > 0);
  host.close();
});

Deno.test("the node is woken when it wants to be, once, and not before", async () => {
  const times: Micros[] = [];
  const { host, inputs } = staged({
    steps: [],
    micros: () => Math.floor(performance.now() * 1000),
    wakeAt: (now) => times.push(now) < 2 ? now + 20_000 : undefined,
  });
  host.post(asked);
  await settled();
  assert.equal(inputs.length, 1);
  while (inputs.length < 2) await settled();
  await settled();
  assert.deepEqual(inputs.map(({ kind }) => kind), ["asked", "woke"]);
  assert.ok(times[1]! - times[0]! >= 20_000);
  host.close();
});

Deno.test("an assertion of the node's stops it, and is reported", async () => {
  const { host, log } = staged({
    steps: [],
    wakeAt: () => {
      throw new Error("time runs forwards");
    },
  });
  host.post(asked);
  host.post(asked);
  await settled();
  assert.deepEqual(log, ["failed time runs forwards"]);
});
