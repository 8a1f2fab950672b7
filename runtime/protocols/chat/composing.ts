/** How letters are written: checked, saved, and told of as accepted. */
import { type Context, hex, type PeerId, unhex, utf8 } from "../../core/mod.ts";
import { attachmentBytes, roomForText } from "./attachment.ts";
import type { Book } from "./book.ts";
import { Circle, type CircleLetters } from "./circle.ts";
import type { EncloseCommand, WriteCommand } from "./commands.ts";
import type { Letter, Purpose } from "./content.ts";
import { tell } from "./events.ts";
import * as limits from "./limits.ts";
import type { Outbox } from "./outbox.ts";
import { isSound, SILENCE, type Speech, speechOf, spokenOf } from "./speech.ts";
import type { ChatMessage } from "./wire.ts";

type ChatContext = Context<ChatMessage>;
const NOTHING = new Uint8Array(0);

/** What the protocol whose words letters carry is told. */
type Sibling =
  | { readonly name: "enclosed"; readonly id: string }
  | { readonly name: "unenclosed"; readonly peer: PeerId }
  | {
    readonly name: "carried";
    readonly from: PeerId;
    readonly person: PeerId;
    readonly id: string;
    readonly bytes: Uint8Array;
  };

export class Composing implements CircleLetters {
  readonly circle = new Circle(this);

  /** `send` is called for whom there is a letter now. */
  constructor(
    readonly who: string,
    readonly encloses: string,
    readonly book: Book,
    readonly outbox: Outbox,
    readonly send: (to: PeerId, ctx: ChatContext) => void,
  ) {
    book.personOf = (peer) => this.circle.personOf(peer);
  }

  /** What a person writes, to each of them. */
  write(command: WriteCommand, ctx: ChatContext): void {
    const { to, attachment } = command;
    const id = ctx.random.bytes(limits.ID_BYTES);
    const enclosed = attachment === undefined ? NOTHING : attachmentBytes(attachment);
    const speech = speechOf(command);
    const isLong = utf8(command.text).length > roomForText(limits.TEXT_BYTES, attachment);
    if (speech === undefined || isLong || !isSound(speech) || to.length === 0) {
      const why = isLong ? "too-large" : "impossible";
      return tell(ctx, { name: "refused", what: "write that", why });
    }
    const toAll = to.length > 1;
    const devices = new Set(to.flatMap((peer) => this.circle.devicesOf(peer)));
    const own = new Set([ctx.self, ...this.circle.others(ctx)]);
    for (const peer of devices) {
      if (own.has(peer)) continue; // they get a copy
      this.circle.introduce(peer, ctx);
      this.#compose(peer, { id, purpose: "text", toAll, ...speech, enclosed }, ctx);
    }
    this.circle.copy({ id, to: [...to], toAll, enclosed }, speech, ctx);
  }

  /** What a sibling says to each of them. */
  enclose({ to, id, bytes }: EncloseCommand, ctx: ChatContext): void {
    // Every device of theirs, and this person's others: what is said is everybody's.
    const devices = new Set([
      ...to.flatMap((peer) => this.circle.devicesOf(peer)),
      ...this.circle.others(ctx),
    ]);
    for (const peer of devices) {
      if (peer === ctx.self) continue;
      const content = { id: unhex(id)!, purpose: "enclosed", toAll: to.length > 1 } as const;
      this.circle.introduce(peer, ctx);
      this.#compose(peer, { ...content, ...SILENCE, enclosed: bytes }, ctx);
    }
    this.#sibling({ name: "enclosed", id }, ctx);
  }

  /** A letter without words. */
  post(to: PeerId, purpose: Purpose, ctx: ChatContext): void {
    this.postTo(to, purpose, SILENCE, NOTHING, ctx);
  }

  postTo(
    to: PeerId,
    purpose: Purpose,
    speech: Speech,
    enclosed: Uint8Array,
    ctx: ChatContext,
  ): void {
    const id = ctx.random.bytes(limits.ID_BYTES);
    this.#compose(to, { id, purpose, toAll: false, ...speech, enclosed }, ctx);
  }

  correspondents(): Iterable<PeerId> {
    const friends = [...this.book.all].map(([peer]) => peer)
      .filter((peer) => this.book.of(peer) === "friend");
    return [...friends, ...this.outbox.transcript.correspondents];
  }

  /** The disk has refused a sibling's. */
  unenclosed(peer: PeerId, ctx: ChatContext): void {
    this.#sibling({ name: "unenclosed", peer }, ctx);
  }

  /** A sibling's has come. */
  carried(from: PeerId, { id, enclosed: bytes }: Letter, ctx: ChatContext): void {
    const person = this.circle.personOf(from);
    this.#sibling({ name: "carried", from, person, id: hex(id), bytes }, ctx);
  }

  tellAccepted(peer: PeerId, letter: Letter, again: boolean, ctx: ChatContext): void {
    if (letter.purpose !== "text") return;
    const { id, toAll } = letter;
    tell(ctx, { name: "accepted", id: hex(id), peer, ...spokenOf(letter), toAll, again });
  }

  #compose(to: PeerId, content: Omit<Letter, "who">, ctx: ChatContext): void {
    if (!this.outbox.hasRoomFor(to)) {
      const what = `write to ${this.book.nameOf(to)}`;
      return tell(ctx, { name: "refused", what, why: "too-many" });
    }
    const letter = { ...content, who: this.who };
    this.outbox.post(to, letter, ctx);
    this.book.pin(to, ctx);
    this.tellAccepted(to, letter, false, ctx);
    this.send(to, ctx);
  }

  #sibling(fields: Sibling, ctx: ChatContext): void {
    ctx.ask({ protocol: this.encloses, ...fields });
  }
}
