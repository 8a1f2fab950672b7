/** Statements from outside the session's links: datagrams of anybody near, and the mesh. */
import { type Address, hex, type PeerId } from "../../core/mod.ts";
import type { Verdict } from "./judge.ts";
import * as limits from "./limits.ts";
import { type Claim, readClaim } from "./notary.ts";
import { Pace, Paces } from "./pace.ts";
import type { LabContext, Means } from "./room.ts";
import type { Session } from "./sessions.ts";
import type { Announcement } from "./statement.ts";
import { tell } from "./words.ts";

export class Listening {
  readonly #all = new Pace(limits.STRANGERS_EVERY, limits.STRANGERS_BURST);
  readonly #each = new Paces<string>(
    limits.SOURCE_EVERY,
    limits.SOURCE_BURST,
    limits.SOURCES,
  );
  /** Authorities that the person was warned about. */
  readonly #warned = new Set<string>();
  /** What was told of each announcer of a session last. */
  readonly #toldOf = new WeakMap<Session, Map<PeerId, string>>();

  constructor(readonly means: Means) {}

  /** A datagram: an announcement, or nothing. Nothing is ever answered. */
  overheard(bytes: Uint8Array, from: Address, ctx: LabContext): Verdict | undefined {
    const { judge } = this.means;
    const claim = readClaim(bytes, ctx.crypto);
    if (claim?.statement.kind !== "announcement") return undefined;
    const session = judge.sessions.get(claim.session);
    // Replays cost nothing, so that they use up nobody's allowance.
    if (session !== undefined && session.newsOf(claim as Claim<Announcement>) !== "new") {
      return undefined;
    }
    const known = session?.announcer(claim.author);
    if (judge.trust.standingOf(claim.statement.charter, ctx.crypto) === "foreign") return undefined;
    // The host of a known announcer has an allowance of its own: a flood from elsewhere, even under
    // spoofed addresses, cannot keep its announcements out.
    const host = hostOf(from);
    const isExpected = known !== undefined && hostOf(known.claim.statement.address) === host;
    if (!isExpected && !this.#all.allows(ctx.now)) return undefined;
    if (!this.#each.allows(isExpected ? `${host} ${claim.author}` : host, ctx.now)) {
      return undefined;
    }
    return judge.weigh(claim, true, ctx);
  }

  /** Tells of an announcement that somebody else made, if it says anything that was not told. */
  tell({ statement, session: id, author }: Claim<Announcement>, ctx: LabContext): void {
    const session = this.means.judge.sessions.get(id);
    if (session === undefined || author === ctx.self) return;
    const { address } = statement;
    const authority = hex(session.charter.sign);
    const { title, who: teacher } = session;
    const about = { session: id, title, authority };
    if (session.standing === "changed") return this.#warn(authority, about, ctx);
    const told = this.#toldOf.get(session) ?? new Map<PeerId, string>();
    const news = `${title}\n${address}`;
    if (told.get(author) === news || session.closed) return;
    this.#toldOf.set(session, told.set(author, news));
    const trusted = session.standing === "trusted";
    tell(ctx, { name: "announced", ...about, peer: author, teacher, address, trusted });
  }

  #warn(
    authority: string,
    about: { session: Session["id"]; title: string; authority: string },
    ctx: LabContext,
  ): void {
    if (this.#warned.has(authority) || this.#warned.size >= limits.WARNINGS) return;
    this.#warned.add(authority);
    tell(ctx, { name: "warned", ...about });
  }
}

function hostOf(address: Address): string {
  return address.slice(0, address.lastIndexOf(":"));
}
