/** Greetings of a node that has more to do than it can: few at one time, so that those come in time. */
import assert from "node:assert/strict";
import {
  type Address,
  type Command,
  type Effect,
  type Input,
  limits,
  type LinkId,
  type Micros,
  Node,
  type PeerKeys,
  type Protocol,
  second,
  Stream,
  struct,
  wire,
} from "../../runtime/core/mod.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";

/** Wakes each second, dials when asked, and tells who has joined and where nobody answers. */
function probe(): Protocol<{ kind: "nothing" }> {
  return {
    name: "probe",
    code: 9,
    wire: wire({ nothing: struct({}) }),
    started: (_saved, ctx) => ctx.wake("beat", second),
    woke: (_timer, ctx) => ctx.wake("beat", second),
    received: () => {},
    joined(peer, ctx) {
      ctx.hold(peer);
      ctx.tell({ protocol: "probe", name: "joined", peer });
    },
    unreachable: (address, why, ctx) => ctx.tell({ protocol: "probe", name: `${address}: ${why}` }),
    asked(command, ctx) {
      const { address, keys } = command as Command & { address: Address; keys?: PeerKeys };
      ctx.dial(address, keys);
    },
  };
}

class Machine {
  readonly node: Node;
  #now: Micros = 0;
  #links = 0;

  constructor(name: string) {
    this.node = new Node({
      network: "room",
      seed: new Stream(name).bytes(32),
      address: `${name}:1`,
      random: new Stream(name),
      crypto: nodeCrypto,
      protocols: [probe()],
    });
    this.does({ kind: "started", saved: { records: new Map(), kept: [] }, boot: 0 });
  }

  does(input: Input): readonly Effect[] {
    return this.node.step(this.#now, input).effects;
  }

  /** Its timers fire so much too late. */
  wakesLate(micros: Micros): readonly Effect[] {
    this.#now += second + micros;
    return this.does({ kind: "woke" });
  }

  /** Somebody has dialled it, or it has reached whom it dialled. */
  linked(
    dialled?: Address,
    host = `10.0.0.${this.#links}`,
  ): { readonly link: LinkId; readonly effects: readonly Effect[] } {
    const link = ++this.#links, from = dialled ?? `${host}:${link}`;
    const about = dialled === undefined ? { from } : { from, dialled };
    return { link, effects: this.does({ kind: "linked", link, transport: "tcp", ...about }) };
  }

  dials(address: Address, keys?: PeerKeys): readonly Effect[] {
    return this.does({
      kind: "asked",
      command: { protocol: "probe", name: "dial", address, keys } as Command,
    });
  }
}

const isTurnedAway = (effects: readonly Effect[]) =>
  effects.some((effect) => effect.kind === "hang-up" && effect.why === "too-many");
const dialled = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => effect.kind === "dial" ? [effect.address] : []);
const sent = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => effect.kind === "send" ? [effect.frame] : []);

Deno.test("a node that is late greets four at one time, and turns others away unheard", () => {
  const machine = new Machine("busy");
  machine.wakesLate(500_000);
  for (let nth = 0; nth < 10; nth++) assert.equal(isTurnedAway(machine.linked().effects), false);
  const late = new Machine("late");
  late.wakesLate(500_001);
  const links = Array.from({ length: 4 }, () => late.linked());
  assert.ok(links.every(({ effects }) => !isTurnedAway(effects)));
  assert.ok(isTurnedAway(late.linked().effects));
  late.does({ kind: "unlinked", link: links[0]!.link, why: "closed" });
  assert.equal(isTurnedAway(late.linked().effects), false);
  assert.ok(isTurnedAway(late.linked().effects));
  late.wakesLate(0);
  assert.equal(isTurnedAway(late.linked().effects), false, "it has caught up");
});

Deno.test("strangers at one address take half of a late node's places, and none of its dials", () => {
  const machine = new Machine("late");
  machine.wakesLate(second);
  const turnedAway = Array.from(
    { length: 4 },
    () => isTurnedAway(machine.linked(undefined, "10.0.0.66").effects),
  );
  assert.deepEqual(turnedAway, [false, false, true, true]);
  for (let nth = 0; nth < 2; nth++) assert.equal(isTurnedAway(machine.linked().effects), false);
  assert.ok(isTurnedAway(machine.linked().effects));
  assert.deepEqual(dialled(machine.dials("10.0.1.1:1")), ["10.0.1.1:1"]);
});

Deno.test("of too many dials that wait the last are not made, until they are asked for again", () => {
  const machine = new Machine("late");
  machine.wakesLate(second);
  const count = limits.DIALS_WHEN_LATE + limits.DEFERRED_DIALS, last = "10.0.2.1:1";
  for (let nth = 0; nth < count; nth++) machine.dials(`10.0.1.1:${nth}`);
  machine.dials(last);
  const made = dialled(machine.wakesLate(0));
  assert.deepEqual([made.length, made.includes(last)], [limits.DEFERRED_DIALS, false]);
  assert.deepEqual(dialled(machine.dials(last)), [last]);
});

Deno.test("a node that is late dials four at one time, in the order of asking; the others wait", () => {
  const machine = new Machine("late");
  machine.wakesLate(second);
  const names = Array.from({ length: 7 }, (_, nth) => `10.0.1.${nth}:1`);
  assert.deepEqual(names.flatMap((name) => dialled(machine.dials(name))), names.slice(0, 4));
  assert.equal(isTurnedAway(machine.linked().effects), false, "they take nobody's place");
  const refused = machine.does({
    kind: "refused",
    order: "dial",
    key: names[0]!,
    why: "unreachable",
  });
  assert.deepEqual(dialled(refused), [names[4]]);
  const { link, effects } = machine.linked(names[1]);
  assert.deepEqual([sent(effects).length, dialled(effects)], [1, []], "it greets now");
  const ended = machine.does({ kind: "unlinked", link, why: "closed" });
  assert.deepEqual(dialled(ended), [names[5]]);
  assert.deepEqual(dialled(machine.dials(names[6]!)), [], "it waits already");
  assert.deepEqual(dialled(machine.wakesLate(0)), [names[6]], "it has caught up");
});

Deno.test("who has come by himself is not dialled any more when it is his turn", () => {
  // Whichever of the two has the smaller name: the other's link counts where both dial.
  for (const name of ["peer", "another", "third"]) comesByItself(name);
});

function comesByItself(name: string): void {
  const machine = new Machine("late"), peer = new Machine(name);
  machine.wakesLate(second);
  for (let nth = 0; nth < 4; nth++) machine.dials(`10.0.1.${nth}:1`);
  peer.dials("late:1", machine.node.identity.keys);
  const { link } = machine.linked();
  const { effects: hello, link: theirs } = peer.linked("late:1");
  assert.deepEqual(dialled(machine.dials(`${name}:1`, peer.node.identity.keys)), []);
  const answers = sent(hello).flatMap((frame) =>
    sent(machine.does({ kind: "received", link, frame }))
  );
  const proofs = answers.flatMap((frame) =>
    sent(peer.does({ kind: "received", link: theirs, frame }))
  );
  const last = proofs.flatMap((frame) => machine.does({ kind: "received", link, frame }));
  assert.ok(last.some((effect) => effect.kind === "tell" && effect.event.name === "joined"));
  assert.deepEqual(dialled([...last, ...machine.wakesLate(0)]), []);
  peer.does({ kind: "unlinked", link: theirs, why: "closed" });
  machine.does({ kind: "unlinked", link, why: "closed" });
  assert.deepEqual(dialled(machine.dials(`${name}:1`)), [`${name}:1`], "it may be dialled again");
}
