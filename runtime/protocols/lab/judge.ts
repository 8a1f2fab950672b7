/**
 * What this device makes of a statement, whichever way it came: by datagram, mesh or link.
 *
 * 1. Whatever bytes alone can show to be wrong is somebody's guilt: no honest device passes it on.
 * 2. What this device merely knows better (a revocation, a later number, another teacher) is stale:
 *    it goes no further, and nobody is blamed.
 * 3. The cheap questions come first; a signature is checked only if the answer could matter.
 */
import { type Context, type Crypto, type PeerId, peerOf, type Reason } from "../../core/mod.ts";
import type { News } from "./grants.ts";
import * as limits from "./limits.ts";
import type { Lines } from "./lines.ts";
import { type Claim, keysIn, Notary, readClaim } from "./notary.ts";
import { Paces } from "./pace.ts";
import { Session, Sessions } from "./sessions.ts";
import type { Shelf } from "./shelf.ts";
import {
  ANNOUNCE,
  type Announcement,
  type Publication,
  PUBLISH,
  type Warrant,
} from "./statement.ts";
import { type Standing, Trust } from "./trust.ts";

/** `good` goes on; `stale` goes no further; `guilty` was passed on by a device that knew better. */
export type Verdict =
  | {
    readonly kind: "good";
    readonly claim: Claim;
    readonly session: Session;
    readonly news: "new" | "same";
  }
  | { readonly kind: "stale"; readonly why: Reason; readonly claim?: Claim }
  | { readonly kind: "guilty"; readonly why: Reason };

/** What only those in a session keep of it. */
export interface Memory {
  readonly session: Session;
  readonly shelf: Shelf;
  readonly lines: Lines;
}

export class Judge {
  readonly trust = new Trust();
  readonly sessions = new Sessions();
  readonly notary: Notary;
  /** The session that this device is in. */
  memory: Memory | undefined;
  readonly #linePaces = new Paces<PeerId>(limits.LINE_EVERY, limits.LINE_BURST, limits.AUTHORS);
  readonly #publicationPaces = new Paces<PeerId>(
    limits.PUBLICATION_EVERY,
    limits.PUBLICATION_BURST,
    limits.AUTHORS,
  );

  constructor(readonly crypto: Crypto) {
    this.notary = new Notary(crypto);
  }

  /** `origin` is who put the statement on the mesh; a statement from elsewhere has none. */
  hear(bytes: Uint8Array, origin: PeerId | undefined, ctx: Context): Verdict {
    const claim = readClaim(bytes, this.crypto);
    if (claim === undefined) return { kind: "guilty", why: "malformed" };
    // Everybody puts only its own statements on the mesh: anything else is a replay.
    if (origin !== undefined && origin !== claim.author) {
      return { kind: "guilty", why: "unauthorised" };
    }
    return this.weigh(claim, origin !== undefined, ctx);
  }

  weigh(claim: Claim, paced: boolean, ctx: Context): Verdict {
    const standing = this.trust.standingOf(claim.statement.charter, this.crypto);
    if (standing === "foreign") return { kind: "stale", why: "unauthorised", claim };
    const known = this.sessions.get(claim.session);
    const news = known === undefined ? "new" : this.#newsOf(claim, known);
    if (news === "same") return { kind: "good", claim, session: known!, news };
    if (news === "full") return { kind: "stale", why: "too-many", claim };
    if (news === "old") return { kind: "stale", why: "expired", claim };
    if (!this.notary.isAuthentic(claim)) return { kind: "guilty", why: "unauthorised" };
    if (known === undefined && claim.statement.kind === "announcement") {
      if (claim.statement.closed || claim.statement.age >= claim.statement.lasts) {
        return { kind: "stale", why: "expired", claim };
      }
    }
    const session = known ?? this.#newSession(claim, standing, ctx);
    if (session === undefined) return { kind: "stale", why: "too-many", claim };
    const why = this.#objection(claim, session, paced, ctx);
    if (why !== undefined) return { kind: "stale", why, claim };
    // Another teacher than the pinned one: known, so that the person can be asked, but not spread.
    if (standing === "changed") return { kind: "stale", why: "unauthorised", claim };
    return { kind: "good", claim, session, news: "new" };
  }

  /** Believes in this session's authority from now on; false where too many are believed in. */
  accept(session: Session, ctx: Context): boolean {
    if (!this.trust.pin(session.charter.sign, ctx)) return false;
    this.reconsider();
    return true;
  }

  /** After what is believed in has changed. */
  reconsider(): void {
    this.sessions.reconsider((charter) => this.trust.standingOf(charter, this.crypto));
  }

  /** Whether a statement could matter, before anything is checked. */
  #newsOf(claim: Claim, session: Session): News {
    const { statement, author } = claim;
    switch (statement.kind) {
      case "announcement":
        return session.newsOf(claim as Claim<Announcement>);
      case "grant": {
        const warrant = session.grants.of(peerOf(keysIn(statement.warrant), this.crypto));
        return warrant !== undefined && statement.warrant.serial < warrant.serial ? "old" : "new";
      }
      case "publication":
        if (this.memory?.session !== session) return "new";
        return this.memory.shelf.newsOf(claim as Claim<Publication>);
      case "line":
        if (this.memory?.session !== session) return "new";
        return this.memory.lines.has(author, statement.sequence) ? "old" : "new";
    }
  }

  /** Takes an authentic statement into what is known of the session, or says what is against it. */
  #objection(claim: Claim, session: Session, paced: boolean, ctx: Context): Reason | undefined {
    const { statement, author } = claim;
    switch (statement.kind) {
      case "announcement":
        return this.#hearAnnouncement(claim as Claim<Announcement>, session, ctx);
      case "grant":
        return this.#learn(statement.warrant, session);
      case "publication":
        if (session.hasEnded(ctx.now)) return "expired";
        if (!this.#mayStill(statement.warrant, PUBLISH, session, ctx)) return "unauthorised";
        return !paced || this.#publicationPaces.allows(author, ctx.now) ? undefined : "too-many";
      case "line":
        if (session.hasEnded(ctx.now)) return "expired";
        if (!this.#mayStill(statement.ticket?.issuer, ANNOUNCE, session, ctx)) {
          return "unauthorised";
        }
        return !paced || this.#linePaces.allows(author, ctx.now) ? undefined : "too-many";
    }
  }

  #hearAnnouncement(
    claim: Claim<Announcement>,
    session: Session,
    ctx: Context,
  ): Reason | undefined {
    if (!this.#mayStill(claim.statement.warrant, ANNOUNCE, session, ctx)) return "unauthorised";
    return session.hear(claim, ctx.now) === "new" ? undefined : "expired";
  }

  #learn(warrant: Warrant, session: Session): Reason | undefined {
    const news = session.grants.learn(peerOf(keysIn(warrant), this.crypto), warrant);
    return news === "full" ? "too-many" : news === "old" ? "expired" : undefined;
  }

  /** Learns the warrant that a statement leans on, then asks whether it still holds. */
  #mayStill(
    warrant: Warrant | undefined,
    right: number,
    session: Session,
    ctx: Context,
  ): boolean {
    if (warrant === undefined) return true; // the teacher's own word
    this.#learn(warrant, session);
    const assistant = peerOf(keysIn(warrant), this.crypto);
    return session.grants.allows(assistant, right, session.age(ctx.now));
  }

  #newSession({ session: id, statement }: Claim, standing: Standing, ctx: Context) {
    const { charter } = statement;
    const teacher = peerOf(keysIn(charter), this.crypto);
    const session = new Session(id, charter, teacher, standing);
    session.heardAt = ctx.now;
    session.setAge(0, ctx.now);
    return this.sessions.add(session, ctx.now, this.memory?.session.id) ? session : undefined;
  }
}
