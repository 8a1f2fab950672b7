/** A session seen from one terminal: what happens is shown, what is typed is said. */
import process from "node:process";
import { createInterface } from "node:readline";
import { renderUnicodeCompact } from "uqr";
import type { Command, PeerId } from "../../core/mod.ts";
import { lab } from "../../protocols/mod.ts";
import { joinLink } from "./links.ts";
import type { About, Numbered } from "./service.ts";
import type { Terminal } from "./terminal.ts";
import { type Attached, endOf } from "./attach.ts";
import type { Errand } from "./verb.ts";
import { exits } from "./trouble.ts";
import { View } from "./view.ts";

/** What a typed line means; undefined where it means nothing. */
export type Reading = (line: string, view: View) => Command | "leave" | string | undefined;

/** How it goes on and ends. */
export interface LessonOptions {
  readonly reading: Reading;
  /** True once there is nothing left to wait for. */
  readonly isOver?: (told: Numbered, view: View) => boolean;
  /** Done at the beginning, once events are followed. */
  readonly begin: () => Promise<void>;
  /** Done before a node of our own stops because somebody interrupts. */
  readonly farewell?: () => Promise<void>;
}

/** Shows what happens until it is over or somebody interrupts: the exit code. */
export async function attend(
  { desk, leave }: Attached,
  { terminal, interrupted }: Errand,
  { reading, isOver, begin, farewell }: LessonOptions,
): Promise<number> {
  const view = new View(desk.about.peer as PeerId, terminal);
  const over = Promise.withResolvers<number>();
  const unfollow = desk.follow(0, (told) => {
    view.told(told);
    if (told.event.name === "lost") over.resolve(exits.unreachable);
    else if (isOver?.(told, view)) over.resolve(0);
  });
  const lines = Deno.stdin.isTerminal() || !isDevNull()
    ? createInterface(process.stdin)
    : undefined;
  lines?.on("line", (line: string) => {
    const meaning = reading(line.trim(), view);
    if (meaning === "leave") over.resolve(0);
    else if (typeof meaning === "string") terminal.note(meaning);
    else if (meaning !== undefined) void desk.ask(meaning);
  });
  await begin();
  const code = await Promise.race([
    over.promise,
    interrupted.then(() => exits.interrupted),
    endOf(desk).then(() => 0),
  ]);
  lines?.close();
  if (code === exits.interrupted && farewell !== undefined) await farewell();
  unfollow();
  await leave();
  return code;
}

/** What leads others here, as text and, on a terminal, to be scanned. */
export function showLink({ address, sign }: About, terminal: Terminal): void {
  if (terminal.json) return;
  const link = joinLink(address, sign);
  if (terminal.isLive) terminal.note(`Or scan:\n${renderUnicodeCompact(link)}`);
  terminal.note(`Link: ${link}`);
}

/** Lines of a teacher: words to all, `3: answer` to a question, `/end` of the session. */
export const teachersReading: Reading = (line, { board }) => {
  if (line === "") return undefined;
  if (line === "/end") return lab.close();
  if (line === "/quit") return "leave";
  if (line.startsWith("/")) return "There is /end, /quit, and NUMBER: ANSWER";
  const answer = /^(\d+):\s*(.+)$/.exec(line);
  if (answer === null) return lab.say(line);
  const question = Number(answer[1]);
  const asked = board.talk.lines.findLast((each) =>
    each.kind === "question" && each.question === question
  );
  if (asked?.peer === undefined) return `Nobody has asked a question ${question}`;
  return lab.answer({ peer: asked.peer, question, text: answer[2]! });
};

/** Lines of a student: words to all, `? question` to the teacher alone. */
export const studentsReading: Reading = (line) => {
  if (line === "") return undefined;
  if (line === "/quit") return "leave";
  if (line === "/leave") return lab.leave();
  if (line.startsWith("/")) return "There is /leave, /quit, and ? QUESTION";
  return line.startsWith("?") ? lab.ask(line.slice(1).trim()) : lab.say(line);
};

/** Reading what is never written would keep the process alive for nothing. */
function isDevNull(): boolean {
  try {
    return Deno.stdin.isTerminal() === false && Deno.build.os !== "windows" &&
      Deno.statSync("/dev/stdin").isCharDevice === true;
  } catch {
    return true; // nothing that could be read
  }
}
