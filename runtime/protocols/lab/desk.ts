/** The teacher's own: opening a session, delegating, closing it, and going on with it after a crash. */
import {
  hex,
  limits as core,
  type PeerId,
  Reader,
  second,
  struct,
  upTo,
  utf8,
  Writer,
} from "../../core/mod.ts";
import { charterSchema, newCharter, sameKeys, sessionOf } from "./charter.ts";
import type { AnswerCommand, DelegateCommand, OpenCommand, Right } from "./commands.ts";
import { GRANTS, LASTS_SECONDS, LETTER_BYTES, TITLE_BYTES } from "./limits.ts";
import { newWarrant } from "./notary.ts";
import type { LabContext, Means } from "./room.ts";
import { Session } from "./sessions.ts";
import { ANNOUNCE, isName, isTitle, labelUpTo, PUBLISH } from "./statement.ts";
import { Stay } from "./stay.ts";
import { refuse, tell } from "./words.ts";

export const DESK_RECORD = "desk";
const LASTS_SECONDS_USUAL = 4 * 3600;

const schema = struct({
  charter: charterSchema,
  title: labelUpTo(TITLE_BYTES),
  who: labelUpTo(core.NAME_BYTES),
  lasts: upTo(LASTS_SECONDS),
});

export class Desk {
  private constructor(readonly stay: Stay) {}

  /** Opens a session on this device, or tells why it may not. */
  static open({ title, who, lasts }: OpenCommand, means: Means, ctx: LabContext): Desk | undefined {
    const action = `open "${title}"`;
    const { keys } = ctx.identity;
    const { trust } = means.judge;
    const seconds = lasts === undefined ? LASTS_SECONDS_USUAL : Math.floor(lasts / second);
    if (!trust.mayOpen(keys.sign)) {
      refuse(ctx, "open", "unauthorised", action, "this device is not one of the teachers'");
    } else if (!isTitle(title) || !isName(who)) {
      refuse(ctx, "open", "malformed", action, "the title or the name cannot be shown");
    } else if (seconds < 1 || seconds > LASTS_SECONDS) {
      refuse(ctx, "open", "expired", action, "it must last from a second to a week");
    } else {
      const charter = newCharter(ctx.identity, trust.secretKey, ctx.random, ctx.crypto);
      trust.pin(keys.sign, ctx);
      means.ages.reset(ctx);
      const desk = new Desk(newStay({ charter, title, who, lasts: seconds }, 0, means, ctx));
      ctx.save(DESK_RECORD, desk.record);
      desk.#begin(false, ctx);
      return desk;
    }
    return undefined;
  }

  /** Goes on with the session of an earlier boot; undefined where the record cannot be read. */
  static restore(
    records: ReadonlyMap<string, Uint8Array>,
    keys: readonly string[],
    means: Means,
    ctx: LabContext,
  ): Desk | undefined {
    const reader = new Reader(records.get(DESK_RECORD)!.slice());
    const record = schema.read(reader);
    // With another identity than it was opened with, nothing said here would be believed.
    if (!reader.whole || !sameKeys(record.charter, ctx.identity.keys)) return undefined;
    const desk = new Desk(newStay(record, means.ages.unused, means, ctx));
    for (const key of desk.stay.restore(records, keys)) {
      refuse(ctx, "record", "disk-error", `read "${key}"`);
    }
    desk.#begin(true, ctx);
    desk.stay.tellKept(ctx);
    desk.stay.room.resume(ctx);
    return desk;
  }

  close(ctx: LabContext): void {
    const { stay } = this;
    const { here } = stay;
    const { bytes } = stay.beacon.announce(true, ctx);
    // Forgotten before anybody hears of it: a crash in between must not bring the session back.
    this.end(ctx);
    ctx.cast("everyone", bytes);
    stay.spread(bytes, here, ctx);
    stay.tellClosed("cancelled", ctx);
  }

  end(ctx: LabContext): void {
    ctx.save(DESK_RECORD, undefined);
    this.stay.end(ctx);
  }

  /** What is, or should be, on the disk. */
  get record(): Uint8Array {
    const { charter, title, who, lasts } = this.stay.session;
    const writer = new Writer();
    schema.write(writer, { charter, title, who, lasts });
    return writer.take();
  }

  delegate({ peer, rights, lasts }: DelegateCommand, ctx: LabContext): void {
    const { session, reception } = this.stay;
    const member = reception?.roster.get(peer);
    const action = "delegate";
    if (member === undefined) {
      return refuse(ctx, "delegate", "unreachable", action, "nobody of that name has joined");
    }
    const until = lasts === undefined
      ? session.lasts
      : Math.min(session.lasts, session.age(ctx.now) + Math.ceil(lasts / second));
    this.#grant(peer, member.keys, bitsOf(rights), until, ctx);
  }

  revoke(peer: PeerId, ctx: LabContext): void {
    const warrant = this.stay.session.grants.of(peer);
    if (warrant === undefined || warrant.rights === 0) {
      return refuse(ctx, "revoke", "unreachable", "revoke", "that device is no assistant");
    }
    this.#grant(peer, warrant, 0, warrant.until, ctx);
  }

  /**
   * Publishes in the teacher's name what is on show only by assistants that may no more. With every
   * beat, since a delegation may also end by itself, or while this device is off.
   */
  adopt(ctx: LabContext): void {
    const { room, voice } = this.stay;
    for (const content of [...room.shelf.contents]) {
      const shown = room.shelf.onShow(content);
      if (shown === undefined || room.allows(shown.author, PUBLISH, ctx)) continue;
      if (room.shelf.isFullFor(ctx.self)) return;
      voice.publish({ ...shown.statement, withdrawn: false }, ctx);
    }
  }

  answer({ peer, question, text }: AnswerCommand, ctx: LabContext): void {
    const { mailbox } = this.stay;
    const action = "answer that";
    if (text === "" || utf8(text).length > LETTER_BYTES) {
      return refuse(ctx, "answer", "too-large", action, "it is empty or too long");
    }
    if (!mailbox.has(peer, question)) {
      return refuse(ctx, "answer", "expired", action, "no such question waits for an answer");
    }
    // Posted before the question is forgotten: a crash in between asks the teacher once more.
    if (this.stay.write(peer, text, question, ctx)) mailbox.settle(peer, question, ctx);
  }

  #grant(
    peer: PeerId,
    { sign, agree }: { sign: Uint8Array; agree: Uint8Array },
    rights: number,
    until: number,
    ctx: LabContext,
  ): void {
    const { room, session, means } = this.stay;
    if (session.grants.of(peer) === undefined && session.grants.size >= GRANTS) {
      return refuse(ctx, "delegate", "too-many", "delegate", `${GRANTS} are the most in a session`);
    }
    const serial = means.numbers.next(ctx);
    const claims = { sign, agree, rights, serial, until };
    const warrant = newWarrant(session.charter, claims, ctx.identity, ctx.crypto);
    session.grants.learn(peer, warrant);
    room.takeGrants(ctx);
    this.stay.spread(room.bytesOfGrant(warrant), this.stay.here, ctx);
  }

  #begin(again: boolean, ctx: LabContext): void {
    const { session } = this.stay;
    this.stay.host(ctx);
    this.stay.awaitEnd(ctx);
    const { id, title, charter } = session;
    const { address } = ctx;
    tell(ctx, {
      name: "opened",
      session: id,
      title,
      authority: hex(charter.sign),
      address,
      again,
    });
  }
}

type Opened = Pick<Session, "charter" | "title" | "who" | "lasts">;

function newStay(opened: Opened, age: number, means: Means, ctx: LabContext): Stay {
  const { charter, title, who, lasts } = opened;
  const session = new Session(sessionOf(charter, ctx.crypto), charter, ctx.self, "trusted");
  session.title = title;
  session.who = who;
  session.lasts = lasts;
  session.heardAt = ctx.now;
  session.setAge(age, ctx.now);
  means.judge.sessions.add(session, ctx.now, session.id);
  return new Stay(session, means);
}

function bitsOf(rights: readonly Right[]): number {
  let bits = 0;
  for (const right of rights) bits |= right === "publish" ? PUBLISH : ANNOUNCE;
  return bits;
}
