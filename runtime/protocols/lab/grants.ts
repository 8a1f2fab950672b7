/**
 * Who may what in one session: for each assistant the warrant with the highest serial.
 *
 * The highest serial wins in whatever order warrants arrive, so every node that has heard the same
 * warrants knows the same rights; a revocation is a warrant without rights.
 */
import type { PeerId } from "../../core/mod.ts";
import { GRANTS } from "./limits.ts";
import type { Warrant } from "./statement.ts";

/** `new` changed what is known; `same` is known; `old` is outdone by a later one; `full` has no room. */
export type News = "new" | "same" | "old" | "full";

export class Grants {
  readonly #warrantOf = new Map<PeerId, Warrant>();
  readonly #news = new Set<PeerId>();

  get size(): number {
    return this.#warrantOf.size;
  }

  get all(): Iterable<[PeerId, Warrant]> {
    return this.#warrantOf;
  }

  of(assistant: PeerId): Warrant | undefined {
    return this.#warrantOf.get(assistant);
  }

  /** A warrant whose signature has been checked. */
  learn(assistant: PeerId, warrant: Warrant): News {
    const known = this.#warrantOf.get(assistant);
    if (known === undefined && this.#warrantOf.size >= GRANTS) return "full";
    const order = known === undefined ? 1 : compare(warrant, known);
    if (order > 0) {
      this.#warrantOf.set(assistant, warrant);
      this.#news.add(assistant);
    }
    return order > 0 ? "new" : order < 0 ? "old" : "same";
  }

  /** The assistants whose warrants have changed since this was last asked. */
  takeNews(): PeerId[] {
    const news = [...this.#news];
    this.#news.clear();
    return news;
  }

  /** True if the assistant has one of these rights at this age of the session. */
  allows(assistant: PeerId, rights: number, age: number): boolean {
    const warrant = this.#warrantOf.get(assistant);
    return warrant !== undefined && (warrant.rights & rights) !== 0 && age <= warrant.until;
  }
}

/**
 * By serial; then, for a teacher that gave one serial twice, fewer rights win, then the signature's
 * bytes: everybody settles on the same one.
 */
function compare(one: Warrant, other: Warrant): number {
  if (one.serial !== other.serial) return one.serial - other.serial;
  if (one.rights !== other.rights) return other.rights - one.rights;
  for (let at = 0; at < one.signature.length; at++) {
    if (one.signature[at] !== other.signature[at]) return one.signature[at]! - other.signature[at]!;
  }
  return 0;
}
