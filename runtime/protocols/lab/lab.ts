/** The lab within a node: routes commands, messages and statements to the session it is in. */
import {
  type AppEvent,
  byCodeUnit,
  hex,
  type PeerId,
  type Protocol,
  type Reason,
  type Saved,
  utf8,
} from "../../core/mod.ts";
import { isMeshEvent, pass, refuse as refuseToPass } from "../mesh/mod.ts";
import type { AskCommand, JoinCommand, LabCommand, TrustCommand } from "./commands.ts";
import { Counter } from "./counter.ts";
import { Desk, DESK_RECORD } from "./desk.ts";
import { Judge, type Verdict } from "./judge.ts";
import * as limits from "./limits.ts";
import { Listening } from "./listening.ts";
import type { Claim } from "./notary.ts";
import { Paces } from "./pace.ts";
import { REPAIR, Repair } from "./repair.ts";
import type { LabContext, Means } from "./room.ts";
import { Seat, SEAT_RECORD } from "./seat.ts";
import { type Announcement, TOPIC } from "./statement.ts";
import type { Stay } from "./stay.ts";
import { TRUST_RECORD, type TrustOptions } from "./trust.ts";
import { refuse } from "./words.ts";
import { type LabMessage, labWire } from "./wire.ts";

export interface LabOptions {
  /** Whose sessions this device believes in. Usually `"first"`: whoever is joined first. */
  readonly trust?: TrustOptions;
  /** Whether what is published is fetched without asking the person. Usually so. */
  readonly autoFetch?: boolean;
}

/** Sessions: opened by a teacher, announced, joined; files, words and questions in them. */
export function lab(options: LabOptions = {}): Protocol<LabMessage> {
  let state: Lab;
  return {
    name: "lab",
    code: 3,
    wire: labWire,
    started(saved, ctx) {
      state = new Lab(options, ctx);
      state.restore(saved, ctx);
    },
    joined: (peer, ctx) => state.seat?.joined(peer, ctx),
    left: (peer, why, ctx) => state.left(peer, why, ctx),
    received: (message, from, _body, ctx) => state.received(message, from, ctx),
    overheard: (bytes, from, ctx) => state.took(state.listening.overheard(bytes, from, ctx), ctx),
    unreachable: (address, _why, ctx) => state.seat?.unreachable(address, ctx),
    refused: (key, why, ctx) => state.refused(key, why, ctx),
    woke: (timer, ctx) => state.woke(timer, ctx),
    asked: (command, ctx) => state.asked(command as LabCommand, ctx),
    heard: (event, ctx) => state.heard(event, ctx),
  };
}

const TRUST_PROBLEM = `at most ${limits.AUTHORITIES} keys, and a secret of at least ` +
  `${limits.SECRET_CHARACTERS} characters`;

class Lab {
  desk: Desk | undefined;
  seat: Seat | undefined;
  readonly listening: Listening;
  readonly #means: Means;
  readonly #repair = new Repair();
  /** Set where the disk lost what must never be forgotten: then nothing is signed any more. */
  #isLost = false;
  readonly #frames = new Paces<PeerId>(
    limits.CATCH_UP_EVERY,
    limits.CATCH_UP_BURST,
    limits.ROSTER,
  );
  readonly #letters = new Paces<PeerId>(
    limits.LETTER_EVERY,
    limits.LETTER_BURST,
    limits.ROSTER,
  );

  constructor(options: LabOptions, ctx: LabContext) {
    this.#means = {
      judge: new Judge(ctx.crypto),
      numbers: new Counter("numbers", 64),
      beats: new Counter("beats", 256),
      ages: new Counter("ages", 300),
      autoFetch: options.autoFetch ?? true,
    };
    this.listening = new Listening(this.#means);
    const { trust } = this.#means.judge;
    if (trust.choose(options.trust ?? "first", ctx.crypto)) return;
    trust.nobody();
    refuse(ctx, "trust", "malformed", "use these keys or this secret", TRUST_PROBLEM);
  }

  get stay(): Stay | undefined {
    return this.desk?.stay ?? this.seat?.stay;
  }

  restore({ records }: Saved, ctx: LabContext): void {
    const { judge, numbers, beats, ages } = this.#means;
    if (!judge.trust.restore(records.get(TRUST_RECORD))) {
      judge.trust.nobody();
      refuse(ctx, "record", "disk-error", "read whom this device believes in");
    }
    for (const counter of [numbers, beats, ages]) {
      if (!counter.restore(records.get(counter.key))) this.#isLost = true;
    }
    if (this.#isLost) return refuse(ctx, "record", "disk-error", "read the numbers used before");
    const keys = [...records.keys()].sort(byCodeUnit);
    if (records.has(DESK_RECORD)) {
      this.desk = Desk.restore(records, keys, this.#means, ctx);
      if (this.desk === undefined) refuse(ctx, "record", "disk-error", "go on with your session");
    } else if (records.has(SEAT_RECORD)) {
      const seat = new Seat(this.#means);
      if (seat.restore(records, keys, ctx)) this.seat = seat;
      else ctx.save(SEAT_RECORD, undefined);
    }
    if (this.stay === undefined) { // what is left of a session that is no more
      for (const key of keys) if (key.includes("/")) ctx.save(key, undefined);
    }
    this.stay?.host(ctx);
  }

  asked(command: LabCommand, ctx: LabContext): void {
    const { desk, seat, stay } = this;
    const { name } = command;
    if (this.#isBroken) {
      return refuse(ctx, name, "disk-error", name, "its numbers are not on the disk");
    }
    this.#saveFirst(ctx);
    switch (name) {
      case "trust":
        return this.#trust(command, ctx);
      case "open":
        if (desk ?? seat) return refuse(ctx, name, "duplicate", name, "you are in a session");
        this.desk = Desk.open(command, this.#means, ctx);
        return;
      case "join":
        if (desk) return refuse(ctx, name, "duplicate", name, "your own session is open");
        return this.#join(command, ctx);
      case "leave":
      case "ask":
        if (!seat) return refuse(ctx, name, "left", name, "you are in nobody's session");
        if (name === "ask") return this.#ask(command, ctx);
        this.seat = undefined;
        return seat.leave(ctx);
      case "share":
      case "withdraw":
      case "say":
        if (!stay) return refuse(ctx, name, "left", name, "you are in no session");
        if (name === "share") return stay.voice.share(command, ctx);
        if (name === "withdraw") return stay.voice.withdraw(command.content, ctx);
        return stay.voice.say(command.text, ctx);
      default:
        if (!desk) return refuse(ctx, name, "unauthorised", name, "only the teacher may");
        if (name === "delegate") return desk.delegate(command, ctx);
        if (name === "revoke") return desk.revoke(command.peer, ctx);
        if (name === "answer") return desk.answer(command, ctx);
        this.desk = undefined;
        return desk.close(ctx);
    }
  }

  received(message: LabMessage, from: PeerId, ctx: LabContext): void {
    const { stay, seat } = this;
    if (message.kind === "welcome") {
      seat?.welcome(message, from, ctx);
      return this.#settle(ctx);
    }
    if (message.kind === "declined") {
      if (!seat?.declined(message, from, ctx)) return;
      this.#forget(ctx);
      return stay?.tellClosed("expired", ctx);
    }
    if (stay?.session.id !== hex(message.session)) {
      if (message.kind === "hello") this.#decline(message.session, from, ctx);
      return; // of a session we have left
    }
    switch (message.kind) {
      case "hello":
        if (stay.isHosting) return stay.reception!.hello(message, from, ctx);
        return this.#decline(message.session, from, ctx);
      case "goodbye":
        return stay.reception?.goodbye(from, ctx);
      case "recall":
        return stay.reception?.recall(message, from, ctx);
      case "catchUp":
        if (!this.#isCompanion(from) || !this.#frames.allows(from, ctx.now)) return;
        stay.catchUp(message, from, ctx);
        return this.#settle(ctx);
      case "letter":
        if (!this.#letters.allows(from, ctx.now)) return;
        this.#saveFirst(ctx);
        return stay.letter(message, from, ctx);
      case "kept":
        return stay.kept(message, from, ctx);
    }
  }

  left(peer: PeerId, why: Reason, ctx: LabContext): void {
    this.seat?.left(peer, why, ctx);
    this.stay?.reception?.left(peer, why, ctx);
  }

  /** The disk takes no more. Numbers it did not take might be used twice: so none are, until it does. */
  refused(key: string, why: Reason, ctx: LabContext): void {
    if (this.#repair.refused(key, ctx)) refuse(ctx, "record", why, `save "${key}"`);
    this.stay?.mailbox.refused(key, ctx);
    if (this.#isBroken) this.stay?.beacon.stop(ctx);
  }

  woke(timer: string, ctx: LabContext): void {
    if (timer === REPAIR) this.#saveAgain(ctx);
    else if (timer === "beat") {
      this.stay?.beacon.beat(ctx);
      if (!this.#isBroken) this.desk?.adopt(ctx);
    } else if (timer === "end") {
      this.stay?.awaitEnd(ctx);
      this.#settle(ctx);
    } else this.seat?.woke(timer, ctx);
  }

  heard(event: AppEvent, ctx: LabContext): void {
    if (!this.#isBroken) this.stay?.heard(event, ctx);
    if (!isMeshEvent(event) || event.name !== "judge" || event.topic !== TOPIC) return;
    const verdict = this.#means.judge.hear(event.payload, event.origin, ctx);
    if (verdict.kind === "good") ctx.ask(pass(event.id));
    else ctx.ask(refuseToPass(event.id, verdict.kind === "guilty" ? verdict.why : undefined));
    this.took(verdict, ctx);
  }

  /** A statement has been judged: what is good and new has its consequences here. */
  took(verdict: Verdict | undefined, ctx: LabContext): void {
    if (verdict === undefined || verdict.kind === "guilty" || verdict.claim === undefined) return;
    const { claim } = verdict;
    const isNew = verdict.kind === "good" && verdict.news === "new";
    if (isNew && verdict.session === this.stay?.session) this.stay.room.take(claim, ctx);
    if (claim.statement.kind === "announcement") {
      this.listening.tell(claim as Claim<Announcement>, ctx);
      if (isNew) this.seat?.announced(verdict.session, claim.author, ctx);
    }
    this.#settle(ctx);
  }

  /** What follows from statements: this device may host or no more; the session may be over. */
  #settle(ctx: LabContext): void {
    const { stay } = this;
    if (stay === undefined) return;
    stay.room.takeGrants(ctx);
    if (stay.session.hasEnded(ctx.now)) {
      this.#forget(ctx);
      stay.tellClosed(stay.session.closed ? "cancelled" : "expired", ctx);
    } else if (!this.#isBroken) stay.host(ctx);
  }

  /** True while nothing may be numbered, and so nothing said. */
  get #isBroken(): boolean {
    const { numbers, beats, ages } = this.#means;
    return this.#isLost || [numbers, beats, ages].some(({ key }) => this.#repair.has(key));
  }

  /** Nothing new is promised on top of records that a crash would take back. */
  #saveFirst(ctx: LabContext): void {
    for (const key of this.#repair.keys) ctx.save(key, this.#recordOf(key, ctx));
  }

  #saveAgain(ctx: LabContext): void {
    const wasBroken = this.#isBroken;
    const keys = this.#repair.woke(ctx);
    for (const key of keys) ctx.save(key, this.#recordOf(key, ctx));
    if (wasBroken && !this.#isBroken && this.stay?.isHosting) this.stay.beacon.start(ctx);
    // What was told in the steps that the disk broke off was told to nobody.
    if (keys.length === 0) this.stay?.tellKept(ctx);
  }

  /** What is, or should be, on the disk under such a key. */
  #recordOf(key: string, ctx: LabContext): Uint8Array | undefined {
    const { judge, numbers, beats, ages } = this.#means;
    if (key === TRUST_RECORD) return judge.trust.record;
    if (key === DESK_RECORD) return this.desk?.record;
    if (key === SEAT_RECORD) return this.seat?.record(ctx);
    const counter = [numbers, beats, ages].find((each) => each.key === key);
    return counter === undefined ? this.stay?.recordOf(key) : counter.record;
  }

  #forget(ctx: LabContext): void {
    this.desk?.end(ctx);
    this.seat?.end(ctx);
    this.desk = undefined;
    this.seat = undefined;
  }

  #trust({ trust: options }: TrustCommand, ctx: LabContext): void {
    const { judge } = this.#means;
    if (this.stay !== undefined) {
      return refuse(ctx, "trust", "duplicate", "choose whom to believe", "you are in a session");
    }
    if (!judge.trust.choose(options, ctx.crypto)) {
      const action = "use these keys or this secret";
      return refuse(ctx, "trust", "malformed", action, TRUST_PROBLEM);
    }
    judge.trust.save(ctx);
    judge.reconsider();
  }

  #join(command: JoinCommand, ctx: LabContext): void {
    const { stay, seat } = this;
    if (stay !== undefined && (command.session ?? stay.session.id) === stay.session.id) {
      return refuse(ctx, "join", "duplicate", "join", "you are in that session");
    }
    seat?.leave(ctx);
    this.seat = undefined;
    const next = new Seat(this.#means);
    if (next.join(command, ctx)) this.seat = next;
  }

  #ask({ text }: AskCommand, ctx: LabContext): void {
    const { stay } = this;
    const action = "ask that";
    if (stay === undefined) {
      return refuse(ctx, "ask", "left", action, "nobody has let this device in yet");
    }
    if (text === "" || utf8(text).length > limits.LETTER_BYTES) {
      return refuse(ctx, "ask", "too-large", action, "it is empty or too long");
    }
    stay.write(stay.session.teacher, text, undefined, ctx);
  }

  #decline(session: Uint8Array, from: PeerId, ctx: LabContext): void {
    if (!this.#frames.allows(from, ctx.now)) return ctx.hangUp(from, "too-many");
    ctx.send(from, { kind: "declined", session, why: "expired" });
  }

  /** True for those whose statements are taken from their links. */
  #isCompanion(peer: PeerId): boolean {
    const { stay, seat } = this;
    return peer === stay?.session.teacher || peer === seat?.host || !!stay?.reception?.isHere(peer);
  }
}
