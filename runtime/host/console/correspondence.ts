/** What letters and groups change on a board: lines that were written, and what became of them. */
import type { PeerId } from "../../core/mod.ts";
import type { Attachment, ChatEvent, Spoken } from "../../protocols/chat/mod.ts";
import type { GroupsEvent } from "../../protocols/groups/mod.ts";
import type { Contact, Room } from "./contact.ts";
import { shortName } from "./names.ts";
import { type Line, ownId, type Talk } from "./talk.ts";

/** What letters change of a board. */
export interface Board {
  readonly self: PeerId;
  readonly talk: Talk;
  readonly persons: Map<PeerId, PeerId>;
  readonly asking: Map<PeerId, string>;
  readonly rooms: Map<string, Room>;
  personOf(peer: PeerId): PeerId;
  isSelf(peer: PeerId): boolean;
  nameOf(peer: PeerId): string;
  contact(peer: PeerId, wall: number, isThere?: boolean): Contact;
  name(peer: PeerId, who: string, wall: number): void;
  line(line: Line): void;
}

/** What a receipt makes of a letter: in a mailbox it is sent, and no more. */
const STATES = { held: "sent", delivered: "delivered", read: "read", dropped: "refused" } as const;

/** What somebody is, once this has happened. */
const STANDINGS = {
  invited: "invited",
  befriended: "friend",
  blocked: "blocked",
  parted: undefined,
  unblocked: undefined,
} as const;

/** A letter, or what two people are to each other. */
export function toldOfLetter(event: ChatEvent, wall: number, board: Board): void {
  const { self, talk } = board;
  switch (event.name) {
    case "accepted": {
      const person = board.personOf(event.peer);
      const who = `You to ${event.toAll ? "all" : board.nameOf(person)}`;
      const isNew = written(event, { wall, peer: self, who, to: { [person]: "waiting" } }, board);
      if (!isNew) talk.mark(ownId(event.id), person, "waiting");
      return;
    }
    case "copied": {
      const [first] = event.to;
      const who = `You to ${event.toAll || first === undefined ? "all" : board.nameOf(first)}`;
      // How far it has come is known where it was written.
      const to = Object.fromEntries(
        event.to.map((peer) => [board.personOf(peer), "sent"] as const),
      );
      written(event, { wall, peer: self, who, to }, board);
      return;
    }
    case "seen":
      for (const id of event.ids) talk.mark(`${board.personOf(event.peer)}/${id}`, self, "read");
      return;
    case "linking":
      board.asking.set(event.peer, event.who);
      return;
    case "devices": {
      for (const [device, person] of board.persons) {
        if (person === event.peer) board.persons.delete(device);
      }
      for (const device of event.devices.slice(1)) {
        board.persons.set(device, event.peer);
        board.asking.delete(device);
      }
      return;
    }
    case "unlinked":
      board.persons.delete(self);
      return;
    case "received": {
      board.name(event.peer, event.who, wall);
      const peer = board.personOf(event.peer);
      const who = peer === event.peer ? event.who : board.nameOf(peer);
      written(event, { wall, peer, who, to: { [self]: "delivered" } }, board);
      return;
    }
    case "held":
    case "delivered":
    case "read":
    case "dropped":
      talk.mark(ownId(event.id), board.personOf(event.peer), STATES[event.name]);
      return;
    case "named":
      Object.assign(board.contact(event.peer, wall), { who: event.who, keys: event.keys });
      return;
    case "invited":
    case "befriended":
    case "parted":
    case "blocked":
    case "unblocked": {
      const contact = board.contact(event.peer, wall, !event.again);
      if (event.who !== shortName(event.peer)) contact.who = event.who;
      contact.standing = STANDINGS[event.name];
      return;
    }
    case "requested":
      return board.name(event.peer, event.who, wall);
  }
}

/** Something of a group. */
export function toldOfGroup(event: GroupsEvent, wall: number, board: Board): void {
  switch (event.name) {
    case "roster": {
      const { group, title, members, isIn } = event;
      board.rooms.set(group, { group, title, members, isIn });
      return;
    }
    case "received": {
      const { group, title } = event;
      const peer = board.personOf(event.peer);
      if (board.isSelf(peer)) { // at another device of this person's
        written(event, { wall, peer: board.self, who: `You in ${title}`, group }, board);
        return;
      }
      const who = `${board.nameOf(peer)} in ${title}`;
      written(event, { wall, peer, who, group, to: { [board.self]: "delivered" } }, board);
      return;
    }
    case "accepted": {
      const { group, title } = event;
      written(event, { wall, peer: board.self, who: `You in ${title}`, group }, board);
      return;
    }
    default:
      return board.line({ wall, kind: "notice", peer: undefined, who: "", text: event.words });
  }
}

type Message = Partial<Spoken> & {
  readonly id: string;
  readonly text: string;
  readonly attachment?: Attachment | undefined;
};

/** A new line, or other words for an old one of the same writer. False where it was known. */
function written(
  { id, deed = "says", about, text, attachment }: Message,
  line: Omit<Line, "kind" | "text" | "about" | "id" | "peer"> & { readonly peer: PeerId },
  { self, talk }: Board,
): boolean {
  const lineId = (message: string) =>
    line.peer === self ? ownId(message) : `${line.peer}/${message}`;
  if (deed !== "says") {
    return talk.change(lineId(about!), deed === "deletes" ? undefined : text);
  }
  const answered = about === undefined ? undefined : talk.lineOf(about, line.peer);
  return talk.add({
    ...line,
    kind: "letter",
    text,
    id: lineId(id),
    ...(answered === undefined ? {} : { about: answered }),
    ...(attachment?.preview.length ? { preview: attachment.preview.toBase64() } : {}),
  });
}
