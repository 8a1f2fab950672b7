/** Who said a statement, and whether the signatures that give the right to say it hold. */
import {
  type Crypto,
  hex,
  type Identity,
  joined,
  type PeerId,
  type PeerKeys,
  peerOf,
  sameBytes,
  SIGNATURE_BYTES,
} from "../../core/mod.ts";
import { type Charter, type SessionId, sessionOf } from "./charter.ts";
import { SIGNATURES } from "./limits.ts";
import {
  ANNOUNCE,
  type Announcement,
  type Line,
  type Publication,
  PUBLISH,
  signedBytes,
  type Statement,
  statementWire,
  type Ticket,
  ticketBytes,
  type Warrant,
  warrantBytes,
} from "./statement.ts";

/** A statement with the bytes in which it came, and what it claims about its author. */
export interface Claim<S extends Statement = Statement> {
  readonly statement: S;
  readonly bytes: Uint8Array;
  readonly session: SessionId;
  readonly author: PeerId;
  readonly keys: PeerKeys;
}

/** The statement in these bytes, unproved. They are copied: nothing keeps the frame they came in. */
export function readClaim(bytes: Uint8Array, crypto: Crypto): Claim | undefined {
  const own = bytes.slice();
  const statement = statementWire.decode(own);
  return statement && claimOf(statement, own, crypto);
}

/** Signs what this device says. */
export function stated<S extends Announcement | Publication | Line>(
  unsigned: Omit<S, "signature">,
  identity: Identity,
  crypto: Crypto,
): Claim<S> {
  const blank = { ...unsigned, signature: new Uint8Array(SIGNATURE_BYTES) } as unknown as S;
  const bytes = statementWire.encode(blank);
  const signature = crypto.sign(identity.signSecret, signedBytes(bytes));
  bytes.set(signature, bytes.length - SIGNATURE_BYTES);
  return claimOf({ ...blank, signature }, bytes, crypto);
}

/** A delegation, signed by the teacher. */
export function newWarrant(
  charter: Charter,
  claims: Omit<Warrant, "signature">,
  identity: Identity,
  crypto: Crypto,
): Warrant {
  return { ...claims, signature: crypto.sign(identity.signSecret, warrantBytes(charter, claims)) };
}

/** A member's name, signed by whoever lets it in. */
export function newTicket(
  charter: Charter,
  claims: Omit<Ticket, "signature">,
  identity: Identity,
  crypto: Crypto,
): Ticket {
  return { ...claims, signature: crypto.sign(identity.signSecret, ticketBytes(charter, claims)) };
}

/** What a statement claims about its author. */
export function claimOf<S extends Statement>(
  statement: S,
  bytes: Uint8Array,
  crypto: Crypto,
): Claim<S> {
  const { charter } = statement;
  const session = sessionOf(charter, crypto);
  const ticket = statement.kind === "line" ? statement.ticket : undefined;
  const warrant = warrantOf(statement);
  const keys = keysIn(ticket ?? warrant ?? charter);
  return { statement, bytes, session, author: peerOf(keys, crypto), keys };
}

/** The two keys of whatever has them among its fields. */
export function keysIn({ sign, agree }: PeerKeys): PeerKeys {
  return { sign, agree };
}

/** Checks signatures, and remembers those that held: warrants and tickets come again and again. */
export class Notary {
  readonly #proved = new Set<string>();

  constructor(readonly crypto: Crypto) {}

  /** True if the author had the right to say this, revocations and expiry aside. */
  isAuthentic({ statement, bytes, keys }: Claim): boolean {
    const { charter } = statement;
    if (statement.kind === "grant") return this.isWarrant(statement.warrant, charter);
    if (statement.kind === "line") {
      if (statement.ticket !== undefined && !this.isTicket(statement.ticket, charter)) return false;
    } else if (statement.warrant !== undefined) {
      if ((statement.warrant.rights & rightFor(statement)) === 0) return false;
      if (!this.isWarrant(statement.warrant, charter)) return false;
    }
    return this.crypto.verify(keys.sign, signedBytes(bytes), statement.signature);
  }

  isWarrant(warrant: Warrant, charter: Charter): boolean {
    // A teacher's own key in a warrant would give one author two voices.
    if (sameBytes(warrant.sign, charter.sign)) return false;
    return this.#isSigned(charter.sign, warrantBytes(charter, warrant), warrant.signature);
  }

  isTicket(ticket: Ticket, charter: Charter): boolean {
    const { issuer } = ticket;
    if (issuer !== undefined) {
      if ((issuer.rights & ANNOUNCE) === 0 || !this.isWarrant(issuer, charter)) return false;
    }
    const key = (issuer ?? charter).sign;
    return this.#isSigned(key, ticketBytes(charter, ticket), ticket.signature);
  }

  #isSigned(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    const name = hex(this.crypto.sha256(joined(key, signature, message)));
    if (this.#proved.has(name)) return true;
    if (!this.crypto.verify(key, message, signature)) return false;
    if (this.#proved.size >= SIGNATURES) this.#forgetFirst();
    this.#proved.add(name);
    return true;
  }

  #forgetFirst(): void {
    for (const name of this.#proved) {
      this.#proved.delete(name);
      return;
    }
  }
}

/** What gives the author its right; a line's author has a ticket instead, a grant's needs nothing. */
function warrantOf(statement: Statement): Warrant | undefined {
  return statement.kind === "announcement" || statement.kind === "publication"
    ? statement.warrant
    : undefined;
}

/** The right that an assistant needs in order to say this. */
export function rightFor(statement: Announcement | Publication): number {
  return statement.kind === "announcement" ? ANNOUNCE : PUBLISH;
}
