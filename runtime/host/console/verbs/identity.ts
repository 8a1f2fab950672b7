/** `id`: who one is to others, in fifteen digits, and the sixty that two people compare. */
import {
  hex,
  identityFrom,
  joined,
  type PeerId,
  type PeerKeys,
  peerOf,
  utf8,
} from "../../../core/mod.ts";
import { readId, written } from "../../../protocols/directory/mod.ts";
import { safetyNumber } from "../../../protocols/session/mod.ts";
import { nodeCrypto } from "../../crypto.ts";
import { defused } from "../../text.ts";
import { attach, withSecret } from "../attach.ts";
import { Board } from "../board.ts";
import { shortName } from "../names.ts";
import { claimOf } from "../claim.ts";
import { findById } from "../find.ts";
import { isPeer, personNamed } from "../people.ts";
import { findRunning, type Remote } from "../remote.ts";
import type { Terminal } from "../terminal.ts";
import { Trouble } from "../trouble.ts";
import type { Verb } from "../verb.ts";

/** Twelve groups of five digits, four a line. */
const GROUP = /\d{5}/g, GROUPS_A_LINE = 4;

export const id: Verb = {
  name: "id",
  shape: "[--with NAME]",
  summary: "your ID of fifteen digits, or the number that proves who somebody is",
  examples: ["deno task node id", "deno task node id --with Ben"],
  flags: {
    with: {
      kind: "text",
      help: "shows the safety number that you and this person should both see",
    },
  },
  async run({ settings, terminal, texts }) {
    const folder = settings.folder.value;
    const running = await findRunning(folder);
    const keys = running === undefined
      ? await withSecret(settings, (secret) => identityFrom(secret, nodeCrypto).keys)
      : keysOf(running);
    if (texts.with !== undefined) return await compare(texts.with, keys, running, terminal);
    const claim = claimOf(folder, keys, terminal);
    const { sign, agree } = keys;
    const peer = peerOf(keys, nodeCrypto);
    terminal.data("id", { ...claim, peer, sign: hex(sign), agree: hex(agree) });
    if (!terminal.json) terminal.say(written(claim.id));
    return 0;
  },
};

export const find: Verb = {
  name: "find",
  shape: "ID",
  summary: "whom fifteen digits belong to",
  examples: ['deno task node find "482 915 330 164 207-5"'],
  flags: {},
  async run({ words, settings, terminal }) {
    const read = readId(words.join(" "));
    if ("problem" in read) throw new Trouble("usage", read.problem);
    const { desk, leave } = await attach(settings, terminal);
    try {
      const { id, peer, who, isHere } = await findById(desk, read.id);
      terminal.data("found", { id, peer, who, isHere });
      const name = defused(who || shortName(peer));
      if (!terminal.json) terminal.say(`${name}, ${isHere ? "there now" : "away"}: ${peer}`);
      return 0;
    } finally {
      await leave();
    }
  },
};

function keysOf({ about }: Remote): PeerKeys {
  return { sign: Uint8Array.fromHex(about.sign), agree: Uint8Array.fromHex(about.agree) };
}

async function compare(
  name: string,
  ours: PeerKeys,
  running: Remote | undefined,
  terminal: Terminal,
): Promise<number> {
  if (running === undefined) {
    throw new Trouble("unreachable", "No node is running here: deno task node start");
  }
  const board = new Board(running.about.peer as PeerId);
  const { contacts } = await running.status();
  for (const contact of contacts) board.contacts.set(contact.peer, contact);
  const peer = personNamed(name, board);
  if (!isPeer(peer)) throw new Trouble("unreachable", peer);
  const theirs = board.contacts.get(peer)?.keys;
  if (theirs === undefined) {
    throw new Trouble(
      "unreachable",
      `There was no link to ${defused(name)} yet: say something first`,
    );
  }
  const digits = safetyNumber(sideOf(ours), sideOf(theirs));
  terminal.data("safety-number", { peer, digits });
  if (terminal.json) return 0;
  const groups = digits.match(GROUP)!;
  for (let at = 0; at < groups.length; at += GROUPS_A_LINE) {
    terminal.say(groups.slice(at, at + GROUPS_A_LINE).join(" "));
  }
  terminal.note(`If ${defused(name)} sees the same, nobody stands between you`);
  return 0;
}

function sideOf(keys: PeerKeys) {
  return { key: joined(keys.sign, keys.agree), name: utf8(peerOf(keys, nodeCrypto)) };
}
