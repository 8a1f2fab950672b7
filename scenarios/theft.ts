/**
 * A thief copies one person's disk, keys of the identity and all, and records whatever crosses the wire,
 * from the first second to the last: which letters become readable, and from when on the thief is blind.
 *
 * The thief listens, and says nothing: who speaks in a stolen name is another story (safety numbers).
 */
import { all, chat } from "../runtime/protocols/mod.ts";
import {
  opened,
  packetWire,
  readSessions,
  type Session,
  Sessions,
  starling,
} from "../runtime/protocols/session/mod.ts";
import { type Actor, drawnLan, lan, type Lie, saying, scenario, steal } from "../sim/mod.ts";

type Context = Parameters<Lie>[3];
type PeerId = Actor["peer"];

/** A sealed letter, seen on the wire for the first time. */
interface Seen {
  readonly what: "parcel";
  readonly from: string;
  readonly id: string;
  readonly packet: Uint8Array;
}

/** Somebody has confirmed letters. */
interface Confirmed {
  readonly what: "kept";
  readonly by: string;
  readonly ids: readonly string[];
}

/** All that a thief knows of one run, in the order in which it happened. */
class Tape {
  readonly events: (Seen | Confirmed)[] = [];
  readonly #packets = new Set<string>();
  /** Where on the tape the disk was copied. */
  theftAt = Infinity;
  records: ReadonlyMap<string, Uint8Array> = new Map();
  /** The victim's node, for its identity. */
  victim: Context | undefined;

  heard(from: string, message: chat.ChatMessage, context: Context): void {
    if (from === VICTIM) this.victim = context;
    if (message.kind === "kept") {
      this.events.push({ what: "kept", by: from, ids: message.ids.map((id) => id.toHex()) });
    } else if (message.kind === "letters") {
      for (const { id, packet } of message.letters) {
        if (this.#packets.has(packet.toHex())) continue;
        this.#packets.add(packet.toHex());
        this.events.push({ what: "parcel", from, id: id.toHex(), packet });
      }
    }
  }

  stolen(records: ReadonlyMap<string, Uint8Array>): void {
    this.theftAt = this.events.length;
    this.records = records;
  }

  /** Letters that were seen first in this part of the tape. */
  parcels(from: number, to = Infinity): Seen[] {
    return this.events.filter((event, at): event is Seen =>
      event.what === "parcel" && at >= from && at < to
    );
  }

  /**
   * Where the first letter of somebody's that was sealed after `after` is confirmed: for the last time,
   * since a failing disk keeps back what was to be said before.
   */
  confirmedAfter(after: number, from: string): number {
    const sent = this.events.findIndex((event, at) =>
      at > after && event.what === "parcel" && event.from === from
    );
    if (sent < 0) return Infinity;
    const { id } = this.events[sent] as Seen;
    const kept = this.events.findLastIndex((event) =>
      event.what === "kept" && event.by !== from && event.ids.includes(id)
    );
    return kept < 0 ? Infinity : kept;
  }
}

const VICTIM = "ben";
/** One tape for each run: settings are made once in a run. */
const tapes = new WeakMap<object, Tape>();

export default scenario({
  seed: 1,
  lasts: "150s",
  settings: {
    theft: { default: 60, atLeast: 20, atMost: 100 },
    faults: { choices: ["none", "drawn"], default: "none" },
  },
  network: ({ faults }) =>
    faults === "none" ? lan({ latency: "2ms", bandwidth: "100Mbps" }) : drawnLan(),
  protocols(settings, { name }) {
    const tape = tapeOf(settings);
    return all({ chat: { who: name } }).map((each) =>
      each.name !== "chat" ? each : saying(each, (message, body, _to, context) => {
        tape.heard(name, message as chat.ChatMessage, context);
        return { message, body };
      })
    );
  },

  play({ named, at, every, storm, whenever, expectValue, settings }) {
    const { ana, ben } = named("ana", "ben");
    const tape = tapeOf(settings);
    const write = (to: Actor, text: string) => chat.write({ to: [to.peer], text });
    every("3s", [ana], () => write(ben, "Are you there, Ben?"), { from: "5s", until: "130s" });
    every("7s", [ben], () => write(ana, "Yes, Ana, I am here"), { from: "6s", until: "130s" });
    for (const reader of [ana, ben]) {
      whenever([reader], chat.isReceived, {
        of: reader,
        ask: (_, { peer, id }) => chat.read({ peer, ids: [id] }),
      });
    }
    if (settings.faults === "drawn") {
      storm([ana, ben], { from: "10s", to: "110s", every: "8s", lasts: "5s" });
    }
    at(`${settings.theft}s`, steal(ben, (records) => tape.stolen(records)));

    const read = lazily(() => readBy(tape));
    // Ben answers, Ana answers that, and Ben once more: by then every secret is one that was never stolen.
    const blind = lazily(() => {
      const first = tape.confirmedAfter(tape.theftAt, "ben");
      const second = tape.confirmedAfter(first, "ana");
      return { ben: second, ana: tape.confirmedAfter(second, "ben") };
    });
    const count = (parcels: readonly Seen[]) => parcels.filter((each) => read().has(each)).length;
    const isCalm = settings.faults === "none";
    expectValue("letters of before the theft that open", () => count(openedBefore(tape)), {
      atMost: 0,
    });
    expectValue("letters of before, on the tape", () => openedBefore(tape).length, {
      atLeast: isCalm ? 5 : 1,
    });
    expectValue(
      "letters that open at all",
      () => count(tape.parcels(0)),
      isCalm ? { atLeast: 1, atMost: 6 } : { atLeast: 0 },
    );
    expectValue("letters after the answers, on the tape", () => after(tape, blind()).length, {
      atLeast: isCalm ? 10 : 0,
    });
    expectValue("letters after the answers that open", () => count(after(tape, blind())), {
      atMost: 0,
    });
  },
});

function tapeOf(settings: object): Tape {
  const tape = tapes.get(settings) ?? new Tape();
  tapes.set(settings, tape);
  return tape;
}

/**
 * Letters that their reader had opened when the disk was copied. Not those that were sealed twice: of the
 * seal that never came the key waits on the disk. Nor those that were confirmed again later: a failing
 * disk had kept them back, and the first confirmation.
 */
function openedBefore(tape: Tape): Seen[] {
  const kept = new Set<string>();
  for (const [at, event] of tape.events.entries()) {
    if (event.what !== "kept") continue;
    for (const id of event.ids) {
      if (at < tape.theftAt) kept.add(id);
      else kept.delete(id);
    }
  }
  const all = tape.parcels(0);
  const isOnly = (parcel: Seen) => all.every((each) => each === parcel || each.id !== parcel.id);
  return tape.parcels(0, tape.theftAt).filter((each) => kept.has(each.id) && isOnly(each));
}

function after(tape: Tape, blind: Readonly<Record<string, number>>): Seen[] {
  return tape.parcels(0).filter((each) => tape.events.indexOf(each) > blind[each.from]!);
}

/** What the thief can open, reading as the victim would, and going on along the victim's own chains. */
function readBy(tape: Tape): ReadonlySet<Seen> {
  const read = new Set<Seen>();
  if (tape.victim === undefined) return read;
  const { crypto, identity, now, boot, random } = tape.victim;
  const held = { crypto, identity, now, boot, random, save() {} };
  const tools = { profile: starling, crypto, chance: (length: number) => random.bytes(length) };
  const victim = new Sessions();
  const own: Session[] = [];
  let peer: PeerId | undefined;
  for (const [key, bytes] of tape.records) {
    if (!key.startsWith("chat/")) continue;
    const name = key.slice("chat/".length);
    victim.restore(name, bytes);
    if (!name.startsWith("session/")) continue;
    peer = name.slice("session/".length) as PeerId;
    own.push(...readSessions(bytes) ?? []);
  }
  for (const parcel of tape.parcels(0)) {
    if (parcel.from !== VICTIM) {
      if (peer !== undefined && victim.open(peer, parcel.packet, held) !== undefined) {
        read.add(parcel);
      }
      continue;
    }
    for (const [at, session] of own.entries()) {
      const { state, about } = session;
      // Whoever holds a sending chain can read along it, as the other side does.
      const reading = { ...state, receiving: state.sending };
      const step = opened(reading, packetWire.decode(parcel.packet)!.sealed, about, tools);
      if (step === undefined) continue;
      read.add(parcel);
      own[at] = { ...session, state: { ...step.state, sending: step.state.receiving } };
    }
  }
  return read;
}

/** Computed when the run is over, and once. */
function lazily<Value>(compute: () => Value): () => Value {
  let value: { readonly of: Value } | undefined;
  return () => (value ??= { of: compute() }).of;
}
