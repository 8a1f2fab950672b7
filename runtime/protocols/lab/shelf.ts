/**
 * What was published in one session: for each content and publisher the statement with the highest
 * sequence number.
 *
 * What is on show follows from the statements alone, in whatever order they came: of a content that
 * the teacher has spoken of, the teacher's latest word counts; of any other, one publication by an
 * assistant is enough.
 */
import { byCodeUnit, type Crypto, hex, joined, type PeerId } from "../../core/mod.ts";
import type { News } from "./grants.ts";
import { SHELF_ASSISTANT, SHELF_TEACHER } from "./limits.ts";
import type { Claim } from "./notary.ts";
import type { Publication } from "./statement.ts";

/** Content, as 64 hexadecimal digits, and publisher. */
export function placeOf({ statement, author }: Claim<Publication>): string {
  return `${hex(statement.content)}/${author}`;
}

export class Shelf {
  readonly #claimAt = new Map<string, Claim<Publication>>();
  /** The same claims by content, for what is on show. */
  readonly #claimsOf = new Map<string, Map<PeerId, Claim<Publication>>>();
  readonly #digestAt = new Map<string, Uint8Array>();
  readonly #countOf = new Map<PeerId, number>();

  constructor(readonly teacher: PeerId, readonly crypto: Crypto) {}

  get all(): Iterable<Claim<Publication>> {
    return this.#claimAt.values();
  }

  get contents(): Iterable<string> {
    return this.#claimsOf.keys();
  }

  at(place: string): Claim<Publication> | undefined {
    return this.#claimAt.get(place);
  }

  /** What `place` would answer. */
  newsOf(claim: Claim<Publication>): News {
    const known = this.#claimAt.get(placeOf(claim));
    if (known === undefined) return this.isFullFor(claim.author) ? "full" : "new";
    const order = claim.statement.sequence - known.statement.sequence ||
      compareBytes(claim.bytes, known.bytes);
    return order > 0 ? "new" : order < 0 ? "old" : "same";
  }

  isFullFor(publisher: PeerId): boolean {
    const room = publisher === this.teacher ? SHELF_TEACHER : SHELF_ASSISTANT;
    return (this.#countOf.get(publisher) ?? 0) >= room;
  }

  /** A publication whose signatures and rights have been checked. */
  place(claim: Claim<Publication>): News {
    const news = this.newsOf(claim);
    if (news !== "new") return news;
    const { author, statement } = claim;
    const place = placeOf(claim);
    if (!this.#claimAt.has(place)) {
      this.#countOf.set(author, (this.#countOf.get(author) ?? 0) + 1);
    }
    this.#claimAt.set(place, claim);
    this.#digestAt.set(place, this.crypto.sha256(claim.bytes));
    const content = hex(statement.content);
    const claims = this.#claimsOf.get(content) ?? new Map<PeerId, Claim<Publication>>();
    this.#claimsOf.set(content, claims.set(author, claim));
    return news;
  }

  /** The statement that puts a content on show, if one does. */
  onShow(content: string): Claim<Publication> | undefined {
    const claims = this.#claimsOf.get(content);
    const final = claims?.get(this.teacher);
    if (final !== undefined) return final.statement.withdrawn ? undefined : final;
    let shown: Claim<Publication> | undefined;
    for (const claim of claims?.values() ?? []) {
      if (claim.statement.withdrawn) continue;
      if (shown === undefined || claim.author < shown.author) shown = claim;
    }
    return shown;
  }

  /** A digest that two shelves with the same statements share; `counts` says whose are looked at. */
  digest(counts: (publisher: PeerId) => boolean): Uint8Array {
    const places: string[] = [];
    for (const [place, { author }] of this.#claimAt) if (counts(author)) places.push(place);
    places.sort(byCodeUnit);
    return this.crypto.sha256(joined(...places.map((place) => this.#digestAt.get(place)!)));
  }
}

/** Settles which of two statements counts where a dishonest publisher used one number twice. */
function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return one[at]! - other[at]!;
  return one.length - other.length;
}
