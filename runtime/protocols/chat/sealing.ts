/**
 * Letters under lock: every letter is sealed for its reader alone, by a conversation of two devices
 * (protocols/session), whatever way it takes.
 *
 * Who has a letter and no conversation asks for a bundle. Who cannot open a parcel says so and sends a
 * bundle along: the other side begins a newer conversation and seals everything again.
 */
import { type Context, type PeerId, Recent, sameBytes } from "../../core/mod.ts";
import { type Bundle, Sessions } from "../session/mod.ts";
import { type Chained, contentWire } from "./content.ts";
import * as limits from "./limits.ts";
import type { Sealer } from "./outbox.ts";
import type { ChatMessage, Parcel } from "./wire.ts";

type ChatContext = Context<ChatMessage>;

export class Sealing implements Sealer {
  readonly #sessions = new Sessions();
  /** When somebody was last asked for a bundle. */
  readonly #askedAt = new Recent<PeerId, number>(limits.CORRESPONDENTS);

  restore(key: string, bytes: Uint8Array): boolean {
    return this.#sessions.restore(key, bytes);
  }

  seal(to: PeerId, chained: Chained, ctx: ChatContext): Uint8Array | undefined {
    return this.#sessions.seal(to, contentWire.encode({ kind: "letter", ...chained }), ctx);
  }

  save(ctx: ChatContext): void {
    this.#sessions.save(ctx);
  }

  /** The letter; undefined where it cannot be opened: then nothing has changed. `save` follows. */
  open(from: PeerId, { id, packet }: Parcel, ctx: ChatContext): Chained | undefined {
    const clear = this.#sessions.open(from, packet, ctx);
    const content = clear && contentWire.decode(clear);
    // What is said outside is not sealed: a parcel under another's name is none.
    return content !== undefined && sameBytes(content.letter.id, id) ? content : undefined;
  }

  /** Asks for a bundle, unless there is a conversation, or that was done a moment ago. */
  greet(peer: PeerId, ctx: ChatContext): void {
    const askedAt = this.#askedAt.get(peer);
    if (this.#sessions.speaksTo(peer)) return;
    if (askedAt !== undefined && ctx.now - askedAt < limits.BUNDLE_AGAIN) return;
    if (ctx.send(peer, { kind: "greet" })) this.#askedAt.set(peer, ctx.now);
  }

  /** A new link: what was asked over the last one is not answered any more. */
  joined(peer: PeerId): void {
    this.#askedAt.delete(peer);
  }

  bundle(ctx: ChatContext): Bundle {
    return this.#sessions.bundle(ctx);
  }

  /** They have sent a bundle that was asked for. */
  bundled(peer: PeerId, bundle: Bundle, ctx: ChatContext): void {
    if (this.#askedAt.get(peer) === undefined || this.#sessions.speaksTo(peer)) return;
    this.#askedAt.delete(peer);
    this.begin(peer, bundle, ctx);
  }

  /** They could not open something, and say how to begin anew. False where what they say is worth nothing. */
  begin(peer: PeerId, bundle: Bundle, ctx: ChatContext): boolean {
    const isTheirs = this.#sessions.begin(peer, bundle, ctx);
    if (!isTheirs) ctx.ban(peer, "tampered");
    return isTheirs;
  }
}
