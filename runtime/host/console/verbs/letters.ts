/** `edit` and `unsend`: what was written, once more; `friend`, `block` and `unblock`: who may write. */
import type { Command, PeerId } from "../../../core/mod.ts";
import { chat, groups } from "../../../protocols/mod.ts";
import { History } from "../../disk/history.ts";
import { attachRunning, sealOf } from "../attach.ts";
import { Board } from "../board.ts";
import { oldAddress } from "../names.ts";
import { peerById } from "../find.ts";
import { ordered } from "../order.ts";
import { isPeer, personNamed } from "../people.ts";
import type { Remote } from "../remote.ts";
import type { Settings } from "../settings.ts";
import { type Line, Talk } from "../talk.ts";
import { Trouble } from "../trouble.ts";
import type { Errand, Verb } from "../verb.ts";

/** So many digits of a message are shown, and mostly enough. */
const SHOWN_DIGITS = 8;

/** The digits that name a message for `edit`, `unsend` and `send --about`; empty for what is none. */
export function shortId(id: string | undefined): string {
  return id === undefined ? "" : id.split("/").at(-1)!.slice(0, SHOWN_DIGITS);
}

/** The whole id of the message that a line is. */
export function messageOf({ id }: Line): string {
  return id!.split("/").at(-1)!;
}

/** The letter that these digits mean, of all that were written. */
export async function lineNamed(digits: string, settings: Settings): Promise<Line> {
  const talk = new Talk(Infinity);
  const seal = await sealOf(settings);
  for (const entry of History.read(settings.folder.value, seal)) talk.restore(entry);
  const found = /^[0-9a-f]{4,32}$/.test(digits)
    ? talk.lines.filter((line) => line.kind === "letter" && shortId(line.id) !== "")
      .filter((line) => messageOf(line).startsWith(digits))
    : [];
  if (found.length === 1) return found[0]!;
  const why = found.length === 0 ? "Nothing was written" : "Several messages were written";
  throw new Trouble("usage", `${why} with the digits "${digits}": history --ids shows them`);
}

export const edit: Verb = {
  name: "edit",
  shape: "DIGITS TEXT",
  summary: "put other words in the place of a message of yours",
  examples: ["deno task node history --ids", 'deno task node edit 4be09a1c "See you at eleven"'],
  flags: {},
  run: (errand) => changed(errand, errand.words.slice(1).join(" ")),
};

export const unsend: Verb = {
  name: "unsend",
  shape: "DIGITS",
  summary: "take a message of yours back; who has it already may have read it",
  examples: ["deno task node unsend 4be09a1c"],
  flags: {},
  run: (errand) => changed(errand, undefined),
};

async function changed(errand: Errand, text: string | undefined): Promise<number> {
  const [digits] = errand.words;
  if (digits === undefined || text === "") {
    throw new Trouble("usage", "Say which message, by the digits of history --ids, and the words");
  }
  const line = await lineNamed(digits, errand.settings);
  if (!line.id!.startsWith("own/")) throw new Trouble("refused", "That is not your message");
  const about = messageOf(line), { group } = line;
  const to = Object.keys(line.to ?? {}) as PeerId[];
  if (group === undefined && to.some((peer) => oldAddress(peer) !== undefined)) {
    throw new Trouble("refused", "The older program can change nothing that was sent");
  }
  const command = group === undefined
    ? text === undefined ? chat.unsend({ to, about }) : chat.edit({ to, about, text })
    : text === undefined
    ? groups.unsend(group, about)
    : groups.edit(group, about, text);
  return await ordered(await attachRunning(errand.settings), command, ["accepted"], errand);
}

/** A verb that is about somebody, by their name or digits. */
export function aboutSomebody(
  name: string,
  summary: string,
  commandOf: (peer: PeerId) => Command,
  news: readonly string[],
): Verb {
  return {
    name,
    shape: "NAME",
    summary,
    examples: [`deno task node ${name} Ben`],
    flags: {},
    async run(errand) {
      if (errand.words.length === 0) throw new Trouble("usage", "Say whom: their name, or digits");
      const remote = await attachRunning(errand.settings) as Remote;
      const word = errand.words.join(" ");
      const board = new Board(remote.about.peer as PeerId);
      const { contacts } = await remote.status();
      for (const contact of contacts) board.contacts.set(contact.peer, contact);
      const peer = await peerById(word, remote) ?? personNamed(word, board);
      if (!isPeer(peer)) throw new Trouble("unreachable", peer);
      return await ordered(remote, commandOf(peer), news, errand);
    },
  };
}

export const friend = aboutSomebody(
  "friend",
  "ask somebody to be a friend, or accept that they asked",
  chat.befriend,
  [],
);
export const block = aboutSomebody(
  "block",
  "show nothing that somebody writes any more; they are not told",
  chat.block,
  ["blocked"],
);
export const unblock = aboutSomebody(
  "unblock",
  "let somebody write again",
  chat.unblock,
  ["unblocked"],
);
