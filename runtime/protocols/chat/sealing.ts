/**
 * Letters under lock: every letter is sealed for its reader alone, by a conversation of two devices
 * (protocols/session), whatever way it takes.
 *
 * Who has a letter and no conversation asks for a bundle. Who cannot open a parcel says so and sends a
 * bundle along: the other side begins a newer conversation and seals everything again.
 */
import { type Context, type PeerId, type PeerKeys, Recent, sameBytes } from "../../core/mod.ts";
import { type Bundle, Sessions } from "../session/mod.ts";
import { type Chained, type Content, contentWire } from "./content.ts";
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
    return this.sealContent(to, { kind: "letter", ...chained }, ctx);
  }

  /** Anything else that is for their eyes only. */
  sealContent(to: PeerId, content: Content, ctx: ChatContext): Uint8Array | undefined {
    return this.#sessions.seal(to, contentWire.encode(content), ctx);
  }

  speaksTo(peer: PeerId): boolean {
    return this.#sessions.speaksTo(peer);
  }

  keysOf(peer: PeerId): PeerKeys | undefined {
    return this.#sessions.keysOf(peer);
  }

  save(ctx: ChatContext): void {
    this.#sessions.save(ctx);
  }

  /** It is tried again with the next letter, or confirmation of one. */
  refused(key: string): void {
    this.#sessions.refused(key);
  }

  /** What is in it; undefined where it cannot be opened: then nothing has changed. `save` follows. */
  open(from: PeerId, { id, packet }: Parcel, ctx: ChatContext): Content | undefined {
    const clear = this.#sessions.open(from, packet, ctx);
    const content = clear && contentWire.decode(clear);
    if (content?.kind !== "letter") return content;
    // What is said outside is not sealed: a parcel under another's name is none.
    return sameBytes(content.letter.id, id) ? content : undefined;
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

  /** For those who ask where this device is not. */
  lastingBundle(ctx: ChatContext): Bundle {
    return this.#sessions.lastingBundle(ctx);
  }

  /** They have sent a bundle that was asked for. */
  bundled(peer: PeerId, bundle: Bundle, ctx: ChatContext): void {
    if (this.#askedAt.get(peer) === undefined || this.#sessions.speaksTo(peer)) return;
    this.#askedAt.delete(peer);
    if (!this.begin(peer, bundle, ctx)) ctx.ban(peer, "tampered");
  }

  /** Begins anew, with a bundle that somebody or a mailbox gave. False where it is not theirs. */
  begin(peer: PeerId, bundle: Bundle, ctx: ChatContext): boolean {
    return this.#sessions.begin(peer, bundle, ctx);
  }
}
