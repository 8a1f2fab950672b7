/** Strangers that flood, forge and order about: they get nothing for it, and nobody else loses anything. */
import assert from "node:assert/strict";
import {
  type Effect,
  identityFrom,
  type Micros,
  type PeerId,
  Stream,
  utf8,
} from "../../../runtime/core/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import type { SwarmMessage } from "../../../runtime/protocols/swarm/mod.ts";
import * as limits from "../../../runtime/protocols/swarm/limits.ts";
import {
  type Actor,
  type Duration,
  type FileHandle,
  leave,
  type Size,
  type Stage,
} from "../../../sim/mod.ts";
import { BLOCK, type Desk, type Options, type Played, played } from "./classroom.ts";
import { caller, type Diary, idOf, type SwarmContext } from "./liars.ts";

const random = new Stream("strangers");

/** What a stranger says, to whom, once the content's key is known. */
type Speech = (content: Uint8Array, to: PeerId, ctx: SwarmContext) => void;

interface Setting extends Options {
  /** Whom the strangers call, and when. */
  readonly whom?: string;
  readonly after?: Micros;
  readonly strangers?: number;
  readonly students?: number;
  readonly size?: Size;
  readonly teacherStartsAt?: Duration;
  /** What else happens. */
  readonly also?: (stage: Stage<never>, desk: Desk, lecture: FileHandle, cast: Actor[]) => void;
}

interface Visit {
  readonly run: Played;
  /** Of the strangers. */
  readonly diaries: readonly Diary[];
}

/** A class fetches; strangers call somebody in it. */
function visited(speech: Speech, setting: Setting = {}): Visit {
  const { whom = "pc1", after = 1_050_000, strangers = 1, students = 3, size = "1MiB" } = setting;
  const { teacherStartsAt = "0s" } = setting;
  const diaries: Diary[] = [];
  const cast = new Map<string, Actor>();
  let keyOf = () => "";
  const stranger = () => {
    const diary: Diary = { links: 0, ended: 0, heard: [] };
    diaries.push(diary);
    const says = (to: PeerId, ctx: SwarmContext) => speech(idOf(keyOf()), to, ctx);
    return caller(() => cast.get(whom)!, says, { diary, after });
  };
  const names = Array.from({ length: strangers }, (_, at) => `stranger${at + 1}`);
  const run = played((stage, desk) => {
    const { named, many, file } = stage;
    const { teacher } = named("teacher", { startsAt: teacherStartsAt });
    const pcs = many("pc", students);
    many("stranger", strangers);
    for (const actor of [teacher, ...pcs]) cast.set(actor.name, actor);
    const lecture = file("lecture", size);
    keyOf = () => desk.keyOf(lecture);
    desk.share(teacherStartsAt, teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
    setting.also?.(stage, desk, lecture, [teacher, ...pcs]);
  }, {
    lasts: "15s",
    ...setting,
    instead: Object.fromEntries(names.map((name) => [name, stranger])),
  });
  return { run, diaries: diaries.filter(({ links }) => links > 0) };
}

/** When the last of the class had everything, in seconds. */
function lastOf({ run }: Visit): number {
  return Math.max(...["pc1", "pc2", "pc3"].map((name) => run.of(name, "completed")[0]!.at));
}

/** Sees each order of one machine. */
function ordered(
  who: string,
  see: (effect: Effect) => unknown,
): NonNullable<Options["stepped"]> {
  return (_seconds, { name }, _input, { effects }) => name === who && effects.forEach(see);
}

function assertUnharmed({ run }: Visit, students = 3): void {
  const names = Array.from({ length: students }, (_, at) => `pc${at + 1}`);
  assert.deepEqual(run.who("completed"), names);
  run.assertTruthful();
}

const mate = (secret: string) => {
  const { keys } = identityFrom(noble.sha256(utf8(secret)), noble);
  return { ...keys, address: "10.9.9.9:4545", dial: true };
};
const noPlan = { epoch: 1_000_000, given: 0, dimensions: [] };
const body = random.bytes(BLOCK);

/** Valid bytes, dishonest meaning: whoever says these is refused from then on. */
const DISHONEST: Readonly<Record<string, (content: Uint8Array) => [SwarmMessage, Uint8Array?]>> = {
  "a plan": (content) => [{ kind: "plan", content, ...noPlan }],
  "a block beyond the end": (content) => [
    { kind: "block", content, index: 64, spread: 0, epoch: 0, haves: [] },
    body,
  ],
  "a block of another length": (content) => [
    { kind: "block", content, index: 5, spread: 0, epoch: 0, haves: [] },
    body.subarray(1),
  ],
  "a block with wrong bytes": (content) => [
    { kind: "block", content, index: 63, spread: 1, epoch: 1, haves: [] },
    body,
  ],
  "blocks it cannot have": (content) => [{ kind: "haves", content, haves: [3, 64] }],
  "with a block, others it cannot have": (content) => [
    { kind: "block", content, index: 5, spread: 0, epoch: 0, haves: [65_535] },
    body,
  ],
  "a bitmap of another length": (content) => [{ kind: "has", content, blocks: new Uint8Array(7) }],
  "a page beyond the end": (content) => [
    { kind: "page", content, page: 1, spread: 0, epoch: 0, proof: [] },
    body,
  ],
};

for (const [what, saying] of Object.entries(DISHONEST)) {
  Deno.test(`who sends ${what} is refused from then on`, () => {
    // Wrong bytes are only looked at where they are news; all else is refused at any time.
    const after = what === "a block with wrong bytes" ? 1_050_000 : 4_000_000;
    const visit = visited((content, to, ctx) => {
      ctx.send(to, { kind: "interest", content, address: "" });
      ctx.send(to, ...saying(content));
    }, { after });
    assertUnharmed(visit);
    const [{ links, ended }] = visit.diaries as [Diary];
    assert.deepEqual([links, ended], [1, 1], "one link, and then never again");
  });
}

Deno.test("those who were refused leave room for others", () => {
  const beyond = DISHONEST["with a block, others it cannot have"]!;
  const { run } = visited((content, to, ctx) => {
    ctx.send(to, { kind: "interest", content, address: "" });
    ctx.send(to, ...beyond(content));
  }, {
    strangers: limits.NEIGHBOURS + 12,
    after: 4_000_000,
    lasts: "25s",
    also({ named, at }, desk, lecture, [teacher, first, ...others]) {
      const { late } = named("late");
      at("3s", leave([teacher!, ...others])); // who was here before leaves room, too
      desk.fetch("10s", late, lecture, first!);
    },
  });
  assert.deepEqual(run.who("completed"), ["pc1", "pc2", "pc3", "late"]);
});

Deno.test("words that mean nothing here are not answered, and do no harm", () => {
  const visit = visited((content, to, ctx) => {
    const peer = new Uint8Array(32).fill(9);
    ctx.send(to, { kind: "relayed", content, blocks: [1, 2], bytesPerSecond: 1e12, waiting: 0 });
    ctx.send(to, { kind: "accuse", content, peer });
    ctx.send(to, { kind: "want", content, blocks: [60_000] });
    ctx.send(to, { kind: "wantPages", content, pages: [100] });
    ctx.send(to, { kind: "unwant", content, blocks: [1] });
    ctx.send(to, { kind: "unknown", content });
    ctx.send(to, { kind: "offer", content }, body);
    ctx.send(to, { kind: "leave", content });
  });
  assertUnharmed(visit);
  assert.equal(visit.diaries[0]!.links, 1, "nobody is blamed for them");
});

Deno.test("nobody but a source makes anyone dial: a stranger's mates are ignored", () => {
  const dials: string[] = [];
  const mates = Array.from({ length: 60 }, (_, at) => mate(`${at}`));
  const visit = visited((content, to, ctx) => ctx.send(to, { kind: "mates", content, mates }), {
    stepped: ordered("pc1", (effect) => effect.kind === "dial" && dials.push(effect.address)),
  });
  assertUnharmed(visit);
  assert.equal(dials.includes(mates[0]!.address), false);
});

Deno.test("blocks of contents that nobody asked for are thrown away", () => {
  const visit = visited((_content, to, ctx) => {
    for (let at = 0; at < 200; at++) {
      const content = random.bytes(32);
      ctx.send(to, { kind: "block", content, index: 0, spread: 1, epoch: 0, haves: [] }, body);
      ctx.send(to, { kind: "has", content, blocks: Uint8Array.of(1) });
    }
  }, { lasts: "30s" });
  assertUnharmed(visit);
  assert.equal(visit.run.machine("pc1").disk.pieces().length, 64);
  assert.ok(visit.diaries[0]!.heard.every(({ kind }) => kind === "leave"));
});

Deno.test("a manifest is sent once over a link, however often it is asked for", () => {
  let offers = 0;
  visited((content, to, ctx) => {
    for (let at = 0; at < 500; at++) ctx.send(to, { kind: "interest", content, address: "" });
  }, {
    whom: "teacher",
    stepped: ordered("teacher", (effect) => {
      if (effect.kind === "send" && (effect.frame.body?.length ?? BLOCK) < 1000) offers++;
    }),
  });
  assert.equal(offers, 4, "three students and a stranger");
});

Deno.test("more strangers than there is room for keep nobody from the source and its plan", () => {
  const { keys } = visited(() => {}, { size: "4MiB" }).run;
  const relayedBy = (speech: Speech, strangers: number) => {
    let bodies = 0;
    const visit = visited(speech, {
      ...{ size: "4MiB", teacherStartsAt: "5s", keys, lasts: "40s", strangers },
      stepped: ordered("pc1", (effect) => {
        if (effect.kind === "send" && effect.frame.body !== undefined) bodies++;
      }),
    });
    assertUnharmed(visit);
    return bodies;
  };
  const usual = relayedBy(() => {}, 1);
  const crowded = relayedBy((content, to, ctx) => {
    ctx.send(to, { kind: "interest", content, address: "" });
    ctx.send(to, { kind: "has", content, blocks: new Uint8Array(32) });
  }, limits.NEIGHBOURS + 12);
  assert.ok(crowded > usual / 2, `${crowded} blocks were passed on, else ${usual}`);
});

Deno.test("a flood of wants gets a bounded queue, and delays the others a little", () => {
  const blocks = Array.from({ length: 256 }, (_, at) => at);
  const size = "4MiB";
  const flood: Speech = (content, to, ctx) => {
    ctx.send(to, { kind: "interest", content, address: "" });
    ctx.send(to, { kind: "has", content, blocks: new Uint8Array(32) });
    for (let turn = 0; turn < 100; turn++) {
      ctx.send(to, { kind: "want", content, blocks: blocks.slice(0, 128) });
      ctx.send(to, { kind: "want", content, blocks: blocks.slice(128) });
      ctx.send(to, { kind: "wantPages", content, pages: [0, 1, 2] });
    }
  };
  const early = visited(flood, { strangers: 3, size });
  assertUnharmed(early);
  const usual = lastOf(visited(() => {}, { size }));
  assert.ok(lastOf(early) - 1 < 2 * (usual - 1), `${lastOf(early)} s instead of ${usual} s`);
  const late = visited(flood, { strangers: 3, size, after: 5_000_000 });
  for (const name of ["stranger1", "stranger2", "stranger3"]) {
    const got = late.run.received(name);
    assert.ok(got <= (limits.WANTS + 24) * BLOCK, `${got / BLOCK} blocks for one flood`);
  }
});

Deno.test("a block that all have is passed on again for nobody but the source", () => {
  const visit = visited((content, to, ctx) => {
    ctx.send(to, { kind: "interest", content, address: "" });
    for (let at = 0; at < 100; at++) {
      const about = { content, index: 0, epoch: 1, haves: [] };
      ctx.send(to, { kind: "block", ...about, spread: 2 }, body);
    }
  }, { students: 70, size: "100KB", lasts: "20s", after: 5_000_000 });
  assertUnharmed(visit, 70);
  const sent = visit.run.received("pc2") + visit.run.received("pc3");
  assert.ok(sent < 2 * 150_000, `${sent} bytes reached two of the class`);
});
