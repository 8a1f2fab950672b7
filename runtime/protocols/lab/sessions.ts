/**
 * The sessions this device has heard of: their clocks, their announcers, their delegations.
 *
 * 1. A session's time is its own: seconds since it was opened, as its teacher last said, counted on
 *    by this device's monotonic clock. No device's idea of the date matters.
 * 2. Of each announcer only a higher sequence number changes anything.
 * 3. Sessions of trusted authorities are never forgotten for the sake of others.
 */
import { type Micros, type PeerId, type PeerKeys, sameBytes, second } from "../../core/mod.ts";
import type { Charter, SessionId } from "./charter.ts";
import { Grants, type News } from "./grants.ts";
import { SESSIONS_TRUSTED, SESSIONS_UNKNOWN } from "./limits.ts";
import type { Claim } from "./notary.ts";
import { ANNOUNCE, type Announcement } from "./statement.ts";
import type { Standing } from "./trust.ts";

/** One device that announces a session: its teacher, or an assistant with that right. */
export interface Announcer {
  readonly peer: PeerId;
  readonly keys: PeerKeys;
  readonly claim: Claim<Announcement>;
}

export class Session {
  readonly grants = new Grants();
  readonly #announcerOf = new Map<PeerId, Announcer>();
  title = "";
  /** The teacher's name. */
  who = "";
  lasts = 0;
  closed = false;
  heardAt: Micros = 0;
  #age = 0;
  #agedAt: Micros = 0;

  constructor(
    readonly id: SessionId,
    readonly charter: Charter,
    /** The teacher, by the charter's keys. */
    readonly teacher: PeerId,
    public standing: Standing,
  ) {}

  /** Seconds since the session was opened. */
  age(now: Micros): number {
    return this.#age + Math.floor((now - this.#agedAt) / second);
  }

  setAge(age: number, now: Micros): void {
    this.#age = age;
    this.#agedAt = now;
  }

  /** False while only other statements than an announcement were heard of it. */
  get isAnnounced(): boolean {
    return this.title !== "";
  }

  hasEnded(now: Micros): boolean {
    return this.closed || (this.isAnnounced && this.age(now) >= this.lasts);
  }

  announcer(peer: PeerId): Announcer | undefined {
    return this.#announcerOf.get(peer);
  }

  /** Who can be asked to be let in: the teacher first, then assistants in the order heard. */
  doors(now: Micros): Announcer[] {
    const doors: Announcer[] = [];
    const age = this.age(now);
    for (const announcer of this.#announcerOf.values()) {
      if (announcer.peer === this.teacher) doors.unshift(announcer);
      else if (this.grants.allows(announcer.peer, ANNOUNCE, age)) doors.push(announcer);
    }
    return doors;
  }

  /** What an announcement says beyond the last one of its author. */
  newsOf({ statement, author, bytes }: Claim<Announcement>): News {
    const known = this.#announcerOf.get(author)?.claim;
    if (known === undefined || statement.sequence > known.statement.sequence) return "new";
    return sameBytes(known.bytes, bytes) ? "same" : "old";
  }

  /** An announcement whose signatures have been checked. */
  hear(claim: Claim<Announcement>, now: Micros): News {
    const { statement, author, keys } = claim;
    const news = this.newsOf(claim);
    if (news !== "new") return news;
    const fromTeacher = author === this.teacher;
    if (this.closed || (statement.age >= statement.lasts && !statement.closed)) return "old";
    if (statement.closed && !fromTeacher) return "old"; // only who opened a session may close it
    this.#announcerOf.set(author, { peer: author, keys, claim });
    this.heardAt = now;
    // An assistant's word counts where the teacher's is missing.
    if (fromTeacher || !this.#announcerOf.has(this.teacher)) this.#adopt(statement, now);
    return "new";
  }

  #adopt({ title, who, lasts, age, closed }: Announcement, now: Micros): void {
    const first = !this.isAnnounced;
    this.title = title;
    this.who = who;
    this.lasts = lasts;
    this.closed = closed;
    // A late announcement must not turn the clock back, nor an equal one cut a second short.
    if (first || age > this.age(now)) this.setAge(age, now);
  }
}

export class Sessions {
  readonly #sessionOf = new Map<SessionId, Session>();

  get size(): number {
    return this.#sessionOf.size;
  }

  get all(): Iterable<Session> {
    return this.#sessionOf.values();
  }

  get(id: SessionId): Session | undefined {
    return this.#sessionOf.get(id);
  }

  /** Judges every session anew, after what this device believes in has changed. */
  reconsider(standingOf: (charter: Charter) => Standing): void {
    for (const session of [...this.#sessionOf.values()]) {
      session.standing = standingOf(session.charter);
      if (session.standing === "foreign") this.#sessionOf.delete(session.id);
    }
  }

  /** False where the pool is full of sessions that must stay. */
  add(session: Session, now: Micros, stays: SessionId | undefined): boolean {
    const trusted = session.standing === "trusted";
    const room = trusted ? SESSIONS_TRUSTED : SESSIONS_UNKNOWN;
    let count = 0;
    let oldest: Session | undefined;
    for (const other of this.#sessionOf.values()) {
      if ((other.standing === "trusted") !== trusted) continue;
      count++;
      if (other.id === stays) continue;
      if (oldest === undefined || isSooner(other, oldest, now)) oldest = other;
    }
    if (count >= room) {
      if (oldest === undefined) return false;
      this.#sessionOf.delete(oldest.id);
    }
    this.#sessionOf.set(session.id, session);
    return true;
  }
}

/** True if `one` is forgotten before `other`: the ended first, then the least recently heard. */
function isSooner(one: Session, other: Session, now: Micros): boolean {
  const ended = one.hasEnded(now);
  if (ended !== other.hasEnded(now)) return ended;
  return one.heardAt < other.heardAt;
}
