/** What a lab tells: each event in plain words, and in fields. */
import type { Address, AppEvent, PeerId, Reason } from "../../core/mod.ts";
import type { SessionId } from "./charter.ts";
import type { Right, Role } from "./commands.ts";

interface Told<Name extends string> extends AppEvent {
  readonly protocol: "lab";
  readonly name: Name;
  /** One sentence for people. */
  readonly words: string;
}

/** A session as it was announced; `authority` is the teacher's signing key, as hexadecimal digits. */
interface AboutSession {
  readonly session: SessionId;
  readonly title: string;
  readonly authority: string;
}

export interface OpenedEvent extends Told<"opened">, AboutSession {
  readonly address: Address;
  /** True where a restart goes on with a session opened earlier. */
  readonly again: boolean;
}
export interface AnnouncedEvent extends Told<"announced">, AboutSession {
  readonly peer: PeerId;
  readonly teacher: string;
  readonly address: Address;
  /** False where this device takes nobody's word for the authority yet. */
  readonly trusted: boolean;
}
export interface WarnedEvent extends Told<"warned">, AboutSession {}
export interface SeekingEvent extends Told<"seeking"> {}
export interface WelcomedEvent extends Told<"welcomed">, AboutSession {
  /** Who let us in. */
  readonly peer: PeerId;
  readonly teacher: string;
  /** The name that we have in the session. */
  readonly who: string;
  readonly again: boolean;
}
export interface PartedEvent extends Told<"parted"> {
  readonly session: SessionId;
  readonly peer: PeerId;
  readonly why: Reason;
}
export interface ClosedEvent extends Told<"closed"> {
  readonly session: SessionId;
  readonly title: string;
  readonly why: Reason;
}
/** This device has left. */
export interface DepartedEvent extends Told<"departed"> {
  readonly session: SessionId;
  readonly title: string;
}
interface AboutMember {
  readonly session: SessionId;
  readonly peer: PeerId;
  readonly who: string;
  /** How many are here now. */
  readonly here: number;
}
export interface JoinedEvent extends Told<"joined">, AboutMember {
  readonly peer: PeerId;
  readonly again: boolean;
}
export interface LeftEvent extends Told<"left">, AboutMember {
  readonly peer: PeerId;
  readonly why: Reason;
}
interface AboutContent {
  readonly session: SessionId;
  /** 64 hexadecimal digits. */
  readonly content: string;
  readonly title: string;
  readonly peer: PeerId;
}
export interface PublishedEvent extends Told<"published">, AboutContent {
  readonly peer: PeerId;
  readonly bytes: number;
  /** True where a restart tells it once more. */
  readonly again: boolean;
}
export interface WithdrawnEvent extends Told<"withdrawn">, AboutContent {
  readonly peer: PeerId;
}
export interface DelegatedEvent extends Told<"delegated"> {
  readonly session: SessionId;
  readonly peer: PeerId;
  readonly rights: readonly Right[];
  readonly again: boolean;
}
export interface RevokedEvent extends Told<"revoked"> {
  readonly session: SessionId;
  readonly peer: PeerId;
  readonly again: boolean;
}
/** To everybody. At the speaker itself it confirms that the words are on their way. */
export interface SaidEvent extends Told<"said"> {
  readonly session: SessionId;
  readonly peer: PeerId;
  readonly who: string;
  readonly role: Role;
  readonly text: string;
}
interface AboutLetter {
  readonly session: SessionId;
  readonly peer: PeerId;
  readonly question: number;
  readonly text: string;
  /** True where a restart tells it once more. */
  readonly again: boolean;
}
/** A question, told to the teacher. */
export interface QuestionEvent extends Told<"question">, AboutLetter {
  readonly peer: PeerId;
  readonly who: string;
}
/** The teacher's answer, told to who asked. */
export interface AnsweredEvent extends Told<"answered">, AboutLetter {
  readonly peer: PeerId;
}
/** A question or an answer will not be lost any more, even if this device crashes. */
export interface AcceptedEvent extends Told<"accepted"> {
  readonly session: SessionId;
  readonly peer: PeerId;
  readonly letter: number;
}
/** The other side has kept a question or an answer. */
export interface DeliveredEvent extends Told<"delivered"> {
  readonly session: SessionId;
  readonly peer: PeerId;
  readonly letter: number;
}
/** Something that this person asked for, or that another device tried, cannot be. */
export interface RefusedEvent extends Told<"refused"> {
  /** The command's name, or `record` for what the disk could not give back. */
  readonly what: string;
  readonly why: Reason;
}

export type LabEvent =
  | OpenedEvent
  | AnnouncedEvent
  | WarnedEvent
  | SeekingEvent
  | WelcomedEvent
  | PartedEvent
  | ClosedEvent
  | DepartedEvent
  | JoinedEvent
  | LeftEvent
  | PublishedEvent
  | WithdrawnEvent
  | DelegatedEvent
  | RevokedEvent
  | SaidEvent
  | QuestionEvent
  | AnsweredEvent
  | AcceptedEvent
  | DeliveredEvent
  | RefusedEvent;

/** True for a lab's own events: the rest of the type follows from `name`. */
export function isLabEvent(event: AppEvent): event is LabEvent {
  return event.protocol === "lab";
}

type Named<Name extends LabEvent["name"]> = Extract<LabEvent, { readonly name: Name }>;

/** A test for events of one name, and perhaps with some of these fields. */
function told<Name extends LabEvent["name"]>(name: Name) {
  return (fields: Partial<Named<Name>> = {}) => (event: AppEvent): event is Named<Name> =>
    event.protocol === "lab" && event.name === name &&
    Object.entries(fields).every(([field, value]) => event[field as keyof AppEvent] === value);
}

/** `opened({ title: "Physics" })`, and so on: each a test for events, for whatever fields are given. */
export const opened = told("opened");
export const announced = told("announced");
export const warned = told("warned");
export const seeking = told("seeking");
export const welcomed = told("welcomed");
export const parted = told("parted");
export const closed = told("closed");
export const departed = told("departed");
export const joined = told("joined");
export const left = told("left");
export const published = told("published");
export const withdrawn = told("withdrawn");
export const delegated = told("delegated");
export const revoked = told("revoked");
export const said = told("said");
export const question = told("question");
export const answered = told("answered");
export const accepted = told("accepted");
export const delivered = told("delivered");
export const refused = told("refused");
