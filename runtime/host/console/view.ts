/** A node's events as lines for people, and its progress as one line that changes. */
import type { AppEvent, PeerId } from "../../core/mod.ts";
import { isChatEvent } from "../../protocols/chat/mod.ts";
import { isLabEvent } from "../../protocols/lab/mod.ts";
import { isSwarmEvent } from "../../protocols/swarm/mod.ts";
import { reasons } from "../../core/mod.ts";
import { defused } from "../text.ts";
import { isLegacyEvent } from "../legacy/gateway.ts";
import { Board, type Content } from "./board.ts";
import { isHostEvent, type Numbered } from "./service.ts";
import { sizeText, type Terminal } from "./terminal.ts";

const REDRAW_MILLISECONDS = 200;
/** Where lines cannot be written over, progress is told as often as this. */
const TELL_MILLISECONDS = 5_000;

export class View {
  readonly board: Board;
  readonly #terminal: Terminal;
  #drawnAt = 0;
  #last = "";

  constructor(self: PeerId, terminal: Terminal) {
    this.board = new Board(self);
    this.#terminal = terminal;
  }

  /** Takes an event, and shows what a person wants to know of it. */
  told(told: Numbered): void {
    this.board.told(told);
    if (this.#terminal.json) return this.#terminal.data("event", told);
    const words = wordsOf(told.event, this.board);
    if (words !== undefined) this.#terminal.say(words);
    this.#progress(told);
  }

  #progress({ wall, event }: Numbered): void {
    if (!isSwarmEvent(event)) return;
    const every = this.#terminal.isLive ? REDRAW_MILLISECONDS : TELL_MILLISECONDS;
    const isOver = event.name === "completed";
    if (wall - this.#drawnAt < every && !isOver) return;
    this.#drawnAt = wall;
    const lines = [...this.board.contents.values()].map((content) =>
      progressOf(content, this.board)
    );
    const line = lines.filter((each) => each !== undefined).join("  ");
    if (this.#terminal.isLive) this.#terminal.progress(line);
    else if (line !== "" && line !== this.#last) this.#terminal.note(line);
    this.#last = line;
  }
}

/** What a line says of an event; undefined for what is shown otherwise, or not at all. */
export function wordsOf(event: AppEvent, board: Board): string | undefined {
  if (isLabEvent(event)) {
    switch (event.name) {
      case "said":
        return `${defused(event.who)}: ${defused(event.text)}`;
      case "question":
        return `[question ${event.question} of ${defused(event.who)}] ${defused(event.text)}`;
      case "answered":
        return `[answer] ${defused(event.text)}`;
      case "announced":
        return board.session === undefined ? defused(event.words) : undefined;
      case "accepted":
      case "delegated":
      case "revoked":
        return undefined;
      default:
        return defused(event.words);
    }
  }
  if (isChatEvent(event)) {
    if (event.name === "received") return `${defused(event.words)}   (deno task node menu answers)`;
    const isShown = ["invited", "requested", "linking", "unlinked"].includes(event.name);
    return isShown ? defused(event.words) : undefined;
  }
  if (isLegacyEvent(event)) return defused(event.words);
  if (isHostEvent(event)) return defused(event.words);
  if (isSwarmEvent(event)) {
    if (event.name === "refused") return defused(event.why);
    if (event.name === "poisoned") {
      return `${defused(board.nameOf(event.peer))} sent a wrong block, and is refused from now on`;
    }
  }
  return undefined;
}

/** "notes.pdf  61 %  9.8 MB/s", or how many have it; undefined where nothing moves. */
export function progressOf(content: Content, board: Board): string | undefined {
  const { title, bytes, role, state, own, others } = content;
  const name = defused(title);
  if (role === "fetching") {
    if (state === "done" || bytes === 0) return undefined;
    const percent = Math.floor(100 * own.bytes / bytes);
    return `${name} ${percent} %  ${sizeText(own.speed)}/s`;
  }
  if (others.size === 0) return undefined;
  const all = [...others];
  const done = all.filter(([, each]) => each.bytes === bytes).length;
  const share = all.reduce((sum, [, each]) => sum + each.bytes, 0) / (bytes * all.length || 1);
  const halted = all.filter(([, { why }]) => why !== undefined).map(([peer, { why }]) =>
    `${defused(board.nameOf(peer))}: ${reasons[why as keyof typeof reasons] ?? why}`
  );
  const waiting = halted.length === 0 ? "" : `  waiting: ${halted.slice(0, 3).join(", ")}`;
  return `${name}  ${done} of ${all.length} have it  ${Math.floor(100 * share)} %${waiting}`;
}
