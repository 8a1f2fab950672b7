/** Letting people into a session, by the teacher or an assistant that may: who, and under which name. */
import {
  type Address,
  byCodeUnit,
  type Crypto,
  type PeerId,
  type PeerKeys,
  type Reason,
  sameBytes,
} from "../../core/mod.ts";
import type { Beacon } from "./beacon.ts";
import { bytesOfSession, type SessionId } from "./charter.ts";
import * as limits from "./limits.ts";
import type { Mailbox } from "./mailbox.ts";
import { newTicket } from "./notary.ts";
import { Paces } from "./pace.ts";
import type { LabContext, Room } from "./room.ts";
import { bytesOfMember, type Member, memberOf, Roster } from "./roster.ts";
import { isProof, proofOf } from "./secret.ts";
import { tell } from "./words.ts";
import type { LabMessage, MessageKind } from "./wire.ts";

const JOIN_LABEL = "starling lab join 1";

/** Shows that whoever joins has the session's secret; of no use to anybody but these two peers. */
export function joinProof(
  secretKey: Uint8Array,
  session: SessionId,
  member: PeerKeys,
  host: PeerKeys,
  crypto: Crypto,
): Uint8Array {
  return proofOf(secretKey, JOIN_LABEL, joinParts(session, member, host), crypto);
}

function joinParts(session: SessionId, member: PeerKeys, host: PeerKeys): Uint8Array[] {
  return [bytesOfSession(session), member.sign, member.agree, host.sign, host.agree];
}

export class Reception {
  readonly roster = new Roster();
  readonly #hellos = new Paces<PeerId>(limits.HELLO_EVERY, limits.HELLO_BURST, limits.ROSTER);
  readonly #recalls = new Paces<PeerId>(limits.RECALL_EVERY, limits.RECALL_BURST, limits.ROSTER);

  constructor(
    readonly room: Room,
    readonly beacon: Beacon,
    readonly mailbox: Mailbox,
  ) {}

  /** Takes up a member of an earlier boot; false for what cannot be read. */
  restore(bytes: Uint8Array): boolean {
    const member = memberOf(bytes, this.room.means.judge.crypto);
    if (member === undefined || this.roster.isFull) return false;
    this.roster.set({ ...member, presence: member.presence === "here" ? "away" : member.presence });
    return true;
  }

  isHere(peer: PeerId): boolean {
    return this.roster.get(peer)?.presence === "here";
  }

  hello(message: MessageKind<"hello">, from: PeerId, ctx: LabContext): void {
    if (!this.#hellos.allows(from, ctx.now)) return ctx.hangUp(from, "too-many");
    const { room, roster } = this;
    const keys = ctx.keysOf(from)!;
    const { session } = message;
    if (!this.#isProved(message, keys, ctx)) {
      return void ctx.send(from, { kind: "declined", session, why: "unauthorised" });
    }
    const known = roster.get(from);
    if (known === undefined && roster.isFull && !this.#makeRoom(ctx)) {
      return void ctx.send(from, { kind: "declined", session, why: "too-many" });
    }
    const who = roster.nameFor(message.who, from, room.session.who);
    const address = reachable(message.address, ctx.addressOf(from));
    const member: Member = { peer: from, keys, who, address, presence: "here" };
    roster.set(member);
    ctx.save(`member/${from}`, bytesOfMember(member));
    ctx.hold(from);
    ctx.send(from, this.#welcome(member, ctx));
    if (known?.presence !== "here") {
      const about = { session: room.session.id, peer: from, who, here: roster.here };
      tell(ctx, { name: "joined", ...about, again: known !== undefined });
    }
    this.mailbox.send(from, ctx);
  }

  goodbye(from: PeerId, ctx: LabContext): void {
    this.#gone(from, "left", "left", ctx);
    ctx.release(from);
  }

  /** The link to a peer is lost. */
  left(peer: PeerId, why: Reason, ctx: LabContext): void {
    this.#gone(peer, "away", why, ctx);
  }

  recall(message: MessageKind<"recall">, from: PeerId, ctx: LabContext): void {
    if (!this.isHere(from) || !this.#recalls.allows(from, ctx.now)) return;
    if (!sameBytes(message.digest, this.room.digest(ctx))) {
      this.room.handOver(from, new Set(), true, ctx);
    }
  }

  /** Lets go of everybody: the session is over, or this device welcomes nobody any more. */
  close(ctx: LabContext): void {
    for (const { peer } of this.roster.all) {
      ctx.release(peer);
      ctx.save(`member/${peer}`, undefined);
    }
  }

  /** Everybody who is here, in an order that is the same on every machine. */
  here(): PeerId[] {
    const peers: PeerId[] = [];
    for (const { peer, presence } of this.roster.all) if (presence === "here") peers.push(peer);
    return peers.sort(byCodeUnit);
  }

  #gone(peer: PeerId, presence: "away" | "left", why: Reason, ctx: LabContext): void {
    const member = this.roster.get(peer);
    if (member?.presence !== "here") return;
    const gone = { ...member, presence };
    this.roster.set(gone);
    if (presence === "left") ctx.save(`member/${peer}`, bytesOfMember(gone));
    const about = { session: this.room.session.id, peer, who: member.who, here: this.roster.here };
    tell(ctx, { name: "left", ...about, why });
  }

  #isProved({ proof }: MessageKind<"hello">, keys: PeerKeys, ctx: LabContext): boolean {
    const { secretKey } = this.room.means.judge.trust;
    if (secretKey === undefined) return true;
    const parts = joinParts(this.room.session.id, keys, ctx.identity.keys);
    return isProof(proof, secretKey, JOIN_LABEL, parts, ctx.crypto);
  }

  #makeRoom(ctx: LabContext): boolean {
    const leaver = this.roster.leaver();
    if (leaver === undefined) return false;
    this.roster.delete(leaver);
    ctx.release(leaver);
    this.mailbox.forget(leaver, ctx);
    ctx.save(`member/${leaver}`, undefined);
    return true;
  }

  #welcome({ peer, keys, who }: Member, ctx: LabContext): LabMessage {
    const { session } = this.room;
    const isTeacher = ctx.self === session.teacher;
    const issuer = isTeacher ? undefined : session.grants.of(ctx.self);
    const ticket = newTicket(session.charter, { ...keys, who, issuer }, ctx.identity, ctx.crypto);
    const announced = session.announcer(ctx.self)?.claim ?? this.beacon.announce(false, ctx);
    const others: Member[] = [];
    for (const member of this.roster.all) {
      if (member.presence === "here" && member.peer !== peer) others.push(member);
    }
    const meet = ctx.random.shuffled(others).slice(0, limits.SAMPLE)
      .map((other) => ({ ...other.keys, address: other.address }));
    const statement = announced.bytes;
    return { kind: "welcome", session: bytesOfSession(session.id), statement, ticket, meet };
  }
}

/**
 * The port that a member says it can be dialled at, on the host its bytes come from: nobody can send
 * newcomers to somebody else's machine.
 */
function reachable(claimed: Address, observed: Address | undefined): Address {
  const port = claimed.slice(claimed.lastIndexOf(":"));
  if (observed === undefined || !/^:[0-9]{1,5}$/.test(port)) return claimed;
  return observed.slice(0, observed.lastIndexOf(":")) + port;
}
