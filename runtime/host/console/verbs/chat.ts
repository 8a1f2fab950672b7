/** `menu` and `send`: letters to people, by numbers or in one line. */
import process from "node:process";
import fs from "node:fs";
import { createInterface } from "node:readline";
import type { PeerId } from "../../../core/mod.ts";
import { chat } from "../../../protocols/mod.ts";
import { attach, type Attached, endOf, personOf, sealOf } from "../attach.ts";
import { Board } from "../board.ts";
import { shortName } from "../names.ts";
import { peerById } from "../find.ts";
import { History } from "../../disk/history.ts";
import { showLink } from "../lesson.ts";
import { type Outcome, Panel } from "../panel.ts";
import { isPeer, personNamed } from "../people.ts";
import { exits, Trouble } from "../trouble.ts";
import type { Errand, Verb } from "../verb.ts";
import { enclosed } from "../enclosed.ts";
import { lineNamed, messageOf } from "./letters.ts";

export const menu: Verb = {
  name: "menu",
  shape: "",
  summary: "talk, connect and broadcast by numbers",
  examples: ["deno task node menu"],
  flags: {},
  run: async (errand) => await showMenu(await attach(errand.settings, errand.terminal), errand),
};

/** Shows the panel until somebody quits: the exit code. */
export async function showMenu(attached: Attached, errand: Errand): Promise<number> {
  const { desk, leave } = attached;
  const { terminal, interrupted } = errand;
  const board = new Board(desk.about.peer as PeerId);
  const seal = await sealOf(errand.settings);
  for (const entry of History.read(desk.about.folder, seal)) board.talk.restore(entry);
  const panel = new Panel(board, () => Date.now());
  const over = Promise.withResolvers<number>();
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: "" });
  const act = ({ say, ask, file, isOver }: Outcome) => {
    if (say.length > 0 && Deno.stdout.isTerminal()) process.stdout.write(`\r\x1b[K`);
    for (const line of say) terminal.say(line);
    for (const command of ask) void desk.ask(command);
    if (file !== undefined) void sendFile(file, attached, errand);
    if (isOver === true) return over.resolve(0);
    if (!Deno.stdin.isTerminal()) return;
    lines.setPrompt(panel.prompt);
    lines.prompt(true);
  };
  terminal.say(
    `You are ${personOf(errand.settings)}, ${shortName(board.self)}, at ${desk.about.address}`,
  );
  showLink(desk.about, terminal);
  act(panel.begin());
  const unfollow = desk.follow(0, (told) => {
    board.told(told);
    const outcome = panel.told(told);
    if (told.event.name === "lost") over.resolve(exits.unreachable);
    else if (outcome.say.length + outcome.ask.length > 0) act(outcome);
  });
  lines.on("line", (line: string) => act(panel.take(line)));
  lines.on("SIGINT", () => over.resolve(0));
  lines.on("close", () => over.resolve(0));
  const code = await Promise.race([
    over.promise,
    interrupted.then(() => exits.interrupted),
    endOf(desk).then(() => 0),
  ]);
  unfollow();
  lines.close();
  await leave();
  return code;
}

/** What cannot be sent is said, and the menu goes on. */
async function sendFile(
  { path, asking }: NonNullable<Outcome["file"]>,
  attached: Attached,
  errand: Errand,
): Promise<void> {
  try {
    await attached.desk.ask(asking(await enclosed(path, attached, errand)));
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    errand.terminal.say(error.message);
  }
}

/** Somebody in the same room is found by then. */
const FIND_SECONDS = 8;
const WAIT_SECONDS = 10;

export const send: Verb = {
  name: "send",
  shape: "--to NAME TEXT | FILE",
  summary: "write to somebody, or offer them a file",
  examples: [
    'deno task node send --to Ben "See you at ten"',
    'deno task node send --to "482 915 330 164 207-5" "Is it you?"',
    "deno task node send --to Ben holiday.jpg",
  ],
  flags: {
    to: { kind: "text", help: "their name, or the fifteen digits of their ID" },
    about: { kind: "text", help: "the message that this answers: digits of history --ids" },
    "keep-details": {
      kind: "switch",
      help: "an image keeps its name, and what it tells besides the picture",
    },
    wait: { kind: "text", help: `seconds until it should be there; ${WAIT_SECONDS} without it` },
  },
  async run(errand) {
    const { words, texts, settings, terminal } = errand;
    if (texts.to === undefined) throw new Trouble("usage", "Say to whom: --to NAME");
    if (words.length === 0) throw new Trouble("usage", "Say what: the text or the file is missing");
    const seconds = Number(texts.wait ?? WAIT_SECONDS);
    if (!(seconds >= 0 && seconds <= 86_400)) {
      throw new Trouble("usage", `Cannot wait ${texts.wait} seconds: 0 to 86400`);
    }
    const attached = await attach(settings, terminal);
    try {
      const board = new Board(attached.desk.about.peer as PeerId);
      const peer = await peerById(texts.to, attached.desk) ??
        await found(texts.to, board, attached);
      const isFile = words.length === 1 && fs.existsSync(words[0]!);
      const letter = isFile
        ? await enclosed(words[0]!, attached, errand)
        : { text: words.join(" "), ...await aboutOf(texts.about, settings) };
      return await delivered(peer, letter, seconds, attached, errand);
    } finally {
      await attached.leave();
    }
  },
};

async function aboutOf(digits: string | undefined, settings: Errand["settings"]) {
  if (digits === undefined) return {};
  return { about: messageOf(await lineNamed(digits, settings)) };
}

/** Waits for somebody of that name to be known. */
async function found(name: string, board: Board, { desk }: Attached): Promise<PeerId> {
  const result = Promise.withResolvers<PeerId>();
  const look = () => {
    const peer = personNamed(name, board);
    if (isPeer(peer)) result.resolve(peer);
  };
  const unfollow = desk.follow(0, (told) => (board.told(told), look()));
  const giveUp = setTimeout(
    () => result.reject(new Trouble("unreachable", personNamed(name, board))),
    FIND_SECONDS * 1000,
  );
  try {
    return await result.promise;
  } finally {
    clearTimeout(giveUp);
    unfollow();
  }
}

/** Writes, and waits for what becomes of it: the exit code. */
async function delivered(
  to: PeerId,
  letter: Pick<ReturnType<typeof chat.write>, "text" | "attachment" | "about">,
  seconds: number,
  { desk, isOwn }: Attached,
  { terminal, interrupted }: Errand,
): Promise<number> {
  const since = Date.now();
  let id: string | undefined;
  const { text } = letter;
  let isHeld = false;
  const end = Promise.withResolvers<"delivered" | "waiting" | Trouble>();
  const unfollow = desk.follow(0, ({ wall, event }) => {
    if (wall < since || !chat.isChatEvent(event)) return;
    if (event.name === "refused") end.resolve(new Trouble("refused", event.words));
    if (event.name === "accepted" && event.peer === to && event.text === text) id ??= event.id;
    if (!("id" in event) || event.id !== id) return; // at whichever of their devices
    if (event.name === "delivered" || event.name === "read") end.resolve("delivered");
    if (event.name === "held") isHeld = true;
    if (event.name === "dropped") end.resolve(new Trouble("refused", event.words));
  });
  await desk.ask(chat.write({ to: [to], ...letter }));
  const giveUp = setTimeout(() => end.resolve("waiting"), seconds * 1000);
  const state = await Promise.race([end.promise, interrupted.then(() => "waiting" as const)]);
  clearTimeout(giveUp);
  unfollow();
  if (state instanceof Trouble) throw state;
  terminal.data("done", {
    command: "send",
    id,
    state: state === "waiting" && isHeld ? "held" : state,
  });
  if (state === "delivered") {
    terminal.note("Delivered");
    return 0;
  }
  if (isHeld) {
    terminal.note("They are away. A mailbox keeps it for them");
    return 0;
  }
  terminal.note(
    isOwn
      ? "They are not there. It waits here: deno task node start delivers it when they are"
      : "They are not there. It waits, and goes when they are",
  );
  return exits.incomplete;
}
