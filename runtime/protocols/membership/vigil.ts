/**
 * Failure detection: SWIM's suspicion and indirect probes over long-lived links, with Lifeguard's rule
 * that a node which wakes up late blames itself first.
 *
 * 1. Neighbours beat: often to the few whose names are nearest, who so watch them, seldom to the others.
 *    One that is late wavers: it is probed by datagram, by this node and by some neighbours, and others
 *    are sought in its place.
 * 2. Watchers give it up after 2.8 s: longer than a beat and a stall of 2 s. If somebody vouches for it,
 *    only the link is given up. The others, told of it, ask one that they have not heard for long
 *    themselves, and wait no longer than for an answer.
 * 3. Where a process has ended its links break at once; what does not answer soon is dead.
 * 4. A node whose own pulses come late is busy, and so, it must fear, is all the room: it gives everybody
 *    so much more time, and promises its own beats so much later (Lifeguard's local health).
 */
import { type Address, hex, type Micros, millisecond, type PeerId } from "../../core/mod.ts";
import { Allowances } from "./allowance.ts";
import { tell } from "./events.ts";
import { Lag } from "./lag.ts";
import * as limits from "./limits.ts";
import type { MembershipContext, Neighbour, View } from "./view.ts";
import { datagramWire } from "./wire.ts";

/** What the vigil has come to believe about a peer. */
export interface Verdict {
  readonly peer: PeerId;
  readonly incarnation: number;
  readonly why: "crashed" | "silent";
  /** Nobody has heard it. */
  readonly isDead: boolean;
}

/** Whom others call dead. */
type Subject = Pick<Doubt, "peer" | "address" | "incarnation">;

interface Doubt {
  readonly peer: PeerId;
  readonly address: Address;
  readonly incarnation: number;
  /** Its link broke; it is silent on ours; others say so of somebody whose beats do not come here. */
  readonly why: "crashed" | "silent" | "rumoured";
  readonly nonce: Uint8Array;
  /** Who is heard later than this lives. */
  readonly since: Micros;
  probeAt: Micros;
  deadline: Micros;
  /** When others said that it is dead. */
  rumouredAt: Micros;
  vouched: boolean;
}

const CRASH_PROBES: Micros = 80 * millisecond, SILENCE_PROBES: Micros = 400 * millisecond;
const RUMOUR_PROBES: Micros = 40 * millisecond;
/** Neighbours that are asked whether they hear a silent one. */
const WITNESSES = 2;
/** Neighbours that hear a node often. All of four crash with it once in sixteen times when half of all do. */
const WATCHERS = 4;
/** So few neighbours hear it all: beats cost little then, and each of them is missed. */
const FEW = 8;
/**
 * A link by which something was said as recently needs no beat of its own, but one in so many. Silence
 * lasts a pace and such a moment then, which a stall of 2 s prolongs: together less than SILENCE.
 */
const RECENT: Micros = 150 * millisecond, BEATS_SPARED = 4;
/** What a pace is counted in on the wire. */
const TENTH: Micros = 100 * millisecond;

export class Vigil {
  readonly #doubts = new Map<PeerId, Doubt>();
  readonly #doubtOf = new Map<string, PeerId>();
  /** Probes for others: by nonce, who is probed and who wants to know. */
  readonly #looks = new Map<string, { readonly peer: PeerId; readonly asker: PeerId }>();
  readonly #lookAllowances = new Allowances<PeerId>(
    limits.HOSTS,
    limits.LOOKS_BURST,
    limits.LOOKS_PER_SECOND,
  );
  readonly #lag = new Lag();
  #activeAt: Micros = 0;
  #pulseDue: Micros = Infinity;
  #patientUntil: Micros = 0;

  constructor(readonly view: View) {}

  /**
   * Called first in every step. If this node should have woken long ago, what others said meanwhile
   * still waits to be read: until then nobody is judged. After a long sleep even that may be lost, and
   * the time counts against nobody.
   */
  attend(now: Micros): void {
    const late = now - this.#pulseDue;
    if (late > limits.LATE) {
      this.#lag.late(late);
      this.#patientUntil = now + Math.max(limits.CATCHING_UP, this.#lag.micros);
      const slept = now - this.#activeAt;
      if (slept >= limits.SLEEP) this.#forgive(slept);
      this.#pulseDue = now; // once is enough
    }
    this.#activeAt = now;
  }

  /** Sends beats, and looks for who is silent. */
  pulse(ctx: MembershipContext): void {
    this.#pulseDue = ctx.now + limits.PULSE;
    this.#lag.pulsed();
    const isPatient = ctx.now < this.#patientUntil;
    const watchers = this.#watchers(ctx.self);
    const delay = Math.ceil(this.#lag.micros / limits.PULSE) * limits.PULSE;
    for (const neighbour of this.view.values()) {
      const pace = watchers.has(neighbour) ? limits.PULSE : limits.FAR_PULSE;
      this.#speak(neighbour, pace + delay, ctx);
      this.#listen(neighbour, ctx);
      const late = ctx.now - neighbour.frameAt - neighbour.pace;
      if (!neighbour.wavering && !isPatient && late >= limits.WAVERING + this.#lag.micros) {
        this.#waver(neighbour, ctx);
      }
    }
  }

  /** A neighbour said something of membership's. */
  heard(neighbour: Neighbour, ctx: MembershipContext): void {
    this.#lives(neighbour, ctx.now, ctx);
  }

  /** A neighbour beats, and says how soon it will again. */
  beat(neighbour: Neighbour, degree: number, pace: number): void {
    neighbour.degree = degree;
    neighbour.pace = Math.max(limits.PULSE, Math.min(pace * TENTH, limits.SLOW_PULSE));
  }

  /** Those who are to notice soon if this node falls silent. */
  #watchers(self: PeerId): ReadonlySet<Neighbour> {
    const all = [...this.view.values()];
    if (all.length <= FEW) return new Set(all);
    const distances = all.map((neighbour) => ({ neighbour, far: distance(neighbour.peer, self) }));
    distances.sort((one, other) => one.far - other.far);
    return new Set(distances.slice(0, WATCHERS).map(({ neighbour }) => neighbour));
  }

  /** Whatever is said over a link is a beat as well: who has just said something needs no other. */
  #speak(neighbour: Neighbour, pace: Micros, ctx: MembershipContext): void {
    const said = ctx.now - ctx.saidAt(neighbour.peer), told = ctx.now - neighbour.toldAt;
    const isSilent = said >= pace - limits.PULSE + RECENT;
    if (!isSilent && pace === neighbour.toldPace && told < BEATS_SPARED * pace) return;
    neighbour.toldAt = ctx.now;
    neighbour.toldPace = pace;
    ctx.send(neighbour.peer, { kind: "beat", degree: this.view.size, pace: pace / TENTH });
  }

  /** Takes note of what other protocols have heard from it. */
  #listen(neighbour: Neighbour, ctx: MembershipContext): void {
    const at = ctx.heardAt(neighbour.peer);
    if (at > neighbour.frameAt) this.#lives(neighbour, at, ctx);
  }

  #lives(neighbour: Neighbour, at: Micros, ctx: MembershipContext): void {
    neighbour.frameAt = Math.max(neighbour.frameAt, at);
    neighbour.heardAt = Math.max(neighbour.heardAt, at);
    if (!neighbour.wavering) return;
    neighbour.wavering = false;
    this.trust(neighbour.peer);
    tell(ctx, { name: "steady", peer: neighbour.peer });
  }

  /** A link broke as if the process had ended. */
  suspect(peer: PeerId, address: Address, incarnation: number, ctx: MembershipContext): void {
    this.trust(peer);
    const deadline = ctx.now + limits.CONFIRMATION + this.#lag.micros;
    this.#doubt({ peer, address, incarnation, why: "crashed", deadline }, ctx);
  }

  /** The peer lives, or it no longer matters here. */
  trust(peer: PeerId): void {
    const doubt = this.#doubts.get(peer);
    if (doubt === undefined) return;
    this.#doubts.delete(peer);
    this.#doubtOf.delete(hex(doubt.nonce));
  }

  /** Probes again where it is time; says what has become certain. */
  judge(ctx: MembershipContext): readonly Verdict[] {
    const verdicts: Verdict[] = [];
    for (const doubt of this.#doubts.values()) {
      const neighbour = this.view.get(doubt.peer);
      if (neighbour !== undefined) this.#listen(neighbour, ctx);
      else if (ctx.heardAt(doubt.peer) > doubt.since) this.trust(doubt.peer);
      if (!this.#doubts.has(doubt.peer)) continue;
      if (doubt.why === "silent" && neighbour === undefined) {
        this.trust(doubt.peer);
        continue;
      }
      if (ctx.now >= this.#deadlineOf(doubt, neighbour)) {
        this.trust(doubt.peer);
        const answers = neighbour !== undefined && ctx.now < this.#silentUntil(doubt, neighbour);
        const why = doubt.why === "crashed" ? "crashed" : "silent";
        verdicts.push({ ...doubt, why, isDead: !doubt.vouched && !answers });
      } else if (ctx.now >= doubt.probeAt) this.#probe(doubt, ctx);
    }
    this.#arm(ctx);
    return verdicts;
  }

  /** A datagram came back with this nonce. */
  answered(nonce: Uint8Array, ctx: MembershipContext): void {
    const name = hex(nonce);
    const peer = this.#doubtOf.get(name);
    if (peer !== undefined) {
      const neighbour = this.view.get(peer);
      if (neighbour === undefined) this.trust(peer);
      else neighbour.heardAt = ctx.now; // its link is still silent
    }
    const look = this.#looks.get(name);
    if (look === undefined) return;
    this.#looks.delete(name);
    ctx.send(look.asker, { kind: "vouch", peer: look.peer });
  }

  /** A neighbour does not hear this peer. */
  look(peer: PeerId, address: Address, asker: PeerId, ctx: MembershipContext): void {
    if (!this.#lookAllowances.take(asker, ctx.now)) return;
    const neighbour = this.view.get(peer);
    if (neighbour !== undefined && ctx.now - neighbour.heardAt < limits.PULSE) {
      ctx.send(asker, { kind: "vouch", peer });
      return;
    }
    if (this.#looks.size >= limits.LOOKS) {
      for (const oldest of this.#looks.keys()) {
        this.#looks.delete(oldest);
        break;
      }
    }
    const nonce = ctx.random.bytes(8);
    this.#looks.set(hex(nonce), { peer, asker });
    ctx.cast(neighbour?.address ?? address, datagramWire.encode({ kind: "probe", nonce }));
  }

  /** Others say that a neighbour is dead, and it was not heard here for long: it has a moment to answer. */
  rumoured(neighbour: Neighbour, ctx: MembershipContext): void {
    if (!neighbour.wavering) this.#waver(neighbour, ctx);
    const doubt = this.#doubts.get(neighbour.peer);
    if (doubt === undefined || doubt.rumouredAt > neighbour.heardAt) return;
    doubt.rumouredAt = ctx.now;
    doubt.probeAt = ctx.now;
    this.#arm(ctx);
  }

  /**
   * The same of a linked peer whose beats do not come here. Nobody here looks after it: it is asked at once,
   * and believed dead when it was silent for as long as a neighbour would have to be.
   */
  rumouredFar(
    { peer, address, incarnation }: Subject,
    heardAt: Micros,
    ctx: MembershipContext,
  ): void {
    if (this.#doubts.has(peer)) return;
    const since = Math.max(ctx.now, heardAt + limits.BELIEVED);
    const deadline = since + limits.RUMOURED + this.#lag.micros;
    this.#doubt({ peer, address, incarnation, why: "rumoured", deadline }, ctx);
  }

  /** A witness hears the peer that this node does not. */
  vouched(peer: PeerId): void {
    const doubt = this.#doubts.get(peer);
    if (doubt !== undefined) doubt.vouched = true;
  }

  #forgive(micros: Micros): void {
    for (const neighbour of this.view.values()) {
      neighbour.heardAt += micros;
      neighbour.frameAt += micros;
    }
    for (const doubt of this.#doubts.values()) doubt.deadline += micros;
  }

  #waver(neighbour: Neighbour, ctx: MembershipContext): void {
    neighbour.wavering = true;
    const { peer, address, incarnation } = neighbour;
    const deadline = this.#deadAt(neighbour);
    this.#doubt({ peer, address, incarnation, why: "silent", deadline }, ctx);
    const others: PeerId[] = [];
    for (const other of this.view.values()) if (!other.wavering) others.push(other.peer);
    for (const witness of ctx.random.shuffled(others).slice(0, WITNESSES)) {
      ctx.send(witness, { kind: "look", contact: { peer, address } });
    }
    tell(ctx, { name: "wavering", peer });
  }

  #doubt(
    about: Omit<Doubt, "nonce" | "since" | "probeAt" | "rumouredAt" | "vouched">,
    ctx: MembershipContext,
  ): void {
    if (this.#doubts.size >= limits.DOUBTS) return;
    const nonce = ctx.random.bytes(8);
    const fresh = { since: ctx.now, probeAt: 0, rumouredAt: -Infinity, vouched: false };
    const doubt = { ...about, ...fresh, nonce };
    this.#doubts.set(doubt.peer, doubt);
    this.#doubtOf.set(hex(doubt.nonce), doubt.peer);
    this.#probe(doubt, ctx);
    this.#arm(ctx);
  }

  #probe(doubt: Doubt, ctx: MembershipContext): void {
    ctx.cast(doubt.address, datagramWire.encode({ kind: "probe", nonce: doubt.nonce }));
    doubt.probeAt = ctx.now + probesOf(doubt, ctx.now);
  }

  /** A neighbour has until its last sign of life of any kind is too old, or its link has been dead for long. */
  #deadlineOf(doubt: Doubt, neighbour: Neighbour | undefined): Micros {
    const own = doubt.why === "crashed" || neighbour === undefined
      ? doubt.deadline
      : Math.min(this.#silentUntil(doubt, neighbour), neighbour.frameAt + limits.LINK_SILENCE);
    return Math.max(own, this.#patientUntil);
  }

  /** When a neighbour in doubt will be dead: sooner once others have said so, but not if somebody hears it. */
  #silentUntil(doubt: Doubt, neighbour: Neighbour): Micros {
    const isRumoured = doubt.rumouredAt > neighbour.heardAt && !doubt.vouched;
    const own = this.#deadAt(neighbour);
    return isRumoured ? Math.min(own, doubt.rumouredAt + limits.RUMOURED + this.#lag.micros) : own;
  }

  /** When a neighbour of which nothing is heard any more will be dead. */
  #deadAt({ heardAt, pace }: Neighbour): Micros {
    return heardAt + pace + limits.SILENCE + this.#lag.micros;
  }

  #arm(ctx: MembershipContext): void {
    let next = Infinity;
    for (const doubt of this.#doubts.values()) {
      const deadline = this.#deadlineOf(doubt, this.view.get(doubt.peer));
      next = Math.min(next, deadline, doubt.probeAt);
    }
    if (next < Infinity) ctx.wake("doubt", Math.max(0, next - ctx.now));
  }
}

/** Kademlia's (Maymounkov and Mazieres 2002), of the first bits: names are hashes. */
function distance(one: PeerId, other: PeerId): number {
  return (parseInt(one.slice(0, 8), 16) ^ parseInt(other.slice(0, 8), 16)) >>> 0;
}

/** How long to wait for an answer before the next probe. */
function probesOf({ why, deadline, rumouredAt }: Doubt, now: Micros): Micros {
  if (why === "crashed") return CRASH_PROBES;
  const isUrgent = why === "rumoured"
    ? now + limits.RUMOURED >= deadline
    : now < rumouredAt + limits.RUMOURED;
  if (isUrgent) return RUMOUR_PROBES;
  return why === "rumoured" ? deadline - limits.RUMOURED - now : SILENCE_PROBES;
}
