/**
 * One's time in one session: the room, what one says and writes in it, and, where one may, letting
 * others in. The same for the teacher, an assistant and anybody else.
 */
import {
  type AppEvent,
  type Micros,
  minute,
  type PeerId,
  type Reason,
  second,
} from "../../core/mod.ts";
import { say } from "../mesh/mod.ts";
import { isSwarmEvent } from "../swarm/mod.ts";
import { Beacon } from "./beacon.ts";
import { bytesOfSession } from "./charter.ts";
import * as limits from "./limits.ts";
import { Mailbox } from "./mailbox.ts";
import { Reception } from "./reception.ts";
import { type LabContext, type Means, Room } from "./room.ts";
import { bytesOfMember } from "./roster.ts";
import type { Session } from "./sessions.ts";
import { ANNOUNCE, TOPIC } from "./statement.ts";
import { refuse, tell } from "./words.ts";
import type { MessageKind } from "./wire.ts";
import { Voice } from "./voice.ts";

/** The longest that one timer waits: a session's end may lie further away, or come nearer. */
const END_SOONEST: Micros = second;
const END_LATEST: Micros = 10 * minute;
const TIMER = "end";

export class Stay {
  readonly room: Room;
  readonly voice: Voice;
  readonly mailbox: Mailbox;
  readonly beacon: Beacon;
  reception: Reception | undefined;
  #isHosting = false;
  /** Names of the statements that came since we asked for what we lack. */
  #noted: Set<string> | undefined;

  constructor(readonly session: Session, readonly means: Means) {
    this.room = new Room(session, means);
    this.voice = new Voice(this.room, (statement, ctx) => this.spread(statement, this.here, ctx));
    this.mailbox = new Mailbox(session.id);
    this.beacon = new Beacon(this.room);
    means.judge.memory = this.room;
  }

  /** Takes up the records of an earlier boot; answers with the keys of those that cannot be read. */
  restore(records: ReadonlyMap<string, Uint8Array>, keys: readonly string[]): string[] {
    const unreadable: string[] = [];
    for (const key of keys) {
      const bytes = records.get(key)!;
      const [kind] = key.split("/");
      if (kind === "shelf" || kind === "grant") {
        if (!this.room.restore(key, bytes)) unreadable.push(key);
      } else if (kind === "out" || kind === "in" || kind === "last") {
        if (!this.mailbox.restore(key, bytes)) unreadable.push(key);
      } else if (kind === "member") {
        this.reception ??= new Reception(this.room, this.beacon, this.mailbox);
        if (!this.reception.restore(bytes)) unreadable.push(key);
      }
    }
    return unreadable;
  }

  /** What is, or should be, on the disk under such a key. */
  recordOf(key: string): Uint8Array | undefined {
    const [kind, peer] = key.split("/") as [string, PeerId];
    if (kind === "shelf" || kind === "grant") return this.room.recordOf(key);
    if (kind !== "member") return this.mailbox.recordOf(key);
    const member = this.reception?.roster.get(peer);
    return member && bytesOfMember(member);
  }

  /** Begins to welcome and announce, or stops, as the teacher's delegations now say. */
  host(ctx: LabContext): void {
    const may = this.room.allows(ctx.self, ANNOUNCE, ctx) && !this.session.hasEnded(ctx.now);
    if (may && !this.#isHosting) {
      this.#isHosting = true;
      this.reception ??= new Reception(this.room, this.beacon, this.mailbox);
      this.beacon.start(ctx);
    } else if (!may && this.reception !== undefined) this.stopHosting(ctx);
  }

  get isHosting(): boolean {
    return this.#isHosting;
  }

  /** Those whom we have let in, as far as they are here. */
  get here(): readonly PeerId[] {
    return this.reception?.here() ?? [];
  }

  /**
   * Brings a statement of our own to everybody: by mesh, and at once to those who are linked to us
   * anyway. A class that hears of a file in the same moment shares the work of passing it on best.
   */
  spread(statement: Uint8Array, here: readonly PeerId[], ctx: LabContext): void {
    const session = bytesOfSession(this.session.id);
    for (const peer of here) {
      ctx.send(peer, { kind: "catchUp", session, statements: [statement], last: false });
    }
    ctx.ask(say(TOPIC, statement));
  }

  /** Asks a host for what we lack. */
  recall(host: PeerId, ctx: LabContext): void {
    this.#noted = new Set();
    const session = bytesOfSession(this.session.id);
    ctx.send(host, { kind: "recall", session, digest: this.room.digest(ctx) });
  }

  /** Statements from somebody in the session; after the last, what that one lacks goes back. */
  catchUp({ statements, last }: MessageKind<"catchUp">, from: PeerId, ctx: LabContext): void {
    const { judge } = this.means;
    for (const bytes of statements) {
      const verdict = judge.hear(bytes, undefined, ctx);
      if (verdict.kind === "guilty") return ctx.ban(from, verdict.why);
      if (verdict.kind === "good" && verdict.session === this.session) {
        if (verdict.news === "new") this.room.take(verdict.claim, ctx);
      }
      this.room.takeGrants(ctx);
      if (this.#noted !== undefined && this.#noted.size < limits.CATCH_UP_NOTED) {
        this.#noted.add(this.room.nameOf(bytes));
      }
    }
    if (!last || this.#noted === undefined) return;
    this.room.handOver(from, this.#noted, false, ctx);
    this.#noted = undefined;
  }

  /** A question, at the teacher; an answer, at anybody else. */
  letter(message: MessageKind<"letter">, from: PeerId, ctx: LabContext): void {
    const isTeacher = ctx.self === this.session.teacher;
    if (isTeacher ? !this.reception?.isHere(from) : from !== this.session.teacher) return;
    if (!this.mailbox.take(from, message, isTeacher, ctx)) return;
    this.#tellLetter(from, message, false, ctx);
  }

  kept({ number }: MessageKind<"kept">, from: PeerId, ctx: LabContext): void {
    if (!this.mailbox.delivered(from, number, ctx)) return;
    tell(ctx, { name: "delivered", session: this.session.id, peer: from, letter: number });
  }

  /** Tells once more what nobody has dealt with: an earlier boot may have ended before it could. */
  tellKept(ctx: LabContext): void {
    for (const [peer, letter] of this.mailbox.kept()) this.#tellLetter(peer, letter, true, ctx);
  }

  /** Posts a question or an answer; false where too many wait already. */
  write(to: PeerId, text: string, answers: number | undefined, ctx: LabContext): boolean {
    const what = answers === undefined ? "ask" : "answer";
    const action = answers === undefined ? "ask that" : "answer that";
    const number = this.means.numbers.next(ctx);
    if (!this.mailbox.post(to, { number, answers, text }, ctx)) {
      refuse(ctx, what, "too-many", action, "too many wait to be delivered already");
      return false;
    }
    tell(ctx, { name: "accepted", session: this.session.id, peer: to, letter: number });
    return true;
  }

  heard(event: AppEvent, ctx: LabContext): void {
    if (!isSwarmEvent(event) || event.name !== "shared") return;
    this.voice.shared(event.handle, event.content, event.bytes, ctx);
  }

  /** Wakes when the session should be over by its own clock. */
  awaitEnd(ctx: LabContext): void {
    const seconds = this.session.lasts - this.session.age(ctx.now);
    ctx.wake(TIMER, Math.min(Math.max(seconds * second, END_SOONEST), END_LATEST));
  }

  /** Forgets the session: it is over, or was left. */
  end(ctx: LabContext): void {
    this.stopHosting(ctx);
    this.mailbox.forgetAll(ctx);
    this.room.forget(ctx);
    this.means.judge.memory = undefined;
    ctx.calm(TIMER);
  }

  tellClosed(why: Reason, ctx: LabContext): void {
    const { id: session, title } = this.session;
    tell(ctx, { name: "closed", session, title, why });
  }

  /** Welcomes and announces no more. */
  stopHosting(ctx: LabContext): void {
    this.#isHosting = false;
    this.beacon.stop(ctx);
    this.reception?.close(ctx);
    this.reception = undefined;
  }

  #tellLetter(
    peer: PeerId,
    letter: { number: number; answers: number | undefined; text: string },
    again: boolean,
    ctx: LabContext,
  ): void {
    const { number, answers, text } = letter;
    const about = { session: this.session.id, peer, text, again };
    if (ctx.self !== this.session.teacher) {
      return tell(ctx, { name: "answered", ...about, question: answers ?? number });
    }
    const who = this.reception?.roster.get(peer)?.who ?? "Somebody";
    tell(ctx, { name: "question", ...about, question: number, who });
  }
}
