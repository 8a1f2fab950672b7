/** What a person, a scenario or a sibling can ask of a lab. */
import type { Command, Micros, PeerId } from "../../core/mod.ts";
import type { FileEntry } from "../swarm/mod.ts";
import type { TrustOptions } from "./trust.ts";

/** What somebody is in a session. */
export type Role = "teacher" | "assistant" | "member";

/** What the teacher can delegate. */
export type Right = "publish" | "announce";

interface Asked<Name extends string> extends Command {
  readonly protocol: "lab";
  readonly name: Name;
}

export interface TrustCommand extends Asked<"trust"> {
  readonly trust: TrustOptions;
}
export interface OpenCommand extends Asked<"open"> {
  readonly title: string;
  /** The teacher's name. */
  readonly who: string;
  readonly lasts?: Micros;
}
export type CloseCommand = Asked<"close">;
export interface JoinCommand extends Asked<"join"> {
  /** As which session was announced; without it, the first that this device believes in. */
  readonly session?: string;
  readonly who?: string;
  /** Believes in this session's authority from now on, after a warning. */
  readonly accept?: boolean;
}
export type LeaveCommand = Asked<"leave">;
export interface ShareCommand extends Asked<"share"> {
  readonly title: string;
  /** The host's name for the opened files, which are read one after another. */
  readonly handle: string;
  readonly files: readonly FileEntry[];
  readonly priority?: number;
}
export interface WithdrawCommand extends Asked<"withdraw"> {
  /** 64 hexadecimal digits. */
  readonly content: string;
}
export interface SayCommand extends Asked<"say"> {
  readonly text: string;
}
export interface AskCommand extends Asked<"ask"> {
  readonly text: string;
}
export interface AnswerCommand extends Asked<"answer"> {
  readonly peer: PeerId;
  /** The question's number, as its event told it. */
  readonly question: number;
  readonly text: string;
}
export interface DelegateCommand extends Asked<"delegate"> {
  readonly peer: PeerId;
  readonly rights: readonly Right[];
  /** For so long from now; without it, to the session's end. */
  readonly lasts?: Micros;
}
export interface RevokeCommand extends Asked<"revoke"> {
  readonly peer: PeerId;
}

export type LabCommand =
  | TrustCommand
  | OpenCommand
  | CloseCommand
  | JoinCommand
  | LeaveCommand
  | ShareCommand
  | WithdrawCommand
  | SayCommand
  | AskCommand
  | AnswerCommand
  | DelegateCommand
  | RevokeCommand;

/** Chooses whom this device believes in: what a scanned code or a typed secret says. */
export function trust(trust: TrustOptions): TrustCommand {
  return { protocol: "lab", name: "trust", trust };
}

/** Opens a session on this device, for four hours unless told otherwise. */
export function open(options: { title: string; who: string; lasts?: Micros }): OpenCommand {
  return { protocol: "lab", name: "open", ...options };
}

/** Ends the session that this device has opened, for everybody. */
export function close(): CloseCommand {
  return { protocol: "lab", name: "close" };
}

/** Joins a session, as soon as one is announced. */
export function join(
  options: { session?: string; who?: string; accept?: boolean } = {},
): JoinCommand {
  return { protocol: "lab", name: "join", ...options };
}

/** Leaves the session, or stops looking for one. */
export function leave(): LeaveCommand {
  return { protocol: "lab", name: "leave" };
}

/** Gives a file to everybody in the session: for the teacher, and assistants who may. */
export function share(
  options: { title: string; handle: string; files: readonly FileEntry[]; priority?: number },
): ShareCommand {
  return { protocol: "lab", name: "share", ...options };
}

/** Takes back what was shared; devices that are still fetching it stop. */
export function withdraw(content: string): WithdrawCommand {
  return { protocol: "lab", name: "withdraw", content };
}

/** Says something to everybody in the session. */
export function say(text: string): SayCommand {
  return { protocol: "lab", name: "say", text };
}

/** Asks the teacher something that nobody else sees. It waits for the teacher to be there. */
export function ask(text: string): AskCommand {
  return { protocol: "lab", name: "ask", text };
}

/** Answers one question, to the one who asked it. */
export function answer(options: { peer: PeerId; question: number; text: string }): AnswerCommand {
  return { protocol: "lab", name: "answer", ...options };
}

/** Makes somebody in the session an assistant. The newest delegation to a peer replaces the others. */
export function delegate(
  options: { peer: PeerId; rights: readonly Right[]; lasts?: Micros },
): DelegateCommand {
  return { protocol: "lab", name: "delegate", ...options };
}

/** Takes an assistant's rights. What it has published stays, in the teacher's name. */
export function revoke(peer: PeerId): RevokeCommand {
  return { protocol: "lab", name: "revoke", peer };
}
