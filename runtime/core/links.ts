/**
 * All links of a node: at most one open link a peer, whoever dials whom and when.
 *
 * 1. Of two links that two peers dial to each other at once, the one dialled by the smaller name
 *    is kept. The other is hung up before it is open, so no message was ever on it.
 * 2. A peer that dials again with another boot mark has restarted: its old link is dead.
 * 3. A link that nobody holds on either side is hung up after a while.
 */
import { type Identity, type PeerId, type PeerKeys, peerOf } from "./identity.ts";
import type { Address, Effect, Frame, Input, LinkId, Micros } from "./io.ts";
import * as limits from "./limits.ts";
import { Link, type Self } from "./link.ts";
import type { Reader } from "./reader.ts";
import type { Reason } from "./reason.ts";

/** What the links tell their node. */
export interface LinksOwner extends Self {
  readonly identity: Identity;
  emit(effect: Effect): void;
  joined(peer: PeerId): void;
  left(peer: PeerId, why: Reason): void;
  /** A dial of ours came to nothing. */
  unreachable(address: Address, why: Reason): void;
  messages(link: Link, messages: Reader, body: Uint8Array | undefined): void;
}

const RELEASED = 0, HELD = 1;
/** The code of the links' own messages; protocols have codes from 1. */
export const LINK_CODE = 0;

export class Links {
  now: Micros = 0;
  #owner: LinksOwner;
  #byId = new Map<LinkId, Link>();
  #open = new Map<PeerId, Link>();
  /** Dials that the host has not answered yet, and whom they should reach. */
  #dialling = new Map<Address, { readonly keys?: PeerKeys; readonly peer?: PeerId }>();
  /** Those of them that the host has not been told yet: this node has too much to do. */
  #deferred: Address[] = [];
  #holders = new Map<PeerId, Set<string>>();
  #banned = new Map<PeerId, Reason>();
  #unflushed: Link[] = [];
  #greeting = 0;
  /** How long after it was due the last timer fired. */
  lateBy: Micros = 0;

  constructor(owner: LinksOwner) {
    this.#owner = owner;
  }

  get peers(): Iterable<PeerId> {
    return this.#open.keys();
  }

  openTo(peer: PeerId): Link | undefined {
    return this.#open.get(peer);
  }

  /** True while there is anything for `tidy` to look after. */
  get needsTidying(): boolean {
    return this.#byId.size > 0;
  }

  dial(address: Address, expected: PeerKeys | undefined): void {
    if (address === this.#owner.address || this.#dialling.has(address)) return;
    if (expected === undefined) this.#dialling.set(address, {});
    else {
      const peer = peerOf(expected, this.#owner.crypto);
      if (this.#open.has(peer) || this.#banned.has(peer) || this.#isDialledTo(peer)) return;
      this.#dialling.set(address, { keys: expected, peer });
    }
    if (!this.#isLate || this.#dialsUnderWay() <= limits.DIALS_WHEN_LATE) {
      this.#owner.emit({ kind: "dial", address });
    } else if (this.#deferred.length < limits.DEFERRED_DIALS) this.#deferred.push(address);
    else this.#dialling.delete(address); // who wants it asks again
  }

  /** Dials what had to wait, as far as this node can greet more. */
  #dialDeferred(): void {
    while (this.#deferred.length > 0) {
      if (this.#isLate && this.#dialsUnderWay() >= limits.DIALS_WHEN_LATE) return;
      const address = this.#deferred.shift()!, { peer } = this.#dialling.get(address)!;
      if (peer === undefined || !this.#open.has(peer)) this.#owner.emit({ kind: "dial", address });
      else this.#dialling.delete(address);
    }
  }

  /** This node has more to do than it can. */
  get #isLate(): boolean {
    return this.lateBy > limits.LATE_MICROS;
  }

  /** Dials that the host knows of, and links of ours that still greet. */
  #dialsUnderWay(): number {
    let dials = this.#dialling.size - this.#deferred.length;
    for (const { state, openedBy } of this.#byId.values()) {
      if (state !== "open" && openedBy === "us") dials++;
    }
    return dials;
  }

  linked(input: Input & { kind: "linked" }): void {
    const { dialled, from, transport } = input;
    const dial = dialled === undefined ? undefined : this.#dialling.get(dialled);
    if (dialled !== undefined) this.#dialling.delete(dialled);
    const link = new Link(
      this.#owner,
      input.link,
      transport,
      from,
      dialled,
      dial?.keys,
      dial?.peer,
    );
    link.since = this.now;
    this.#byId.set(link.id, link);
    this.#greeting++;
    if (dialled !== undefined) {
      this.#owner.emit({ kind: "send", link: link.id, frame: link.begin() });
    } else if (this.#tooMany(from)) this.close(link, "too-many");
  }

  refusedDial(address: Address, why: Reason): void {
    if (!this.#dialling.delete(address)) return;
    this.#owner.unreachable(address, why);
  }

  unlinked(id: LinkId, why: Reason): void {
    const link = this.#byId.get(id);
    if (link !== undefined) this.#forget(link, why);
  }

  drained(id: LinkId, queued: number): PeerId | undefined {
    const link = this.#byId.get(id);
    if (link === undefined || link.state !== "open") return undefined;
    link.queued = queued;
    return link.peer;
  }

  received(id: LinkId, frame: Frame): void {
    const link = this.#byId.get(id);
    if (link === undefined) return; // hung up a moment ago
    if (frame.head.length > limits.HEAD_BYTES) return this.close(link, "too-large");
    if ((frame.body?.length ?? 0) > limits.BODY_BYTES) return this.close(link, "too-large");
    if (link.greeting) return this.#greet(link, frame);
    const opened = link.unseal(frame);
    if (opened === undefined) return this.close(link, "tampered");
    link.heardAt = this.now;
    if (link.state !== "open" && !this.#admit(link)) return;
    this.#owner.messages(link, opened.messages, opened.body);
  }

  /** The links' own messages: whether the other side still needs the link. */
  control(link: Link, message: Uint8Array): void {
    if (message.length !== 1 || message[0]! > HELD) return this.close(link, "malformed");
    link.theyReleased = message[0] === RELEASED;
  }

  /** Adds a message to what a link will say; with a body it is sealed at once, else at the end of the step. */
  say(link: Link, code: number, message: Uint8Array, body?: Uint8Array): void {
    const said = link.hasOutbox ? link.openOutbox().length : 0;
    if (said > 0 && said + message.length > limits.MESSAGE_BYTES) this.#flush(link);
    if (!link.hasOutbox) this.#unflushed.push(link);
    const outbox = link.openOutbox();
    outbox.u8(code);
    outbox.varint(message.length);
    outbox.raw(message);
    if (body !== undefined || outbox.length > limits.HEAD_BYTES / 2) this.#flush(link, body);
  }

  flush(): void {
    for (const link of this.#unflushed) if (link.hasOutbox) this.#flush(link);
    this.#unflushed.length = 0;
    if (this.#deferred.length > 0) this.#dialDeferred();
  }

  hold(peer: PeerId, who: string): void {
    const holders = this.#holders.get(peer) ?? new Set();
    this.#holders.set(peer, holders.add(who));
    const link = this.#open.get(peer);
    if (link?.weReleased) {
      link.weReleased = false;
      this.say(link, LINK_CODE, Uint8Array.of(HELD));
    }
  }

  release(peer: PeerId, who: string): void {
    const holders = this.#holders.get(peer);
    if (!holders?.delete(who) || holders.size > 0) return;
    this.#holders.delete(peer);
    const link = this.#open.get(peer);
    if (link !== undefined) link.since = this.now;
  }

  ban(peer: PeerId, why: Reason): void {
    this.#banned.set(peer, why);
    if (this.#banned.size > limits.BANNED_PEERS) {
      for (const oldest of this.#banned.keys()) {
        this.#banned.delete(oldest);
        break;
      }
    }
    const link = this.#open.get(peer);
    if (link !== undefined) this.close(link, why);
  }

  close(link: Link, why: Reason): void {
    if (link.state === "closed") return;
    if (link.state === "open" && link.hasOutbox) this.#flush(link);
    this.#owner.emit({ kind: "hang-up", link: link.id, why });
    this.#forget(link, why);
  }

  /** Hangs up what has not proved itself in time, and what nobody needs any more. */
  tidy(): void {
    for (const link of this.#byId.values()) {
      const age = this.now - link.since;
      if (link.state !== "open") {
        if (age >= limits.HANDSHAKE_MICROS) this.close(link, "timed-out");
      } else if (age >= limits.UNHELD_MICROS && !this.#holders.has(link.peer!)) {
        if (!link.weReleased) {
          link.weReleased = true;
          this.say(link, LINK_CODE, Uint8Array.of(RELEASED));
        } else if (link.theyReleased) this.close(link, "released");
      }
    }
  }

  #greet(link: Link, frame: Frame): void {
    const outcome = link.greet(frame, this.now);
    if (typeof outcome === "string") return this.close(link, outcome);
    const refusal = link.state === "claimed" ? this.#objection(link) : undefined;
    if (refusal !== undefined) return this.close(link, refusal);
    if (outcome.reply !== undefined) {
      this.#owner.emit({ kind: "send", link: link.id, frame: outcome.reply });
    }
    if (link.proven) this.#admit(link);
  }

  /** Why a link to a peer that has just said who it is must not go on. */
  #objection(link: Link): Reason | undefined {
    const standing = this.#standing(link);
    if (standing !== undefined) return standing;
    const peer = link.peer!;
    const weAreSmaller = this.#owner.identity.peer < peer;
    if (link.openedBy === "them") {
      return weAreSmaller && this.#isDialledTo(peer) ? "duplicate" : undefined;
    }
    return !weAreSmaller && this.#isClaimedBy(peer, link.theirBoot) ? "duplicate" : undefined;
  }

  /** What holds against a link however far it has come. */
  #standing(link: Link): Reason | undefined {
    const peer = link.peer!;
    if (this.#banned.has(peer)) return "banned";
    return this.#open.get(peer)?.theirBoot === link.theirBoot ? "duplicate" : undefined;
  }

  /** The other side has proved itself: the link is open, unless it came too late. */
  #admit(link: Link): boolean {
    const peer = link.peer!;
    // Where our first sealed bytes are not their proof, they have opened the link already.
    const refusal = link.proven ? this.#objection(link) : this.#standing(link);
    if (refusal !== undefined) {
      this.close(link, refusal);
      return false;
    }
    const old = this.#open.get(peer);
    if (old !== undefined) this.close(old, "restarted");
    link.state = "open";
    link.since = this.now;
    this.#greeting--;
    this.#open.set(peer, link);
    for (const other of this.#byId.values()) {
      if (other !== link && other.openedBy === "us" && this.#leadsTo(other, peer)) {
        this.close(other, "duplicate");
      }
    }
    if (link.proven) { // the other side waits for our first sealed bytes before it believes us
      if (!link.hasOutbox) this.#unflushed.push(link);
      link.openOutbox();
    }
    this.#owner.joined(peer);
    return true;
  }

  #isDialledTo(peer: PeerId): boolean {
    for (const link of this.#byId.values()) {
      if (link.openedBy === "us" && this.#leadsTo(link, peer)) return true;
    }
    for (const [address, dial] of this.#dialling) {
      if (dial.peer === peer && !this.#deferred.includes(address)) return true;
    }
    return false;
  }

  #isClaimedBy(peer: PeerId, boot: string): boolean {
    for (const link of this.#byId.values()) {
      if (link.openedBy === "them" && link.state === "claimed" && link.peer === peer) {
        if (link.theirBoot === boot) return true;
      }
    }
    return false;
  }

  #leadsTo(link: Link, peer: PeerId): boolean {
    if (link.state === "open") return false;
    return (link.peer ?? link.expectedPeer) === peer;
  }

  #tooMany(from: Address): boolean {
    if (this.#byId.size > limits.LINKS || this.#greeting > limits.UNPROVED_LINKS) return true;
    const host = hostOf(from);
    let fromAll = 0, fromHost = 0;
    for (const link of this.#byId.values()) {
      if (link.state === "open" || link.openedBy === "us") continue;
      fromAll++;
      if (hostOf(link.from) === host) fromHost++;
    }
    if (!this.#isLate) return fromHost > limits.UNPROVED_LINKS_PER_HOST;
    return fromAll > limits.UNPROVED_LINKS_WHEN_LATE ||
      fromHost > limits.UNPROVED_LINKS_PER_HOST_WHEN_LATE;
  }

  #flush(link: Link, body?: Uint8Array): void {
    const frame = link.seal(this.now, body);
    link.saidAt = this.now;
    if (body !== undefined) link.queued += frame.head.length + body.length;
    this.#owner.emit({ kind: "send", link: link.id, frame });
  }

  #forget(link: Link, why: Reason): void {
    const { state } = link;
    link.state = "closed";
    link.dropOutbox();
    this.#byId.delete(link.id);
    if (state !== "open") {
      this.#greeting--;
      const settled = why === "duplicate" || (link.peer !== undefined && this.#open.has(link.peer));
      if (link.dialled !== undefined && !settled) this.#owner.unreachable(link.dialled, why);
      return;
    }
    const peer = link.peer!;
    this.#open.delete(peer);
    this.#owner.left(peer, why);
  }
}

function hostOf(address: Address): string {
  const colon = address.lastIndexOf(":");
  return colon < 0 ? address : address.slice(0, colon);
}
