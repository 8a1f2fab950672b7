/** Some of the devices lie: about what they hold, what they give, and which mapping is the newest. */
import { all, vault } from "../runtime/protocols/mod.ts";
import {
  type Actor,
  drawnLan,
  lan,
  type Lie,
  saying,
  scenario,
  type StormKind,
} from "../sim/mod.ts";

const SECRET = new Uint8Array(32).fill(9);

/** What a device may do instead of what it should. One manner each. */
const MANNERS: Readonly<Record<string, () => Lie>> = {
  /** Turns over a bit of every shard, and of every block that is to prove something. */
  poisons: () => (message, body) => ({ message, body: body && flipped(body) }),
  /** Takes everything, and answers no question. */
  "is silent": () => (message, body) =>
    ["shard", "proof", "none"].includes(message.kind) ? undefined : { message, body },
  /** Says that it has stored a share, and later that it never had it. */
  denies: () => (message, body) => {
    const { share, number } = message as unknown as { share: Uint8Array; number: number };
    const isAsked = message.kind === "shard" || message.kind === "proof";
    return isAsked
      ? { message: { kind: "none", share, number } as never, body: undefined }
      : { message, body };
  },
  /** Gives other shards than it was asked for. */
  swaps: () => {
    let other: Uint8Array | undefined;
    return (message, body) => {
      if (message.kind !== "shard" || body === undefined) return { message, body };
      const given = other ?? body;
      other = body;
      return { message, body: given.length === body.length ? given : body };
    };
  },
  /** Shows the first mapping that it ever had. */
  "rolls back": () => {
    let first: { readonly version: number; readonly body: Uint8Array | undefined } | undefined;
    return (message, body) => {
      if (message.kind === "mapping") {
        first ??= { version: (message as unknown as { version: number }).version, body };
        return { message: { ...message, version: first.version } as never, body: first.body };
      }
      if (message.kind !== "entered") return { message, body };
      return { message: { ...message, version: 1 } as never, body };
    };
  },
  /** Claims to have a newer mapping, and has none. */
  boasts: () => (message, body) =>
    message.kind === "entered"
      ? { message: { ...message, version: 4_000_000_000 } as never, body }
      : { message, body: message.kind === "mapping" ? undefined : body },
  /** Takes no share. */
  refuses: () => (message, body) => {
    const { share } = message as unknown as { share: Uint8Array };
    return message.kind === "ready"
      ? { message: { kind: "refused", share, why: "disk-full" } as never, body }
      : { message, body };
  },
};
const manners = Object.keys(MANNERS);
const HARMLESS: readonly StormKind[] = ["crash", "restart", "pause", "cut", "lossy", "isolate"];

export default scenario({
  seed: 1,
  lasts: "4m",
  settings: {
    devices: { default: 8, atLeast: 4, atMost: 32 },
    liars: { default: 3, atLeast: 1, atMost: 16 },
    size: { unit: "size", default: "300KB" },
    faults: { choices: ["none", "drawn"], default: "none" },
  },
  network: ({ faults }) =>
    faults === "none" ? lan({ latency: "1ms", bandwidth: "100Mbps" }) : drawnLan(),
  // By a number in its name, each liar has a manner: which ones there are in a run changes with its seed.
  protocols: (_settings, { name }) =>
    all({ vault: { offers: name === "owner" || name === "heir" ? 0 : 1e9, lostAfter: 40e6 } }).map(
      (each) => {
        const [, manner] = /^liar(\d+)_/.exec(name) ?? [];
        if (each.name !== "vault" || manner === undefined) return each;
        return saying(each, MANNERS[manners[Number(manner) % manners.length]!]!());
      },
    ),

  play({ named, many, file, every, whenever, storm, expect, settings, random }) {
    const { owner } = named("owner"), { heir } = named("heir");
    const liars: Actor[] = [];
    for (let nth = 0; nth < settings.liars; nth++) {
      liars.push(...many(`liar${random.below(manners.length)}_${nth}_`, 1));
    }
    const honest = many("device", settings.devices - settings.liars);
    const { handle, name: title, size: bytes } = file("badge.png", settings.size);
    // Half of the liars take their shares and lie later; as many shares as there are liars may be lost.
    const count = settings.devices, enough = Math.max(2, settings.devices - settings.liars - 1);
    every("20s", owner, vault.create(SECRET), { from: "1s", until: "100s" });
    every(
      "25s",
      owner,
      vault.lock({ handle, title, bytes, count: Math.max(count, enough + 1), enough }),
      {
        from: "5s",
        until: "200s",
      },
    );
    whenever(owner, vault.isLocked, {
      of: owner,
      ask: (_, { content }) => vault.open(content),
    }, { after: "3s" });
    whenever(owner, vault.isLocked, {
      of: owner,
      ask: (_, { content }) => vault.verify(content),
    }, { after: "8s" });
    // Somebody with the secret finds the newest mapping on another machine, whatever liars show.
    every("15s", heir, vault.create(SECRET), { from: "130s", until: "150s" });
    whenever(owner, vault.isLocked, {
      of: heir,
      ask: (_, { content }) => vault.open(content),
    }, { after: "12s" });
    if (settings.faults === "drawn") {
      storm([owner, ...honest], {
        from: "3s",
        to: "120s",
        every: "10s",
        lasts: "6s",
        kinds: HARMLESS,
      });
    }
    expect("it is locked", owner, vault.isLocked, { from: "130s", by: "220s" });
    expect("it opens from another machine, by the newest mapping", heir, isSurelyOpened);
    expect("it opens, whoever lies", owner, vault.isOpened, { from: "130s", by: "4m" });
  },
});

function isSurelyOpened(event: Parameters<typeof vault.isOpened>[0]): boolean {
  return vault.isOpened(event) && event.isSure;
}

function flipped(body: Uint8Array): Uint8Array {
  const wrong = body.slice();
  if (wrong.length > 0) wrong[wrong.length >> 1]! ^= 1;
  return wrong;
}
