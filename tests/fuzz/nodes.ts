/** Whole nodes as targets: of every message over a link, of every datagram, of every damaged disk. */
import {
  type Crypto,
  joined,
  Node,
  type Random,
  Stream,
  type Wire,
} from "../../runtime/core/mod.ts";
import { all } from "../../runtime/protocols/mod.ts";
import { disksInUse } from "./disks.ts";
import { dreamt } from "./dream.ts";
import type { Target } from "./target.ts";
import { Victim } from "./victim.ts";
import { DATAGRAMS, protocols } from "./wires.ts";

/** A victim is replaced after so much: what it has heard makes it different from others. */
const PATIENCE = 2000;
const LONGEST_PAUSE = 60_000;
const START = 1_000_000;
/** What one message may make a node send; a plan or a bitmap leads to a frame for each neighbour. */
const ANSWER_BYTES = 2_000_000;

/** A message of each kind, to a node that has never seen anything worse. */
export function hearingTargets(crypto: Crypto): Target[] {
  const victims = new Victims(crypto);
  return [
    ...protocols().flatMap(({ name, code, wire }) =>
      targetsOf(`node hears ${name}`, wire, victims, (victim, bytes, random) => {
        victim.say(code, bytes, random.pick(victim.bodies(random)));
      })
    ),
    ...protocols().filter(({ name }) => name in DATAGRAMS).flatMap(({ name, code }) =>
      targetsOf(`node overhears ${name}`, DATAGRAMS[name]!, victims, (victim, bytes) => {
        const datagram = Uint8Array.of(code, ...bytes.subarray(0, 1100));
        victim.overhear(datagram);
      })
    ),
  ];
}

/** Messages of all kinds in one long conversation: one makes the next one possible. */
export function conversation(crypto: Crypto): Target {
  const victims = new Victims(crypto);
  const random = new Stream("conversation");
  const speakers = protocols();
  return {
    name: "node hears anything in any order",
    cap: Infinity,
    validEvery: 2,
    valid(chance) {
      const { code, wire } = chance.pick(speakers);
      const { dictionary } = victims.current(random);
      const message = dreamt(wire, chance.below(wire.kinds.length), chance, dictionary);
      return message === undefined ? undefined : joined(Uint8Array.of(code), wire.encode(message));
    },
    accepts(bytes) {
      const victim = victims.current(random);
      const body = random.pick(victim.bodies(random));
      victim.say(bytes[0] ?? 0, bytes.subarray(1), body);
      if (random.below(10) === 0) victim.pass(random.below(10 * LONGEST_PAUSE));
      return true;
    },
  };
}

type Send = (victim: Victim, bytes: Uint8Array, random: Random) => void;

function targetsOf(name: string, wire: Wire<unknown>, victims: Victims, send: Send): Target[] {
  return wire.kinds.map((kind, place) => {
    const random = new Stream(`${name} ${kind.name}`);
    return {
      name: `${name} ${kind.name}`,
      cap: Infinity, // that is for the wire's own target to say
      validEvery: 2, // what cannot be read never gets far
      valid(chance) {
        const message = dreamt(wire, place, chance, victims.current(random).dictionary);
        return message === undefined ? undefined : wire.encode(message);
      },
      accepts(bytes) {
        const victim = victims.current(random);
        const before = victim.sentBytes;
        send(victim, bytes, random);
        if (victim.sentBytes - before > ANSWER_BYTES) throw new Error("it answers far too much");
        if (random.below(4) === 0) victim.pass(random.below(LONGEST_PAUSE));
        return true; // refusing by hanging up is as good
      },
    };
  });
}

/** One victim after another: a new one where the liar was banned, or after long. */
class Victims {
  #victim: Victim | undefined;
  #age = 0;

  constructor(readonly crypto: Crypto) {}

  current(random: Random): Victim {
    const known = this.#age++ < PATIENCE ? this.#victim : undefined;
    if (known?.isLinked === false) known.link();
    if (known?.isLinked) return known;
    this.#age = 0;
    const victim = this.#victim = new Victim(this.crypto, random);
    victim.link();
    return victim;
  }
}

/** A node starts from whatever became of its records: it may forget, but never fail. */
export function diskTarget(crypto: Crypto): Target {
  const random = new Stream("damaged disks");
  const disks = disksInUse(crypto);
  return {
    name: "node starts from damaged records",
    cap: Infinity,
    // Which disk, which of its records, and what has become of it.
    valid(chance) {
      const disk = chance.below(disks.length);
      const records = [...disks[disk]!.saved.records.values()];
      const place = chance.below(records.length);
      return joined(Uint8Array.of(disk, place), records[place]!);
    },
    accepts(bytes) {
      const { saved, seed } = disks[(bytes[0] ?? 0) % disks.length]!;
      const names = [...saved.records.keys()];
      const records = new Map(saved.records);
      records.set(names[(bytes[1] ?? 0) % names.length]!, bytes.subarray(2));
      if (random.below(8) === 0) records.delete(random.pick(names));
      const options = { network: "starling sim", seed, address: "10.0.0.7:1", crypto };
      const node = new Node({ ...options, random: new Stream("restarted"), protocols: all() });
      let { wakeAt } = node.step(START, { kind: "started", saved: { ...saved, records }, boot: 3 });
      for (let turn = 0; turn < 5 && wakeAt !== undefined; turn++) {
        wakeAt = node.step(Math.max(START, wakeAt), { kind: "woke" }).wakeAt;
      }
      return true;
    },
  };
}
