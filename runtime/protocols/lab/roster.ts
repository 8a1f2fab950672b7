/** Who is in a session, as those who welcome people keep it. */
import {
  type Address,
  type Crypto,
  exactly,
  KEY_BYTES,
  limits,
  oneOf,
  type PeerId,
  type PeerKeys,
  peerOf,
  Reader,
  struct,
  utf8,
  Writer,
} from "../../core/mod.ts";
import { ROSTER } from "./limits.ts";
import { addressSchema, labelUpTo } from "./statement.ts";

/** `away` has lost its link and is expected back; `left` has said goodbye. */
export type Presence = "here" | "away" | "left";

export interface Member {
  readonly peer: PeerId;
  readonly keys: PeerKeys;
  readonly who: string;
  readonly address: Address;
  readonly presence: Presence;
}

const schema = struct({
  sign: exactly(KEY_BYTES),
  agree: exactly(KEY_BYTES),
  who: labelUpTo(limits.NAME_BYTES),
  address: addressSchema,
  presence: oneOf(["here", "away", "left"]),
});

/** The record of a member. */
export function bytesOfMember({ keys, who, address, presence }: Member): Uint8Array {
  const writer = new Writer();
  schema.write(writer, { ...keys, who, address, presence });
  return writer.take();
}

/** The member of a record, or undefined where it is damaged. */
export function memberOf(bytes: Uint8Array, crypto: Crypto): Member | undefined {
  const reader = new Reader(bytes.slice());
  const { sign, agree, who, address, presence } = schema.read(reader);
  if (!reader.whole) return undefined;
  const keys = { sign, agree };
  return { peer: peerOf(keys, crypto), keys, who, address, presence };
}

export class Roster {
  readonly #memberOf = new Map<PeerId, Member>();

  get all(): Iterable<Member> {
    return this.#memberOf.values();
  }

  get here(): number {
    let count = 0;
    for (const { presence } of this.#memberOf.values()) if (presence === "here") count++;
    return count;
  }

  get(peer: PeerId): Member | undefined {
    return this.#memberOf.get(peer);
  }

  set(member: Member): void {
    this.#memberOf.delete(member.peer); // to the end: the first are those that changed longest ago
    this.#memberOf.set(member.peer, member);
  }

  /**
   * Who makes room for one more: the first to have left, else the first to have lost its link, which
   * is let in again when it comes back. Undefined where everybody is here.
   */
  leaver(): PeerId | undefined {
    let away: PeerId | undefined;
    for (const { peer, presence } of this.#memberOf.values()) {
      if (presence === "left") return peer;
      if (presence === "away") away ??= peer;
    }
    return away;
  }

  get isFull(): boolean {
    return this.#memberOf.size >= ROSTER;
  }

  delete(peer: PeerId): void {
    this.#memberOf.delete(peer);
  }

  /** The wanted name, or with the least number behind it that no one else who may come back has. */
  nameFor(wanted: string, peer: PeerId, teacher: string): string {
    const taken = new Set<string>([folded(teacher)]);
    for (const member of this.#memberOf.values()) {
      if (member.peer !== peer && member.presence !== "left") taken.add(folded(member.who));
    }
    if (!taken.has(folded(wanted))) return wanted;
    for (let number = 2;; number++) {
      const name = withNumber(wanted, ` (${number})`);
      if (!taken.has(folded(name))) return name;
    }
  }
}

/** Names that look alike: joiners are invisible, and case is no difference to a reader. */
function folded(who: string): string {
  return who.normalize("NFKC").replace(/[\u200c\u200d]/g, "").toLowerCase();
}

function withNumber(wanted: string, number: string): string {
  const characters = [...wanted];
  while (utf8(characters.join("") + number).length > limits.NAME_BYTES) characters.pop();
  return characters.join("").trimEnd() + number;
}
