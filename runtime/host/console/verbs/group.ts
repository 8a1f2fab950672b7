/** `group`: rooms that several people write in. */
import type { Command, PeerId } from "../../../core/mod.ts";
import { groups } from "../../../protocols/mod.ts";
import { defused } from "../../text.ts";
import { attachRunning } from "../attach.ts";
import { Board, type Room } from "../board.ts";
import { peerById } from "../find.ts";
import { ordered } from "../order.ts";
import { isPeer, personNamed } from "../people.ts";
import type { Remote } from "../remote.ts";
import { Trouble } from "../trouble.ts";
import type { Errand, Verb } from "../verb.ts";
import { enclosed } from "../enclosed.ts";

const SHAPES =
  "new TITLE PEOPLE... | say TITLE TEXT | send TITLE FILE | add, remove, promote TITLE PERSON | leave TITLE";

export const group: Verb = {
  name: "group",
  shape: `[${SHAPES}]`,
  summary: "rooms of several people: list them, make one, say something",
  examples: [
    "deno task node group",
    "deno task node group new Hiking Ana Ben",
    'deno task node group say Hiking "At nine, at the station"',
    "deno task node group send Hiking map.png",
    "deno task node group add Hiking Cleo",
  ],
  flags: {
    "keep-details": {
      kind: "switch",
      help: "an image keeps its name, and what it tells besides the picture",
    },
  },
  async run(errand) {
    const remote = await attachRunning(errand.settings) as Remote;
    const [what, title, ...rest] = errand.words;
    const board = await boardOf(remote);
    if (what === undefined) return list(board, errand);
    if (title === undefined) throw new Trouble("usage", `Say: group ${SHAPES}`);
    const command = what === "send"
      ? await sending(roomOf(title, board), rest, remote, errand)
      : await commandOf(what, title, rest, board, remote);
    return await ordered(remote, command, ["roster", "accepted"], errand);
  },
};

async function boardOf(remote: Remote): Promise<Board> {
  const board = new Board(remote.about.peer as PeerId);
  const { contacts, rooms } = await remote.status();
  for (const contact of contacts) board.contacts.set(contact.peer, contact);
  for (const room of rooms) board.rooms.set(room.group, room);
  return board;
}

function list(board: Board, { terminal }: Errand): number {
  const rooms = [...board.rooms.values()].filter(({ isIn }) => isIn);
  for (const room of rooms) {
    terminal.data("group", room);
    if (terminal.json) continue;
    const names = room.members.map((peer) =>
      peer === board.self ? "you" : defused(board.nameOf(peer))
    );
    terminal.say(`${defused(room.title).padEnd(20)} ${names.join(", ")}`);
  }
  if (rooms.length === 0) terminal.note("No groups yet: deno task node group new TITLE PEOPLE");
  return 0;
}

async function commandOf(
  what: string,
  title: string,
  words: readonly string[],
  board: Board,
  remote: Remote,
): Promise<Command> {
  if (what === "new") {
    const members: PeerId[] = [];
    for (const word of words) members.push(await personOf(word, board, remote));
    return groups.create(title, members);
  }
  const { group: name } = roomOf(title, board);
  if (what === "leave") return groups.leave(name);
  if (words.length === 0) throw new Trouble("usage", `Say: group ${SHAPES}`);
  if (what === "say") return groups.write(name, words.join(" "));
  const peer = await personOf(words.join(" "), board, remote);
  if (what === "add") return groups.add(name, peer);
  if (what === "remove") return groups.remove(name, peer);
  if (what === "promote") return groups.promote(name, peer);
  throw new Trouble("usage", `Say: group ${SHAPES}`);
}

/** A file for everybody in it: who has it already gives it to the others too. */
async function sending(
  { group: name }: Room,
  [path, another]: readonly string[],
  remote: Remote,
  errand: Errand,
): Promise<Command> {
  if (path === undefined || another !== undefined) {
    throw new Trouble("usage", "Say which file: one");
  }
  const { text, attachment } = await enclosed(path, { desk: remote, isOwn: false }, errand);
  return groups.write(name, text, { attachment });
}

async function personOf(word: string, board: Board, remote: Remote): Promise<PeerId> {
  const peer = await peerById(word, remote) ?? personNamed(word, board);
  if (!isPeer(peer)) throw new Trouble("unreachable", peer);
  return peer;
}

/** By its title, or the first digits of its name where two have the same. */
function roomOf(title: string, board: Board): Room {
  const rooms = [...board.rooms.values()].filter((room) =>
    room.isIn && (room.title.toLowerCase() === title.toLowerCase() || room.group.startsWith(title))
  );
  const [room, another] = rooms;
  if (room === undefined) throw new Trouble("refused", `You are in no group "${title}"`);
  if (another === undefined) return room;
  const names = rooms.map(({ group: name }) => name.slice(0, 8)).join(", ");
  throw new Trouble("refused", `Several groups are called so: name one of ${names}`);
}
