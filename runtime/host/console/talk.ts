/** What was said: lines of a session, and letters with what became of them. Each is there once. */
import type { PeerId } from "../../core/mod.ts";
import { defused } from "../text.ts";

/** Lines that are remembered for display; the oldest goes first. */
const MOST_LINES = 500;

/** How far a letter has come at somebody. An older program confirms nothing: `sent` is all of it. */
export const letterStates = ["waiting", "sent", "delivered", "read", "refused"] as const;
export type LetterState = typeof letterStates[number];

/** Something that was said, asked, answered or written. */
export interface Line {
  readonly wall: number;
  readonly kind: "said" | "question" | "answer" | "notice" | "letter";
  /** Who said it, or, of one's own letter, nobody else. */
  readonly peer: PeerId | undefined;
  readonly who: string;
  /** What it says now: it may be changed later. */
  text: string;
  /** The line that this answers. */
  readonly about?: string;
  /** The group that it was written in. */
  readonly group?: string;
  /** A small picture of the picture that comes with it: a JPEG in base 64, whatever its sender made of it. */
  readonly preview?: string;
  /** Its writer has put other words here, or taken them back. */
  isChanged?: boolean;
  isGone?: boolean;
  /** The number of a question, for the answer to it. */
  readonly question?: number;
  /** What tells it from every other line, where a restart may tell it again. */
  readonly id?: string;
  /** Of a letter: how far it has come, by whom it goes to. */
  readonly to?: Record<string, LetterState>;
}

/** What became of a letter at somebody. */
interface Mark {
  readonly id: string;
  readonly peer: PeerId;
  readonly state: LetterState;
}

/** Other words for a line, by its id; none where they were taken back. */
interface Change {
  readonly changed: string;
  readonly text: string | undefined;
}

/** What a history keeps. */
export type Entry = { readonly line: Line } | Mark | Change;

export class Talk {
  /** Lines that are remembered; the oldest goes first. */
  constructor(readonly most = MOST_LINES) {}

  readonly lines: Line[] = [];
  /** Called with everything that is new. */
  onNews: (entry: Entry) => void = () => {};
  readonly #byId = new Map<string, Line>();

  /** False where it is known already. */
  add(line: Line): boolean {
    if (line.id !== undefined) {
      if (this.#byId.has(line.id)) return false;
      this.#byId.set(line.id, line);
    }
    this.lines.push(line);
    const gone = this.lines.length > this.most ? this.lines.shift() : undefined;
    if (gone?.id !== undefined) this.#byId.delete(gone.id);
    this.onNews({ line });
    return true;
  }

  /** What has become of a letter at somebody; false where that is no news. */
  mark(id: string, peer: PeerId, state: LetterState): boolean {
    const to = this.#byId.get(id)?.to;
    if (to === undefined) return false;
    const before = to[peer];
    if (before !== undefined && letterStates.indexOf(state) <= letterStates.indexOf(before)) {
      return false;
    }
    to[peer] = state;
    this.onNews({ id, peer, state });
    return true;
  }

  /** Other words for a line, or none: false where that is no news. */
  change(id: string, text: string | undefined): boolean {
    const line = this.#byId.get(id);
    if (line === undefined || line.isGone || line.text === text) return false;
    line.text = text ?? "";
    if (text === undefined) line.isGone = true;
    else line.isChanged = true;
    this.onNews({ changed: id, text });
    return true;
  }

  /** The id of the line that a message is, by the message's own id: of oneself, this one or anybody. */
  lineOf(message: string, peer?: PeerId): string | undefined {
    const ids = [ownId(message), ...(peer === undefined ? [] : [`${peer}/${message}`])];
    const found = ids.find((id) => this.#byId.has(id));
    return found ?? [...this.#byId.keys()].find((id) => id.endsWith(`/${message}`));
  }

  /** Takes up what a history has kept; what is no entry is skipped. */
  restore(entry: unknown): void {
    const { line, changed, text, id, peer, state } = Object(entry) as Partial<
      { line: Line } & Mark & Change
    >;
    if (typeof line?.text === "string" && typeof line.who === "string") this.add(line);
    else if (changed !== undefined) this.change(changed, text);
    else if (id !== undefined && peer !== undefined && state !== undefined) {
      this.mark(id, peer, state);
    }
  }

  at(id: string): Line | undefined {
    return this.#byId.get(id);
  }

  isRead(id: string, by: PeerId): boolean {
    return this.#byId.get(id)?.to?.[by] === "read";
  }
}

const OWN = "own/";

/** The line of a letter of one's own; those of others have the writer's name before the id. */
export function ownId(id: string): string {
  return `${OWN}${id}`;
}

/** `(read)`, or `(delivered to 3 of 5)` where several have got it. */
export function stateText(to: Readonly<Record<string, LetterState>>): string {
  const states = Object.values(to);
  const [only] = states;
  if (states.length === 1) return only!;
  const there = states.filter((state) => state === "delivered" || state === "read").length;
  return `delivered to ${there} of ${states.length}`;
}

/** Letters of a text that is quoted, or told of. */
const BRIEF = 30;

/** The first words of a longer text. */
export function briefly(text: string): string {
  return text.length > BRIEF ? `${text.slice(0, BRIEF - 1)}…` : text;
}

/** `12:03:59  Ben: hello (read)`, for a terminal; `talk` knows what is answered. */
export function lineText(
  { wall, who, question, text, to, id, about, isChanged, isGone }: Line,
  talk?: Talk,
): string {
  const time = new Date(wall).toTimeString().slice(0, 8);
  const number = question === undefined ? "" : ` (question ${question})`;
  const state = to === undefined || !id?.startsWith(OWN) ? "" : `  (${stateText(to)})`;
  const answered = about === undefined ? undefined : talk?.at(about);
  const quote = answered === undefined || answered.isGone
    ? ""
    : ` (to "${defused(briefly(answered.text))}")`;
  const words = isGone ? "(taken back)" : `${defused(text)}${isChanged ? "  (changed)" : ""}`;
  return `${time}  ${defused(who)}${number}${quote}: ${words}${state}`;
}
