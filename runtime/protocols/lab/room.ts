/**
 * A session as those who are in it keep it: what was published, what was said, who may what.
 *
 * The same at the teacher and at everybody else; only what one may say there differs (voice.ts).
 */
import { byCodeUnit, type Context, hex, joined, type PeerId, peerOf } from "../../core/mod.ts";
import { cancel, type ContentSource, fetch } from "../swarm/mod.ts";
import { bytesOfSession } from "./charter.ts";
import type { Right, Role } from "./commands.ts";
import type { Counter } from "./counter.ts";
import type { Judge, Memory } from "./judge.ts";
import * as limits from "./limits.ts";
import { Lines } from "./lines.ts";
import { type Claim, keysIn, readClaim } from "./notary.ts";
import type { Session } from "./sessions.ts";
import { placeOf, Shelf } from "./shelf.ts";
import {
  ANNOUNCE,
  type Grant,
  type Line,
  type Publication,
  PUBLISH,
  statementWire,
  type Ticket,
  type Warrant,
} from "./statement.ts";
import { tell } from "./words.ts";
import type { LabMessage } from "./wire.ts";

export type LabContext = Context<LabMessage>;

/** What the parts of a lab share. */
export interface Means {
  readonly judge: Judge;
  /** Numbers of publications, lines, warrants and letters. */
  readonly numbers: Counter;
  /** Numbers of announcements, of which there are many. */
  readonly beats: Counter;
  /** Seconds of the session opened here, so that no crash turns its clock back. */
  readonly ages: Counter;
  /** Whether what is published is fetched without asking the person. */
  readonly autoFetch: boolean;
}

export class Room implements Memory {
  readonly shelf: Shelf;
  readonly lines = new Lines();
  /** Our name in the session, vouched for; the teacher needs none. */
  ticket: Ticket | undefined;

  constructor(readonly session: Session, readonly means: Means) {
    this.shelf = new Shelf(session.teacher, means.judge.crypto);
  }

  /** True if this peer is the teacher, or has one of these rights now. */
  allows(peer: PeerId, rights: number, ctx: Context): boolean {
    const { session } = this;
    return peer === session.teacher || session.grants.allows(peer, rights, session.age(ctx.now));
  }

  roleOf(peer: PeerId, ctx: Context): Role {
    if (peer === this.session.teacher) return "teacher";
    return this.allows(peer, PUBLISH | ANNOUNCE, ctx) ? "assistant" : "member";
  }

  /** Takes an authentic statement of this session that is new here. */
  take(claim: Claim, ctx: LabContext): void {
    const { statement } = claim;
    if (statement.kind === "publication") this.place(claim as Claim<Publication>, ctx);
    else if (statement.kind === "line") this.#hearLine(claim as Claim<Line>, ctx);
    this.takeGrants(ctx);
  }

  /** Keeps and tells the delegations and revocations that the last statements have brought. */
  takeGrants(ctx: LabContext): void {
    for (const assistant of this.session.grants.takeNews()) {
      const warrant = this.session.grants.of(assistant)!;
      ctx.save(`grant/${assistant}`, this.bytesOfGrant(warrant));
      this.#tellGrant(assistant, warrant, false, ctx);
    }
  }

  bytesOfGrant(warrant: Warrant): Uint8Array {
    const grant: Grant = { kind: "grant", charter: this.session.charter, warrant };
    return statementWire.encode(grant);
  }

  /** Puts a publication or withdrawal on the shelf, and does what follows from it. */
  place(claim: Claim<Publication>, ctx: LabContext): void {
    const content = hex(claim.statement.content);
    const before = this.shelf.onShow(content);
    if (this.shelf.place(claim) !== "new") return;
    ctx.save(`shelf/${placeOf(claim)}`, claim.bytes);
    const after = this.shelf.onShow(content);
    const { title, bytes } = claim.statement;
    const about = { session: this.session.id, content, title, peer: claim.author };
    if (before === undefined && after !== undefined) {
      tell(ctx, { name: "published", ...about, bytes, again: false });
      this.#fetch(after, ctx);
    } else if (before !== undefined && after === undefined) {
      tell(ctx, { name: "withdrawn", ...about });
      ctx.ask(cancel(content));
    }
  }

  /**
   * Tells what an earlier boot kept, since it may have ended before it could, and asks the swarm for
   * everything on show; what the swarm has, it knows.
   */
  resume(ctx: LabContext): void {
    this.session.grants.takeNews();
    for (const [assistant, warrant] of this.session.grants.all) {
      this.#tellGrant(assistant, warrant, true, ctx);
    }
    for (const content of this.shelf.contents) {
      const shown = this.shelf.onShow(content);
      if (shown === undefined) continue;
      const { title, bytes } = shown.statement;
      const about = { session: this.session.id, content, title, peer: shown.author };
      tell(ctx, { name: "published", ...about, bytes, again: true });
      this.#fetch(shown, ctx);
    }
  }

  /** What everybody in the session should know: delegations, then what counts on the shelf. */
  statements(ctx: Context): Uint8Array[] {
    const statements: Uint8Array[] = [];
    for (const [, warrant] of this.session.grants.all) statements.push(this.bytesOfGrant(warrant));
    for (const claim of this.shelf.all) {
      if (this.allows(claim.author, PUBLISH, ctx)) statements.push(claim.bytes);
    }
    return statements;
  }

  /** Equal at two devices that know the same. */
  digest(ctx: Context): Uint8Array {
    const { crypto } = this.means.judge;
    const grants = [...this.session.grants.all]
      .sort(([one], [other]) => byCodeUnit(one, other))
      .map(([, warrant]) => warrant.signature);
    const shelf = this.shelf.digest((publisher) => this.allows(publisher, PUBLISH, ctx));
    return crypto.sha256(joined(...grants, shelf));
  }

  /** Sends everything that `skip` does not have, in frames; the last one says so. */
  handOver(to: PeerId, skip: ReadonlySet<string>, last: boolean, ctx: LabContext): void {
    const session = bytesOfSession(this.session.id);
    const statements = this.statements(ctx).filter((bytes) => !skip.has(this.nameOf(bytes)));
    if (statements.length === 0 && !last) return;
    for (let at = 0; at === 0 || at < statements.length; at += limits.CATCH_UP) {
      const part = statements.slice(at, at + limits.CATCH_UP);
      const isLast = last && at + limits.CATCH_UP >= statements.length;
      ctx.send(to, { kind: "catchUp", session, statements: part, last: isLast });
    }
  }

  /** Names a statement among others. */
  nameOf(bytes: Uint8Array): string {
    return hex(this.means.judge.crypto.sha256(bytes));
  }

  /** Takes up what an earlier boot kept of this session; false for what cannot be read. */
  restore(key: string, bytes: Uint8Array): boolean {
    const claim = readClaim(bytes, this.means.judge.crypto);
    if (claim === undefined || claim.session !== this.session.id) return false;
    if (!this.means.judge.notary.isAuthentic(claim)) return false; // handed over, it would blame us
    if (claim.statement.kind === "publication") {
      return key === `shelf/${placeOf(claim as Claim<Publication>)}` &&
        this.shelf.place(claim as Claim<Publication>) === "new";
    }
    if (claim.statement.kind !== "grant") return false;
    const { warrant } = claim.statement;
    const assistant = peerOf(keysIn(warrant), this.means.judge.crypto);
    return this.session.grants.learn(assistant, warrant) === "new";
  }

  /** What is, or should be, on the disk under such a key. */
  recordOf(key: string): Uint8Array | undefined {
    if (key.startsWith("shelf/")) return this.shelf.at(key.slice("shelf/".length))?.bytes;
    const warrant = this.session.grants.of(key.slice("grant/".length) as PeerId);
    return warrant && this.bytesOfGrant(warrant);
  }

  /** Removes every record of this session: it is over, or was left. */
  forget(ctx: LabContext): void {
    for (const claim of this.shelf.all) ctx.save(`shelf/${placeOf(claim)}`, undefined);
    for (const [assistant] of this.session.grants.all) ctx.save(`grant/${assistant}`, undefined);
  }

  #tellGrant(assistant: PeerId, warrant: Warrant, again: boolean, ctx: LabContext): void {
    const about = { session: this.session.id, peer: assistant, again };
    if (warrant.rights === 0) tell(ctx, { name: "revoked", ...about });
    else tell(ctx, { name: "delegated", ...about, rights: rightsOf(warrant) });
  }

  #hearLine({ statement, author }: Claim<Line>, ctx: LabContext): void {
    this.lines.note(author, statement.sequence);
    const who = statement.ticket?.who ?? this.session.who;
    const role = this.roleOf(author, ctx);
    const { text } = statement;
    tell(ctx, { name: "said", session: this.session.id, peer: author, who, role, text });
  }

  /** The publisher where it was last announced, and the others who are likely to have it soon. */
  #fetch({ statement, keys, author }: Claim<Publication>, ctx: LabContext): void {
    if (!this.means.autoFetch || author === ctx.self) return;
    const { session } = this;
    const address = session.announcer(author)?.claim.statement.address ?? statement.address;
    const sources: ContentSource[] = [{ keys, address }];
    for (const door of session.doors(ctx.now)) {
      if (door.peer === author || door.peer === ctx.self) continue;
      sources.push({ keys: door.keys, address: door.claim.statement.address });
    }
    ctx.ask(
      fetch({ content: hex(statement.content), sources: sources.slice(0, limits.FETCHED_FROM) }),
    );
  }
}

/** A warrant's rights, in words. */
export function rightsOf({ rights }: Warrant): Right[] {
  const words: Right[] = [];
  if ((rights & PUBLISH) !== 0) words.push("publish");
  if ((rights & ANNOUNCE) !== 0) words.push("announce");
  return words;
}
