/** Which of the people on a board somebody means. */
import type { PeerId } from "../../core/mod.ts";
import { defused } from "../text.ts";
import type { Board, Contact } from "./board.ts";
import { oldAddress, shortName } from "./names.ts";
import { agoText } from "./terminal.ts";

/** So many digits of a name are enough where they are nobody else's. */
const LEAST_DIGITS = 4;

/** Everybody but oneself, friends first, then who is there. */
export function peopleOf(board: Board): Contact[] {
  const rank = ({ standing, gone }: Contact) =>
    (standing === "friend" ? 0 : standing === "invited" ? 1 : 2) + (gone === undefined ? 0 : 3);
  return [...board.contacts.values()]
    .filter(({ peer }) => peer !== board.self && !board.persons.has(peer))
    .sort((one, other) => rank(one) - rank(other) || other.seen - one.seen);
}

/** The one whom a name or the first digits of an ID mean; a sentence where that is nobody, or several. */
export function personNamed(text: string, board: Board): PeerId | string {
  const people = peopleOf(board);
  const wanted = text.trim().toLowerCase();
  const named = people.filter(({ peer }) => board.nameOf(peer).toLowerCase() === wanted);
  const found = named.length > 0 || wanted.length < LEAST_DIGITS
    ? named
    : people.filter(({ peer }) => peer.startsWith(wanted));
  if (found.length === 1) return found[0]!.peer;
  if (found.length === 0) return `Nobody here is called "${defused(text)}"`;
  const names = found.map(({ peer }) => shortName(peer)).join(", ");
  return `${found.length} here are called "${defused(text)}": ${names}. Take the digits`;
}

/** True for what `personNamed` answers when it has found somebody. */
export function isPeer(found: PeerId | string): found is PeerId {
  return /^[0-9a-f]{64}$|^old\/\S+:\d+$/.test(found);
}

/** `Ben  friend, linked, seen 5 minutes ago`. */
export function aboutText(contact: Contact, board: Board, now: number): string {
  const { peer, address, standing, gone, isNeighbour, seen } = contact;
  const states = [
    oldAddress(peer) === undefined ? undefined : "older program, unproved",
    standing === "invited" ? "asks to be your friend" : standing,
    gone !== undefined ? "gone" : isNeighbour ? "linked" : "here",
    `seen ${agoText(now - seen)}`,
  ].filter((state) => state !== undefined);
  const name = defused(board.nameOf(peer)).padEnd(16);
  const digits = (oldAddress(peer) === undefined ? shortName(peer) : "").padEnd(8);
  return `${name} ${digits}  ${defused(address).padEnd(22)} ${states.join(", ")}`;
}
