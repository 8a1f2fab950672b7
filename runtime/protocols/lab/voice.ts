/** What one says to a whole session: files, withdrawals, lines. Refused here before anywhere else. */
import { unhex, utf8 } from "../../core/mod.ts";
import { say } from "../mesh/mod.ts";
import { share } from "../swarm/mod.ts";
import type { ShareCommand } from "./commands.ts";
import * as limits from "./limits.ts";
import { type Claim, stated } from "./notary.ts";
import { Pace } from "./pace.ts";
import type { LabContext, Room } from "./room.ts";
import { isTitle, type Line, type Publication, PUBLISH, TOPIC, type Warrant } from "./statement.ts";
import { refuse } from "./words.ts";

const NOT_ALLOWED = "only the teacher and the assistants it has chosen may";

/** Brings a statement of our own to everybody in the session. */
export type Spread = (statement: Uint8Array, ctx: LabContext) => void;

export class Voice {
  /** What the swarm is still hashing for us: titles by handle. */
  readonly #titleOf = new Map<string, string>();
  readonly #pace = new Pace(limits.LINE_EVERY, limits.LINE_BURST);

  constructor(readonly room: Room, readonly spread: Spread) {}

  /** Hands a file to the swarm; it is published once its content is known. */
  share({ title, handle, files, priority }: ShareCommand, ctx: LabContext): void {
    const action = `share "${title}"`;
    if (!this.#mayPublish("share", action, ctx)) return;
    if (!isTitle(title)) {
      return refuse(ctx, "share", "malformed", action, "that is no title that can be shown");
    }
    if (this.#titleOf.size >= limits.SHARES_PENDING) {
      for (const handle of this.#titleOf.keys()) {
        this.#titleOf.delete(handle);
        break;
      }
    }
    this.#titleOf.set(handle, title);
    ctx.ask(share({ title, handle, files, ...(priority === undefined ? {} : { priority }) }));
  }

  /** The swarm has hashed a file: if it was handed over here, it is published. */
  shared(handle: string, content: string, bytes: number, ctx: LabContext): void {
    const title = this.#titleOf.get(handle);
    if (title === undefined) return;
    this.#titleOf.delete(handle);
    if (this.#mayPublish("share", `share "${title}"`, ctx)) {
      this.publish({ content: unhex(content)!, title, bytes, withdrawn: false }, ctx);
    }
  }

  withdraw(content: string, ctx: LabContext): void {
    const { shelf } = this.room;
    const shown = shelf.onShow(content);
    const action = `withdraw "${shown?.statement.title ?? content}"`;
    if (!this.#mayPublish("withdraw", action, ctx)) return;
    if (shown === undefined) {
      return refuse(ctx, "withdraw", "expired", action, "it is not shared in this session");
    }
    if (shown.author !== ctx.self && ctx.self !== this.room.session.teacher) {
      return refuse(ctx, "withdraw", "unauthorised", action, "somebody else has shared it");
    }
    const { title, bytes } = shown.statement;
    this.publish({ content: shown.statement.content, title, bytes, withdrawn: true }, ctx);
  }

  say(text: string, ctx: LabContext): void {
    const { room } = this;
    const { session, ticket } = room;
    const isTeacher = ctx.self === session.teacher;
    const action = "say that to the session";
    if (session.hasEnded(ctx.now)) return refuse(ctx, "say", "expired", action);
    if (!isTeacher && ticket === undefined) {
      return refuse(ctx, "say", "unauthorised", action, "nobody has let this device in yet");
    }
    if (text === "" || utf8(text).length > limits.LINE_BYTES) {
      return refuse(ctx, "say", "too-large", action, "it is empty or too long");
    }
    if (!this.#pace.allows(ctx.now)) {
      return refuse(ctx, "say", "too-many", action, "that was too much at once");
    }
    const sequence = room.means.numbers.next(ctx);
    const { charter } = session;
    const vouched = isTeacher ? undefined : ticket;
    const claim = stated<Line>(
      { kind: "line", charter, ticket: vouched, sequence, text },
      ctx.identity,
      ctx.crypto,
    );
    ctx.ask(say(TOPIC, claim.bytes));
    room.take(claim, ctx);
  }

  /** Signs, keeps and spreads a publication of our own. */
  publish(
    { content, title, bytes, withdrawn }: Pick<
      Publication,
      "content" | "title" | "bytes" | "withdrawn"
    >,
    ctx: LabContext,
  ): void {
    const { room } = this;
    const { charter } = room.session;
    const claim: Claim<Publication> = stated<Publication>(
      {
        kind: "publication",
        charter,
        warrant: this.#warrant(ctx),
        address: ctx.address,
        sequence: room.means.numbers.next(ctx),
        content,
        title,
        bytes,
        withdrawn,
      },
      ctx.identity,
      ctx.crypto,
    );
    room.place(claim, ctx);
    this.spread(claim.bytes, ctx);
  }

  #warrant(ctx: LabContext): Warrant | undefined {
    const { session } = this.room;
    return ctx.self === session.teacher ? undefined : session.grants.of(ctx.self);
  }

  #mayPublish(what: string, action: string, ctx: LabContext): boolean {
    const { room } = this;
    if (!room.allows(ctx.self, PUBLISH, ctx)) {
      refuse(ctx, what, "unauthorised", action, NOT_ALLOWED);
    } else if (room.session.hasEnded(ctx.now)) {
      refuse(ctx, what, "expired", action, "the session is over");
    } else if (room.shelf.isFullFor(ctx.self)) {
      refuse(ctx, what, "too-many", action, "the session's shelf is full");
    } else return true;
    return false;
  }
}
