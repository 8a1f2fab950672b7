/** Whose letters are shown at once: with `ask`, a stranger's wait until this person has chosen to hear of them. */
import type { PeerId } from "../../core/mod.ts";
import type { Book } from "./book.ts";
import type { Outbox } from "./outbox.ts";

export class Strangers {
  constructor(
    readonly asksFirst: boolean,
    readonly book: Book,
    readonly outbox: Outbox,
  ) {}

  /** Whether what they write is kept, and not shown yet. */
  waits(peer: PeerId): boolean {
    return this.asksFirst && !this.#isKnown(peer);
  }

  /** Does something, and says who of these is a stranger no longer. */
  admittedBy(act: () => void, peers: readonly PeerId[]): PeerId[] {
    const strangers = peers.filter((peer) => this.waits(peer));
    act();
    return strangers.filter((peer) => !this.waits(peer));
  }

  /** Whoever was answered, or asked to be a friend, was chosen. */
  #isKnown(peer: PeerId): boolean {
    const standing = this.book.of(peer);
    return standing === "friend" || standing === "asked" || this.outbox.waitsFor(peer) ||
      this.outbox.transcript.hasWrittenTo(peer);
  }
}
