/** What a chat tells: each event in plain words, and in fields. */
import {
  type AppEvent,
  type Context,
  type PeerId,
  type PeerKeys,
  type Reason,
  reasons,
} from "../../core/mod.ts";
import type { Attachment } from "./attachment.ts";
import { speechWords, type Spoken } from "./speech.ts";

const NAME = "chat";

interface Told<Name extends string> extends AppEvent {
  readonly protocol: typeof NAME;
  readonly name: Name;
  /** One sentence for people. */
  readonly words: string;
}

interface AboutLetter {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly peer: PeerId;
}
/** A letter will not be lost any more, even if this device crashes. `peer` is whom it is for. */
export interface AcceptedEvent extends Told<"accepted">, AboutLetter, Spoken {
  readonly peer: PeerId;
  readonly toAll: boolean;
  /** True where a restart tells it once more. */
  readonly again: boolean;
}
/** A letter has come, and is on the disk. */
export interface ReceivedEvent extends Told<"received">, AboutLetter, Spoken {
  readonly peer: PeerId;
  readonly who: string;
  readonly toAll: boolean;
  /** A file that goes with it, if there is one. */
  readonly attachment: Attachment | undefined;
  readonly isFriend: boolean;
  readonly again: boolean;
}
/** The other device has it on its disk; the other person has seen it; the other side refuses it. */
export interface ReceiptEvent extends Told<"delivered" | "read" | "dropped">, AboutLetter {
  readonly peer: PeerId;
}
/** A mailbox of theirs holds it until they come. */
export interface HeldEvent extends Told<"held">, AboutLetter {
  readonly peer: PeerId;
}
/** What somebody calls themselves: nobody vouches for it. */
export interface NamedEvent extends Told<"named"> {
  readonly peer: PeerId;
  readonly who: string;
  /** What the link has proved. */
  readonly keys: PeerKeys;
}
/** What two people are to each other has changed; who is blocked is not told of it. */
export interface FriendEvent
  extends Told<"invited" | "befriended" | "parted" | "blocked" | "unblocked"> {
  readonly peer: PeerId;
  readonly who: string;
  readonly again: boolean;
}
/** A stranger has written: what they say is shown once they are answered, or befriended. */
export interface RequestedEvent extends Told<"requested"> {
  readonly peer: PeerId;
  readonly who: string;
  /** Letters of theirs that wait. */
  readonly count: number;
}
/** A device asks to be one of this person's: nobody knows whose it is. */
export interface LinkingEvent extends Told<"linking"> {
  readonly peer: PeerId;
  readonly who: string;
}
/** Which devices somebody has, the first one first; `peer` is that. */
export interface DevicesEvent extends Told<"devices"> {
  readonly peer: PeerId;
  readonly devices: readonly PeerId[];
  readonly again: boolean;
}
/** This device is one of theirs no longer. */
export interface UnlinkedEvent extends Told<"unlinked"> {
  readonly peer: PeerId;
}
/** This person has written something at another device. */
export interface CopiedEvent extends Told<"copied">, AboutLetter, Spoken {
  /** The device that it was written at, and whom it was written to. */
  readonly peer: PeerId;
  readonly to: readonly PeerId[];
  readonly toAll: boolean;
  /** The letter that told it: `read` lets it go. */
  readonly letter: string;
  readonly attachment: Attachment | undefined;
}
/** This person has read letters of somebody's at another device. */
export interface SeenEvent extends Told<"seen"> {
  readonly peer: PeerId;
  readonly ids: readonly string[];
}
/** Somebody is writing to this person just now. */
export interface TypingEvent extends Told<"typing"> {
  readonly peer: PeerId;
}
/** Letters that somebody wrote before the one that follows have not come, and may never. */
export interface MissedEvent extends Told<"missed"> {
  readonly peer: PeerId;
  /** The mailbox that has kept them back, where it can be named. */
  readonly box: PeerId | undefined;
}
/** Something that this person asked for cannot be. */
export interface RefusedEvent extends Told<"refused"> {
  readonly what: string;
  readonly why: Reason;
}

export type ChatEvent =
  | AcceptedEvent
  | ReceivedEvent
  | ReceiptEvent
  | HeldEvent
  | NamedEvent
  | FriendEvent
  | RequestedEvent
  | TypingEvent
  | LinkingEvent
  | DevicesEvent
  | UnlinkedEvent
  | CopiedEvent
  | SeenEvent
  | MissedEvent
  | RefusedEvent;

type Fields = ChatEvent extends infer Each
  ? Each extends ChatEvent ? Omit<Each, "protocol" | "words"> : never
  : never;

/** True for a chat's own events: the rest of the type follows from `name`. */
export function isChatEvent(event: AppEvent): event is ChatEvent {
  return event.protocol === NAME;
}

/** Tells an event, for people and siblings. */
export function tell(ctx: Pick<Context, "tell">, fields: Fields): void {
  ctx.tell({ protocol: NAME, ...fields, words: wordsOf(fields) } as ChatEvent);
}

function wordsOf(event: Fields): string {
  switch (event.name) {
    case "accepted":
      return "Your message is on its way";
    case "received":
      return speechWords(event.who, event);
    case "held":
      return "Your message waits for them in a mailbox";
    case "delivered":
      return "Your message was delivered";
    case "read":
      return "Your message was read";
    case "dropped":
      return "Your message was refused";
    case "named":
      return `${event.who} is here`;
    case "invited":
      return `${event.who} would like to be your friend`;
    case "befriended":
      return `${event.who} is your friend`;
    case "parted":
      return `${event.who} is no longer your friend`;
    case "blocked":
      return `${event.who} is blocked`;
    case "unblocked":
      return `${event.who} is blocked no longer`;
    case "requested":
      return `${event.who}, whom you do not know, would like to write to you`;
    case "typing":
      return "They are writing";
    case "linking":
      return `${event.who} would like to be one of your devices: compare the digits before you agree`;
    case "devices":
      return event.devices.length === 1
        ? "They use one device"
        : `They use ${event.devices.length} devices`;
    case "unlinked":
      return "This device is no longer linked";
    case "copied":
      return "You have written something at another device";
    case "seen":
      return "You have read something at another device";
    case "missed":
      return event.box === undefined
        ? "Something that was written before this has not come"
        : `A mailbox keeps something back that was written before this: ${event.box.slice(0, 8)}`;
    case "refused":
      return `Cannot ${event.what}: ${reasons[event.why]}`;
  }
}

/** A letter was accepted, with this text if one is given. */
export const accepted = (text?: string) => (event: AppEvent): boolean =>
  isChatEvent(event) && event.name === "accepted" && (text === undefined || event.text === text);

/** A letter has come, or is told of again after a restart. */
export function isReceived(event: AppEvent): event is ReceivedEvent {
  return isChatEvent(event) && event.name === "received";
}

/** Somebody asks to be a friend. */
export function isInvited(event: AppEvent): event is FriendEvent {
  return isChatEvent(event) && event.name === "invited";
}

/** Two have become friends, or are told so again after a restart. */
export const befriended = () => (event: AppEvent): boolean =>
  isChatEvent(event) && event.name === "befriended";
