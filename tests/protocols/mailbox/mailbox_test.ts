/** Two who are never there together, and the mailboxes between them: honest, lost, and lying ones. */
import assert from "node:assert/strict";
import { accounted } from "../../../runtime/core/accounted.ts";
import type { AnyProtocol, AppEvent, Context } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import type { Item, MailboxMessage } from "../../../runtime/protocols/mailbox/wire.ts";
import { all, chat } from "../../../runtime/protocols/mod.ts";
import { type Actor, crash, lan, saying, scenario, type Stage, wipe } from "../../../sim/mod.ts";
import { World } from "../../../sim/world.ts";

type Cast = Record<"ana" | "ben" | "box1" | "box2", Actor>;
const bytesOf = (value: unknown) => JSON.stringify(value);

/** Plays a story: what each was told, and every record that the mailboxes kept in the end. */
function told(
  seconds: number,
  play: (stage: Stage<never>, cast: Cast) => void,
  liar: (name: string, honest: AnyProtocol) => AnyProtocol = (_, honest) => honest,
) {
  const said: { at: number; who: string; event: chat.ChatEvent }[] = [];
  const story = scenario({
    seed: 1,
    lasts: `${seconds}s`,
    network: () => lan({ latency: "1ms", bandwidth: "100Mbps" }),
    protocols: (_settings, { name }) =>
      all({ chat: { who: name }, mailbox: { serves: name.startsWith("box") } })
        .map((each) => each.name === "mailbox" ? liar(name, each) : each),
    play(stage) {
      play(stage as unknown as Stage<never>, stage.named("ana", "ben", "box1", "box2"));
    },
  });
  const world = new World({
    scenario: story,
    crypto: accounted(nodeCrypto),
    watch: {
      told(now, { name: who }: Actor, event: AppEvent) {
        if (chat.isChatEvent(event)) said.push({ at: now / 1e9, who, event });
      },
    },
  });
  world.run();
  const words = (name: string) =>
    said.filter(({ who, event }) => who === name && event.name !== "named").map(({ event }) =>
      "text" in event ? `${event.name} ${event.text}` : event.name
    ).filter((line) => !line.startsWith("accepted"));
  const kept = world.machines.slice(2).map(({ disk }) =>
    [...disk.saved().records.keys()].filter((key) => key.startsWith("mailbox/item/")).length
  );
  const readable = world.machines.slice(2).some(({ disk }) =>
    bytesOf([...disk.saved().records.values()].map((bytes) => new TextDecoder().decode(bytes)))
      .includes("secret")
  );
  return { said, words, kept, readable };
}

/** They meet for the first seconds, then take turns of ten. */
function takeTurns({ at, between }: Stage<never>, { ana, ben }: Cast): void {
  at("3s", ana, chat.write({ to: [ben.peer], text: "hello" }));
  at("4s", ben, chat.write({ to: [ana.peer], text: "hello yourself" }));
  between("10s", "20s", crash(ben));
  between("20s", "30s", crash(ana));
  between("30s", "40s", crash(ben));
}

Deno.test("letters, receipts and answers go through mailboxes, which can read none of them", () => {
  const { words, kept, readable } = told(60, (stage, cast) => {
    takeTurns(stage, cast);
    const { ana, ben } = cast;
    stage.at("12s", ana, chat.write({ to: [ben.peer], text: "secret one" }));
    stage.at("14s", ana, chat.write({ to: [ben.peer], text: "secret two" }));
    stage.at("25s", ben, chat.write({ to: [ana.peer], text: "secret three" }));
    stage.whenever(ben, chat.isReceived, {
      of: ben,
      ask: (_, { peer, id }) => chat.read({ peer, ids: [id] }),
    });
  });
  assert.deepEqual(words("ben"), [
    "received hello",
    "delivered",
    "received secret one",
    "received secret two",
    "held",
    "delivered",
  ]);
  const ofAna = words("ana").filter((line) => !line.includes("hello"));
  // At the end they meet, and Ben tells once more what he has read: nobody has noted it.
  assert.deepEqual(ofAna.slice(0, 9), [
    "delivered",
    "read",
    "held",
    "held",
    "delivered",
    "delivered",
    "read",
    "read",
    "received secret three",
  ]);
  assert.deepEqual(kept, [0, 0], "what was taken is not kept");
  assert.equal(readable, false);
});

Deno.test("one of two mailboxes is lost with its disk: nothing else is", () => {
  const { words } = told(60, (stage, cast) => {
    takeTurns(stage, cast);
    const { ana, ben, box1 } = cast;
    stage.at("12s", ana, chat.write({ to: [ben.peer], text: "one" }));
    stage.between("17s", "19s", crash(box1));
    stage.at("18s", wipe(box1));
    stage.at("25s", ben, chat.write({ to: [ana.peer], text: "two" }));
  });
  // What nobody has read is told again by every restart.
  assert.ok(words("ben").indexOf("received one") > words("ben").indexOf("received hello"));
  assert.ok(words("ana").includes("received two"));
});

/** A mailbox that keeps the first two parcels of everybody back, and gives the rest. */
function withholding(honest: AnyProtocol): AnyProtocol {
  const lie = (ctx: Context<MailboxMessage>): Context<MailboxMessage> =>
    Object.create(ctx, {
      send: {
        value: (to: never, message: MailboxMessage) =>
          ctx.send(
            to,
            message.kind === "items"
              ? { ...message, items: message.items.filter(({ order }) => order > 2) }
              : message,
          ),
      },
    });
  return {
    ...honest,
    received: (message, from, body, ctx) => honest.received(message, from, body, lie(ctx)),
  };
}

Deno.test("a mailbox that keeps a letter back is named, and the other one's copy is read in order", () => {
  const story = (stage: Stage<never>, cast: Cast) => {
    const { ana, ben, box2 } = cast;
    stage.at("3s", ana, chat.write({ to: [ben.peer], text: "hello" }));
    stage.between("10s", "20s", crash(ben));
    for (const [at, text] of [["12s", "one"], ["14s", "two"], ["16s", "three"]] as const) {
      stage.at(at, ana, chat.write({ to: [ben.peer], text }));
    }
    stage.between("19s", "88s", crash(ana));
    stage.between("19s", "25s", crash(box2)); // first, there is only the one that lies
  };
  const ofBen = (words: readonly string[]) =>
    words.filter((line) => /received (one|two|three)|missed/.test(line));
  const honest = told(90, story);
  const inOrder = ["received one", "received two", "received three"];
  assert.deepEqual(ofBen(honest.words("ben")).slice(0, 3), inOrder);
  const lying = told(90, story, (name, each) => name === "box1" ? withholding(each) : each);
  const missed = lying.said.filter(({ event }) => event.name === "missed");
  assert.ok(missed.length > 0, "it is noticed");
  for (const { event } of missed) {
    assert.ok(event.name === "missed" && event.box !== undefined, "and named");
    assert.match(event.words, /keeps something back/);
  }
  const read = ofBen(lying.words("ben")).filter((line) => line !== "missed");
  assert.deepEqual(read.slice(0, 3), inOrder);
});

Deno.test("a reader who has lost everything is told again by mailboxes alone", () => {
  const { words } = told(130, (stage, cast) => {
    const { ana, ben } = cast;
    takeTurns(stage, cast);
    stage.at("15s", wipe(ben));
    stage.at("12s", ana, chat.write({ to: [ben.peer], text: "for who you were" }));
    // From 20 s on they are never there together again.
    stage.between("40s", "60s", crash(ana));
    stage.between("60s", "80s", crash(ben));
    stage.between("80s", "100s", crash(ana));
    stage.between("100s", "129s", crash(ben));
  });
  assert.ok(words("ben").includes("received for who you were"), words("ben").join());
});

Deno.test("a mailbox that reorders, repeats and drops shows nothing out of order, twice or never", () => {
  const texts = ["one", "two", "three", "four", "five"];
  const story = (stage: Stage<never>, { ana, ben }: Cast) => {
    stage.at("3s", ana, chat.write({ to: [ben.peer], text: "hello" }));
    stage.between("10s", "20s", crash(ben));
    texts.forEach((text, nth) =>
      stage.at(`${12 + nth}s`, ana, chat.write({ to: [ben.peer], text }))
    );
    stage.between("19s", "60s", crash(ana));
  };
  let changed = 0;
  const changing = (change: (items: readonly Item[]) => readonly Item[]) =>
    told(
      140,
      story,
      (name, each) =>
        !name.startsWith("box") ? each : saying(each, (message, body) => {
          if (message.kind !== "items") return { message, body };
          const { items } = message as MailboxMessage & { kind: "items" };
          const others = change(items);
          if (others !== items) changed++;
          return { message: { ...message, items: others } as typeof message, body };
        }),
    );
  let turn = 0;
  const liars: Record<string, (items: readonly Item[]) => readonly Item[]> = {
    reorders: (items) => items.toReversed(),
    repeats: (items) => [...items, ...items].slice(0, 4),
    drops: (items) => items.filter(() => turn++ % 2 === 1),
  };
  for (const [kind, change] of Object.entries(liars)) {
    changed = 0;
    const { words } = changing(change);
    const read = words("ben").filter((line) => texts.includes(line.replace("received ", "")));
    assert.deepEqual(read, texts.map((text) => `received ${text}`), kind);
    assert.ok(changed > 0, `the mailbox ${kind}`);
  }
});
