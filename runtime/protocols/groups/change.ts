/**
 * Who is in a group: a chain of signed changes, each naming the one before it by its hash.
 *
 * Two admins may change the same roster at once. Then everybody takes the change whose hash is lower, and
 * who made the other makes it again, on top. So all who have seen the same changes see the same roster, in
 * whatever order these came.
 */
import {
  byCodeUnit,
  type Context,
  type Crypto,
  exactly,
  hex,
  joined,
  KEY_BYTES,
  oneOf,
  type PeerId,
  peerOf,
  SIGNATURE_BYTES,
  struct,
  textUpTo,
  utf8,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import { peerName } from "../membership/mod.ts";
import * as limits from "./limits.ts";

const LABEL = utf8("starling group change 1");
export const NOTHING = new Uint8Array(limits.HASH_BYTES);

export const KINDS = ["create", "add", "admin", "remove", "leave"] as const;
export type Kind = typeof KINDS[number];

const body = struct({
  /** Zeros in the change that makes the group: its name follows from that one's hash. */
  group: exactly(limits.GROUP_BYTES),
  previous: exactly(limits.HASH_BYTES),
  kind: oneOf(KINDS),
  subject: peerName,
  title: textUpTo(limits.TITLE_BYTES),
  /** Makes two groups of the same people with the same title two. */
  salt: exactly(16),
  /** Who makes the change. */
  sign: exactly(KEY_BYTES),
  agree: exactly(KEY_BYTES),
});
type Body = ValueOf<typeof body>;

export const changeSchema = struct({ body, signature: exactly(SIGNATURE_BYTES) });
export type Change = ValueOf<typeof changeSchema>;

/** A change of this device's own. */
export function changeOf(
  says: Omit<Body, "sign" | "agree" | "salt">,
  { identity, crypto, random }: Pick<Context, "identity" | "crypto" | "random">,
): Change {
  const { sign, agree } = identity.keys;
  const whole = { ...says, salt: random.bytes(16), sign, agree } as Body;
  return { body: whole, signature: crypto.sign(identity.signSecret, signedBytes(whole)) };
}

/** Whether who makes it has signed it. */
export function isSigned({ body: says, signature }: Change, crypto: Crypto): boolean {
  return crypto.verify(says.sign, signedBytes(says), signature);
}

/** Its hash, which names it. */
export function hashOf({ body: says }: Change, crypto: Crypto): Uint8Array {
  return crypto.sha256(signedBytes(says));
}

/** The group that a first change makes. */
export function groupOf(first: Change, crypto: Crypto): string {
  return hex(hashOf(first, crypto).subarray(0, limits.GROUP_BYTES));
}

function signedBytes(says: Body): Uint8Array {
  const writer = new Writer();
  body.write(writer, says);
  return joined(LABEL, writer.take());
}

/** Everybody in a group, and whether they may change it, after a change. */
export interface Roster {
  /** Of the change that made it so. */
  readonly hash: string;
  readonly members: ReadonlyMap<PeerId, "admin" | "member">;
}

/** Every change of a group that is known, and the chain of those that count. */
export class Chain {
  readonly #changes = new Map<string, Change>();
  /** By the hash of the change before them. */
  readonly #after = new Map<string, string[]>();
  /** From the first change on. */
  #chain: readonly Roster[] = [];

  constructor(readonly crypto: Crypto) {}

  get changes(): Iterable<Change> {
    return this.#changes.values();
  }

  get size(): number {
    return this.#changes.size;
  }

  /** The roster as it is now; undefined where the first change is not known. */
  get roster(): Roster | undefined {
    return this.#chain.at(-1);
  }

  /** The first change of all that are known. */
  get first(): Change | undefined {
    const hash = this.#chain[0]?.hash;
    return hash === undefined ? undefined : this.#changes.get(hash);
  }

  /** A roster of the chain by its hash. */
  at(hash: string): Roster | undefined {
    return this.#chain.find((roster) => roster.hash === hash);
  }

  /** Whether somebody is in it, or ever was. */
  names(peer: PeerId): boolean {
    return this.#chain.some(({ members }) => members.has(peer));
  }

  has(change: Change): boolean {
    return this.#changes.has(hex(hashOf(change, this.crypto)));
  }

  /** Whether a change that follows the roster as it is would count. */
  allows(change: Change): boolean {
    const hash = hex(hashOf(change, this.crypto));
    return this.roster !== undefined && this.size < limits.CHANGES &&
      rosterAfter(this.roster, hash, change, this.crypto) !== undefined;
  }

  /** False where it is known, not signed, or one too many. */
  add(change: Change): boolean {
    const hash = hex(hashOf(change, this.crypto));
    if (this.#changes.has(hash) || this.#changes.size >= limits.CHANGES) return false;
    if (!isSigned(change, this.crypto)) return false;
    this.#changes.set(hash, change);
    const before = hex(change.body.previous);
    this.#after.set(before, [...this.#after.get(before) ?? [], hash].sort(byCodeUnit));
    this.#chain = this.#rebuilt();
    return true;
  }

  /** Changes of one author that do not count, since another one won. */
  lost(author: PeerId): Change[] {
    const counted = new Set(this.#chain.map(({ hash }) => hash));
    return [...this.#changes].filter(([hash, { body: says }]) =>
      !counted.has(hash) && peerOf(says, this.crypto) === author
    ).map(([, change]) => change);
  }

  #rebuilt(): Roster[] {
    const chain: Roster[] = [];
    let before: Roster = { hash: hex(NOTHING), members: new Map() };
    for (;;) {
      const next: Roster | undefined = (this.#after.get(before.hash) ?? [])
        .map((hash) => rosterAfter(before, hash, this.#changes.get(hash)!, this.crypto))
        .find((roster) => roster !== undefined);
      if (next === undefined) return chain;
      chain.push(next);
      before = next;
    }
  }
}

/** Undefined where its author may not do that, or it changes nothing. */
function rosterAfter(
  { members }: Roster,
  hash: string,
  { body: { kind, subject, sign, agree } }: Change,
  crypto: Crypto,
): Roster | undefined {
  const author = peerOf({ sign, agree }, crypto);
  const next = new Map(members);
  if (kind === "create") {
    return members.size > 0 || subject !== author
      ? undefined
      : { hash, members: next.set(author, "admin") };
  }
  const standing = members.get(subject);
  const isLeaving = kind === "leave" && subject === author && standing !== undefined;
  if (!isLeaving && (kind === "leave" || members.get(author) !== "admin")) return undefined;
  if (kind === "add") {
    if (standing !== undefined || members.size >= limits.MEMBERS) return undefined;
    return { hash, members: next.set(subject, "member") };
  }
  if (standing === undefined) return undefined;
  if (kind === "admin") {
    return standing === "admin" ? undefined : { hash, members: next.set(subject, "admin") };
  }
  next.delete(subject);
  return { hash, members: next };
}

/** Whether the roster is already as a change would make it. */
export function isDone(kind: Kind, subject: PeerId, { members }: Roster): boolean {
  const standing = members.get(subject);
  if (kind === "add") return standing !== undefined;
  if (kind === "admin") return standing === "admin" || standing === undefined;
  return standing === undefined;
}
