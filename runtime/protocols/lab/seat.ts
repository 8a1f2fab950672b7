/**
 * Being in somebody else's session: finding it, being let in, and coming back by itself after
 * anything that goes wrong.
 *
 * 1. Whoever lets us in is dialled at the address that it signed, and expected to have its keys.
 * 2. The teacher is asked first, then assistants that may welcome people; from an assistant one
 *    moves on to the teacher as soon as that is heard again.
 * 3. What is needed to come back is saved before anything is told.
 */
import {
  type Address,
  bytesUpTo,
  exactly,
  hex,
  limits as core,
  type Micros,
  optional,
  type PeerId,
  Reader,
  type Reason,
  sameBytes,
  second,
  struct,
  upTo,
  Writer,
} from "../../core/mod.ts";
import { bytesOfSession, SESSION_BYTES, type SessionId, sessionNamed } from "./charter.ts";
import type { JoinCommand } from "./commands.ts";
import { KEPT_STATEMENT_BYTES, LASTS_SECONDS } from "./limits.ts";
import { joinProof } from "./reception.ts";
import type { LabContext, Means } from "./room.ts";
import type { Announcer, Session } from "./sessions.ts";
import { ANNOUNCE, isName, labelUpTo, type Ticket, ticketSchema } from "./statement.ts";
import { Stay } from "./stay.ts";
import { refuse, shortOf, tell } from "./words.ts";
import type { MessageKind, Neighbour } from "./wire.ts";

export const SEAT_RECORD = "seat";
export const RETRY = "retry";
export const RECALL = "recall";

/** The first answer is waited for so long, and twice as long each time, up to half a minute. */
const RETRY_AFTER: Micros = second;
const RETRY_DOUBLINGS = 5;
/** A whole class hears the same announcement at once; its dials are spread over this. */
const SPREAD: Micros = second / 2;
const RECALL_EVERY: Micros = 30 * second;
/** Seconds of the session's clock that a crash may turn back on this device. */
const SAVE_EVERY = 300;
/** Peers dialled after a welcome; each that is not there is replaced by another of the sample. */
const MEETINGS = 4;

const schema = struct({
  wanted: optional(exactly(SESSION_BYTES)),
  who: labelUpTo(core.NAME_BYTES),
  /** What is known of a session that we were in: an announcement, its age since, our ticket. */
  stay: optional(struct({
    statement: bytesUpTo(KEPT_STATEMENT_BYTES),
    age: upTo(LASTS_SECONDS),
    ticket: ticketSchema,
  })),
});

export class Seat {
  stay: Stay | undefined;
  /** Who has let us in, while the link to it is open. */
  #host: PeerId | undefined;
  /** Whom we are asking. */
  #asked: PeerId | undefined;
  #tries = 0;
  #savedAge = 0;
  #wanted: SessionId | undefined;
  #who = "";
  /** Others in the session, as our host told us, and those that we are dialling. */
  #strangers: Neighbour[] = [];
  readonly #meetings = new Set<Address>();

  constructor(readonly means: Means) {}

  get host(): PeerId | undefined {
    return this.#host;
  }

  /** False, and told why, if this cannot be asked for. */
  join({ session, who, accept }: JoinCommand, ctx: LabContext): boolean {
    const { judge } = this.means;
    const wanted = session === undefined ? undefined : sessionNamed(session);
    const name = who ?? `pc-${shortOf(ctx.self)}`;
    if (!isName(name) || (session !== undefined && wanted === undefined)) {
      refuse(ctx, "join", "malformed", "join", "the name or the session cannot be shown");
      return false;
    }
    const known = wanted && judge.sessions.get(wanted);
    if (accept && known !== undefined && !judge.accept(known, ctx)) {
      refuse(ctx, "join", "too-many", "join", "too many authorities are believed in already");
      return false;
    }
    if (known?.standing === "changed") {
      refuse(
        ctx,
        "join",
        "unauthorised",
        "join",
        "it is not your teacher's; accept it if you must",
      );
      return false;
    }
    this.#wanted = wanted;
    this.#who = name;
    this.#save(ctx);
    if (!this.#approach(ctx)) tell(ctx, { name: "seeking" });
    return true;
  }

  /** Goes on where an earlier boot was; false where there is nothing to go on with. */
  restore(
    records: ReadonlyMap<string, Uint8Array>,
    keys: readonly string[],
    ctx: LabContext,
  ): boolean {
    const reader = new Reader(records.get(SEAT_RECORD)!.slice());
    const { wanted, who, stay } = schema.read(reader);
    if (!reader.whole) return false;
    this.#wanted = wanted && hex(wanted) as SessionId;
    this.#who = who;
    if (stay !== undefined && !this.#resume(stay, records, keys, ctx)) {
      refuse(ctx, "record", "expired", "go on with the last session");
      return false;
    }
    ctx.wake(RETRY, ctx.random.below(SPREAD));
    return true;
  }

  /** A session was announced by somebody, perhaps the one we wait for. */
  announced(session: Session, by: PeerId, ctx: LabContext): void {
    if (!this.#fits(session, ctx)) return;
    // Whoever we wait for in vain is asked anew when it is heard again.
    if (this.#asked !== undefined && (by !== this.#asked || ctx.isLinked(by))) return;
    const isBetter = by === session.teacher && by !== this.#host;
    if (this.#host === undefined || isBetter) ctx.wake(RETRY, ctx.random.below(SPREAD));
  }

  joined(peer: PeerId, ctx: LabContext): void {
    if (peer === this.#asked) this.#hello(peer, ctx);
  }

  left(peer: PeerId, why: Reason, ctx: LabContext): void {
    if (peer === this.#asked) this.#asked = undefined;
    if (peer !== this.#host) return;
    this.#host = undefined;
    this.#tries = 0;
    ctx.release(peer);
    ctx.calm(RECALL);
    ctx.wake(RETRY, ctx.random.below(SPREAD));
    tell(ctx, { name: "parted", session: this.stay!.session.id, peer, why });
  }

  woke(timer: string, ctx: LabContext): void {
    if (timer === RETRY) return void this.#approach(ctx);
    if (this.#host === undefined || this.stay === undefined) return;
    this.stay.recall(this.#host, ctx);
    this.stay.mailbox.send(this.stay.session.teacher, ctx);
    if (this.stay.session.age(ctx.now) >= this.#savedAge + SAVE_EVERY) this.#save(ctx);
    this.#recallLater(ctx);
  }

  welcome(message: MessageKind<"welcome">, from: PeerId, ctx: LabContext): void {
    const { judge } = this.means;
    if (from !== this.#asked) return; // an answer to what we asked before we changed our mind
    const verdict = judge.hear(message.statement, undefined, ctx);
    if (verdict.kind === "guilty") return ctx.ban(from, verdict.why);
    const session = judge.sessions.get(hex(message.session) as SessionId);
    if (session === undefined || !this.#fits(session, ctx)) return this.#giveUp(from, ctx);
    if (!this.#isOurs(message.ticket, from, session, ctx)) return ctx.ban(from, "unauthorised");
    judge.trust.pin(session.charter.sign, ctx);
    judge.reconsider();
    const again = this.stay !== undefined;
    this.stay ??= new Stay(session, this.means);
    this.stay.room.ticket = message.ticket;
    if (this.#host !== undefined && this.#host !== from) this.#partFrom(this.#host, ctx);
    this.#host = from;
    this.#asked = undefined;
    this.#tries = 0;
    ctx.calm(RETRY);
    this.#save(ctx);
    const { id, title, charter, who: teacher } = session;
    const about = { session: id, title, authority: hex(charter.sign), peer: from, teacher };
    tell(ctx, { name: "welcomed", ...about, who: message.ticket.who, again });
    this.#strangers = message.meet.slice();
    for (let dial = 0; dial < MEETINGS; dial++) this.#meet(ctx);
    this.stay.awaitEnd(ctx);
    this.stay.recall(from, ctx);
    this.stay.mailbox.send(session.teacher, ctx);
    this.#recallLater(ctx);
  }

  /** Answers with true if we are to forget about the session. */
  declined({ why }: MessageKind<"declined">, from: PeerId, ctx: LabContext): boolean {
    if (from !== this.#asked) return false;
    this.#giveUp(from, ctx);
    const session = this.#target(ctx);
    const isFinal = why === "unauthorised" || from === session?.teacher;
    if (session === undefined || !isFinal) return false; // somebody else may know better
    if (why === "expired") session.closed = true; // its teacher should know
    if (why === "expired" && this.stay === undefined && this.#wanted === undefined) return false;
    if (this.stay === undefined) refuse(ctx, "join", why, `join "${session.title}"`);
    else if (why !== "expired") return false; // we are in, and come again later
    return true;
  }

  /** A dial has failed: if it was to one of the peers to meet, another one is tried. */
  unreachable(address: Address, ctx: LabContext): void {
    if (this.#meetings.delete(address)) this.#meet(ctx);
  }

  /** Says goodbye. */
  leave(ctx: LabContext): void {
    const { stay } = this;
    this.end(ctx);
    if (stay === undefined) return;
    tell(ctx, { name: "departed", session: stay.session.id, title: stay.session.title });
  }

  /** Forgets the session: it is over, or was left. */
  end(ctx: LabContext): void {
    ctx.save(SEAT_RECORD, undefined);
    this.stay?.end(ctx);
    if (this.#host !== undefined) this.#partFrom(this.#host, ctx);
    if (this.#asked !== undefined) ctx.release(this.#asked);
    ctx.calm(RETRY);
    ctx.calm(RECALL);
  }

  #resume(
    { statement, age, ticket }: { statement: Uint8Array; age: number; ticket: Ticket },
    records: ReadonlyMap<string, Uint8Array>,
    keys: readonly string[],
    ctx: LabContext,
  ): boolean {
    const verdict = this.means.judge.hear(statement, undefined, ctx);
    if (verdict.kind !== "good") return false; // it is over, or we believe in somebody else now
    const { session } = verdict;
    session.setAge(Math.max(age, session.age(ctx.now)), ctx.now);
    const stay = new Stay(session, this.means);
    if (this.means.judge.notary.isTicket(ticket, session.charter)) stay.room.ticket = ticket;
    for (const key of stay.restore(records, keys)) {
      refuse(ctx, "record", "disk-error", `read "${key}"`);
    }
    this.stay = stay;
    stay.awaitEnd(ctx);
    stay.tellKept(ctx);
    stay.room.resume(ctx);
    return true;
  }

  /** Asks the next one who could let us in; false if there is nobody to ask. */
  #approach(ctx: LabContext): boolean {
    if (this.#asked !== undefined) ctx.release(this.#asked);
    this.#asked = undefined;
    const session = this.#target(ctx);
    const doors = session?.doors(ctx.now).filter(({ peer }) => peer !== ctx.self) ?? [];
    if (session === undefined || doors.length === 0) return false;
    if (this.#host === session.teacher) return true;
    const door = this.#host === undefined ? doors[this.#tries % doors.length]! : doors[0]!;
    if (door.peer === this.#host) return true;
    const patience = RETRY_AFTER << Math.min(this.#tries++, RETRY_DOUBLINGS);
    ctx.wake(RETRY, patience + ctx.random.below(patience));
    this.#ask(door, ctx);
    return true;
  }

  #ask({ peer, keys, claim }: Announcer, ctx: LabContext): void {
    this.#asked = peer;
    if (ctx.isLinked(peer)) this.#hello(peer, ctx);
    else ctx.dial(claim.statement.address, keys);
  }

  #hello(peer: PeerId, ctx: LabContext): void {
    const session = this.#target(ctx);
    if (session === undefined) return this.#giveUp(peer, ctx); // it ended while we dialled
    const { secretKey } = this.means.judge.trust;
    const proof = secretKey && joinProof(
      secretKey,
      session.id,
      ctx.identity.keys,
      ctx.keysOf(peer)!,
      ctx.crypto,
    );
    ctx.hold(peer);
    const about = { session: bytesOfSession(session.id), who: this.#who, address: ctx.address };
    ctx.send(peer, { kind: "hello", ...about, proof });
  }

  /** The session to be in: where we are, or as was asked for, or the first that is believed in. */
  #target(ctx: LabContext): Session | undefined {
    if (this.stay !== undefined) return this.stay.session;
    for (const session of this.means.judge.sessions.all) {
      if (this.#fits(session, ctx)) return session;
    }
    return undefined;
  }

  #fits(session: Session, ctx: LabContext): boolean {
    if (this.stay !== undefined) return session === this.stay.session;
    if (session.hasEnded(ctx.now) || !session.isAnnounced) return false;
    if (session.standing !== "trusted" && session.standing !== "unknown") return false;
    return this.#wanted === undefined || this.#wanted === session.id;
  }

  #isOurs(ticket: Ticket, from: PeerId, session: Session, ctx: LabContext): boolean {
    const { keys } = ctx.identity;
    if (!sameBytes(ticket.sign, keys.sign) || !sameBytes(ticket.agree, keys.agree)) return false;
    if (!this.means.judge.notary.isTicket(ticket, session.charter)) return false;
    if (from === session.teacher) return ticket.issuer === undefined;
    const age = session.age(ctx.now);
    return ticket.issuer !== undefined && session.grants.allows(from, ANNOUNCE, age);
  }

  /**
   * Dials a peer of the session, so that membership has others to begin with than the host alone.
   * Membership holds the links it wants; the others end by themselves.
   */
  #meet(ctx: LabContext): void {
    const stranger = this.#strangers.shift();
    if (stranger === undefined) return;
    const { address, sign, agree } = stranger;
    this.#meetings.add(address);
    ctx.dial(address, { sign, agree });
  }

  #giveUp(from: PeerId, ctx: LabContext): void {
    this.#asked = undefined;
    ctx.release(from);
  }

  #partFrom(host: PeerId, ctx: LabContext): void {
    ctx.send(host, { kind: "goodbye", session: bytesOfSession(this.stay!.session.id) });
    ctx.release(host);
    this.#host = undefined;
  }

  #recallLater(ctx: LabContext): void {
    ctx.wake(RECALL, RECALL_EVERY - second + ctx.random.below(2 * second));
  }

  #save(ctx: LabContext): void {
    this.#savedAge = this.stay?.session.age(ctx.now) ?? 0;
    ctx.save(SEAT_RECORD, this.record(ctx));
  }

  /** What is, or should be, on the disk. */
  record(ctx: LabContext): Uint8Array {
    const { stay } = this;
    const writer = new Writer();
    const ticket = stay?.room.ticket;
    const known = stay?.session.announcer(stay.session.teacher) ??
      (stay && stay.session.doors(ctx.now)[0]);
    schema.write(writer, {
      wanted: this.#wanted === undefined ? undefined : bytesOfSession(this.#wanted),
      who: this.#who,
      stay: stay === undefined || ticket === undefined || known === undefined ? undefined : {
        statement: known.claim.bytes,
        age: Math.min(stay.session.age(ctx.now), LASTS_SECONDS),
        ticket,
      },
    });
    return writer.take();
  }
}
