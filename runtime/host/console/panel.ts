/**
 * The control panel of the older peer chat, over the real protocols: numbers choose, text is sent, and
 * what becomes of it is shown. Pure: typed lines and events go in, lines and commands come out.
 */
import type { Command, PeerId } from "../../core/mod.ts";
import { chat, directory, groups, membership } from "../../protocols/mod.ts";
import { defused } from "../text.ts";
import type { Told } from "../live_node.ts";
import { isLegacyEvent, legacy } from "../legacy/gateway.ts";
import type { Board, Contact, Room } from "./board.ts";
import type { Enclosed } from "./enclosed.ts";
import { oldAddress } from "./names.ts";
import { isAddress } from "./links.ts";
import { aboutText, isPeer, peopleOf, personNamed } from "./people.ts";
import { changing, lastIn, type Place, saying } from "./place.ts";
import { briefly, lineText, ownId, stateText } from "./talk.ts";

/** What comes of a line or an event. */
export interface Outcome {
  readonly say: readonly string[];
  readonly ask: readonly Command[];
  /** A file that is to go with a message: where it is, and what is asked once it is sealed. */
  readonly file?: {
    readonly path: string;
    readonly asking: (made: Enclosed) => Command;
  };
  readonly isOver?: boolean;
}

/** What is typed next. */
type Mode =
  | { readonly kind: "menu" }
  | { readonly kind: "choose"; readonly why: Choice; readonly people: readonly Contact[] }
  | { readonly kind: "talk"; readonly to: PeerId }
  | { readonly kind: "rooms"; readonly rooms: readonly Room[] }
  | { readonly kind: "room"; readonly group: string }
  | { readonly kind: "write"; readonly to: readonly PeerId[] };

type Choice = "talk" | "connect" | "friend" | "remove";

const QUESTIONS: Readonly<Record<Choice, string>> = {
  talk: "Talk to (number or name): ",
  connect: "Connect to (number, name, ID, or an address): ",
  friend: "Friend (number or name): ",
  remove: "Remove (number or name): ",
};

const PROMPTS = {
  menu: "Select option: ",
  talk: "You: ",
  rooms: "Group (number or name): ",
  room: "You: ",
  write: "Message: ",
} as const;

const MENU = [
  "",
  " 1  Talk to somebody",
  " 2  Who is here",
  " 3  Connect to somebody",
  " 4  Broadcast to everybody",
  " 5  Message a friend",
  " 6  Remove somebody",
  " 7  Talk in a group",
  " 0  Quit",
];
const NOTHING: Outcome = { say: [], ask: [] };
const TALKING = '"exit" ends it, "/help" says what else there is';
const SLASHES = [
  "  /reply TEXT   answers the last message of theirs",
  "  /edit TEXT    puts other words in the place of your last message",
  "  /unsend       takes your last message back",
  "  /file PATH    sends a file along",
  "  /block        shows nothing of theirs any more",
];

export class Panel {
  #mode: Mode = { kind: "menu" };

  constructor(readonly board: Board, readonly now: () => number) {}

  /** What is shown before what is typed. */
  get prompt(): string {
    const mode = this.#mode;
    return mode.kind === "choose" ? QUESTIONS[mode.why] : PROMPTS[mode.kind];
  }

  /** What is shown at the beginning. */
  begin(): Outcome {
    const unread = this.board.talk.lines.length === 0 ? [] : ["Earlier: deno task node history"];
    return { say: [...unread, ...MENU], ask: [] };
  }

  /** A line was typed. */
  take(line: string): Outcome {
    const text = line.trim();
    switch (this.#mode.kind) {
      case "menu":
        return this.#menu(text);
      case "choose":
        return text === "" ? this.#back() : this.#chosen(text, this.#mode.why, this.#mode.people);
      case "talk":
        if (text.toLowerCase() === "exit") return this.#back();
        return text === "" ? NOTHING : this.#say({ to: this.#mode.to }, text);
      case "rooms":
        return text === "" ? this.#back() : this.#entered(text, this.#mode.rooms);
      case "room": {
        if (text.toLowerCase() === "exit") return this.#back();
        return text === "" ? NOTHING : this.#say({ group: this.#mode.group }, text);
      }
      case "write": {
        const { to } = this.#mode;
        const back = this.#back();
        return text === "" ? back : { say: back.say, ask: this.#write(to, text) };
      }
    }
  }

  /** The node has told something, which the board has taken already. */
  told({ event }: Told): Outcome {
    if (isLegacyEvent(event)) return { say: [defused(event.words)], ask: [] };
    if (directory.isDirectoryEvent(event)) return { say: [defused(event.words)], ask: [] };
    if (groups.isGroupsEvent(event)) return this.#toldOfGroup(event);
    if (!chat.isChatEvent(event)) return NOTHING;
    switch (event.name) {
      case "received": {
        const { peer, id, who } = event;
        if (this.board.talk.isRead(`${this.board.personOf(peer)}/${id}`, this.board.self)) {
          return NOTHING;
        }
        const whom = event.toAll ? " (to all)" : event.isFriend ? "" : " (not a friend)";
        const ask = [chat.read({ peer, ids: [id] })];
        return { say: [defused(chat.speechWords(`${who}${whom}`, event))], ask };
      }
      case "held":
      case "delivered":
      case "read":
      case "dropped":
        return this.#marked(event.id);
      case "invited": {
        const hint = event.again ? "" : ": 3 connects you";
        return { say: [`${defused(event.words)}${hint}`], ask: [] };
      }
      case "befriended":
        return event.again ? NOTHING : { say: [defused(event.words)], ask: [] };
      case "requested":
        return {
          say: [`${defused(event.words)}: 1 answers them, "/block" there ends it`],
          ask: [],
        };
      case "blocked":
        return event.again ? NOTHING : { say: [defused(event.words)], ask: [] };
      case "linking":
        return { say: [`${defused(event.words)}. deno task node devices`], ask: [] };
      case "copied": {
        const words = `You, elsewhere, to ${
          event.to.map((peer) => this.board.nameOf(peer)).join(", ")
        }`;
        return { say: [defused(chat.speechWords(words, event))], ask: [] };
      }
      case "devices":
      case "seen":
        return NOTHING;
      case "typing":
        return { say: [`${defused(this.board.nameOf(event.peer))} is writing`], ask: [] };
      case "parted":
      case "unblocked":
      case "unlinked":
      case "missed":
      case "refused":
        return { say: [defused(event.words)], ask: [] };
      case "named":
      case "accepted":
        return NOTHING;
    }
  }

  #toldOfGroup(event: groups.GroupsEvent): Outcome {
    if (event.name === "accepted" || (event.name === "roster" && event.again)) return NOTHING;
    if (event.name !== "received") return { say: [defused(event.words)], ask: [] };
    const { group, id, peer, title } = event;
    const who = this.board.isSelf(peer) ? "You, elsewhere," : this.board.nameOf(peer);
    const words = chat.speechWords(`${who} in ${title}`, event);
    return { say: [defused(words)], ask: [groups.read(group, [id])] };
  }

  #menu(text: string): Outcome {
    switch (text) {
      case "1":
        return this.#choose("talk", peopleOf(this.board));
      case "2":
        return { say: [...this.#list(peopleOf(this.board)), ...MENU], ask: [] };
      case "3":
        return this.#choose("connect", peopleOf(this.board));
      case "4":
        return this.#broadcast();
      case "5":
        return this.#choose(
          "friend",
          peopleOf(this.board).filter(({ standing }) => standing === "friend"),
        );
      case "6":
        return this.#choose("remove", peopleOf(this.board));
      case "7":
        return this.#rooms();
      case "0":
        return { say: ["Goodbye"], ask: [], isOver: true };
      case "":
        return { say: MENU, ask: [] };
      default:
        return { say: [`There is no option "${defused(text)}": a number from 0 to 7`], ask: [] };
    }
  }

  #rooms(): Outcome {
    const rooms = [...this.board.rooms.values()].filter(({ isIn }) => isIn);
    if (rooms.length === 0) {
      return { say: ["No groups yet: deno task node group new TITLE PEOPLE", ...MENU], ask: [] };
    }
    this.#mode = { kind: "rooms", rooms };
    const lines = rooms.map(({ title, members }, at) =>
      `${String(at + 1).padStart(2)}  ${defused(title).padEnd(24)} ${members.length} members`
    );
    return { say: lines, ask: [] };
  }

  #entered(text: string, rooms: readonly Room[]): Outcome {
    const byNumber = /^\d{1,3}$/.test(text) ? rooms[Number(text) - 1] : undefined;
    const named = rooms.filter(({ title }) => title.toLowerCase() === text.toLowerCase());
    const room = byNumber ?? (named.length === 1 ? named[0] : undefined);
    if (room === undefined) return { say: [`There is no one group "${defused(text)}"`], ask: [] };
    const { group, title, members } = room;
    this.#mode = { kind: "room", group };
    const names = members.filter((peer) => peer !== this.board.self)
      .map((peer) => defused(this.board.nameOf(peer)));
    const earlier = this.board.talk.lines.filter((line) => line.group === group).slice(-5)
      .map((line) => `  ${lineText(line, this.board.talk)}`);
    const words = `In ${defused(title)} with ${names.join(", ")}; "exit" ends it`;
    return { say: [words, ...earlier], ask: [] };
  }

  #choose(why: Choice, people: readonly Contact[]): Outcome {
    if (people.length === 0 && why !== "connect") {
      const nobody = why === "friend"
        ? "You have no friends here yet: 3 connects"
        : "Nobody is here yet";
      return { say: [nobody, ...MENU], ask: [] };
    }
    this.#mode = { kind: "choose", why, people };
    return { say: this.#list(people), ask: [] };
  }

  #broadcast(): Outcome {
    const here = peopleOf(this.board).filter(({ gone }) => gone === undefined);
    if (here.length === 0) return { say: ["Nobody is here yet", ...MENU], ask: [] };
    this.#mode = { kind: "write", to: here.map(({ peer }) => peer) };
    return { say: [`To ${here.length}; an empty line sends nothing`], ask: [] };
  }

  #chosen(text: string, why: Choice, people: readonly Contact[]): Outcome {
    const byNumber = /^\d{1,3}$/.test(text) ? people[Number(text) - 1]?.peer : undefined;
    if (byNumber === undefined && why === "connect" && isAddress(text)) {
      const { say } = this.#back();
      const words = `Looking at ${text}: whoever answers is listed under 2`;
      return { say: [words, ...say], ask: [membership.meet([text])] };
    }
    const sought = byNumber === undefined && why === "connect" ? directory.readId(text) : undefined;
    if (sought !== undefined && "id" in sought) {
      const { say } = this.#back();
      return { say: [`Looking for ${text}`, ...say], ask: [directory.find(sought.id)] };
    }
    const found = byNumber ?? personNamed(text, this.board);
    if (!isPeer(found)) return { say: [found], ask: [] };
    return this.#met(why, found);
  }

  #met(why: Choice, peer: PeerId): Outcome {
    const name = defused(this.board.nameOf(peer));
    const old = oldAddress(peer);
    if (old !== undefined && (why === "connect" || why === "remove")) {
      return { say: this.#back().say, ask: [legacy(why === "remove" ? "part" : "connect", old)] };
    }
    switch (why) {
      case "talk":
        this.#mode = { kind: "talk", to: peer };
        return { say: [`Talking to ${name}; ${TALKING}`, ...this.#earlier(peer)], ask: [] };
      case "friend":
        this.#mode = { kind: "write", to: [peer] };
        return NOTHING;
      case "connect": {
        const { standing } = this.board.contacts.get(peer) ?? {};
        const { say } = this.#back();
        const words = standing === "friend"
          ? `${name} is your friend already`
          : standing === "invited"
          ? `You accept`
          : `${name} is asked`;
        return { say: [words, ...say], ask: [chat.befriend(peer)] };
      }
      case "remove":
        return { say: this.#back().say, ask: [chat.remove(peer)] };
    }
  }

  #earlier(peer: PeerId): string[] {
    return this.board.talk.lines
      .filter((line) =>
        line.kind === "letter" && (line.peer === peer || line.to?.[peer] !== undefined)
      )
      .slice(-5)
      .map((line) => `  ${lineText(line, this.board.talk)}`);
  }

  #list(people: readonly Contact[]): string[] {
    if (people.length === 0) return ["Nobody is here yet: they appear by themselves"];
    const now = this.now();
    return people.map((contact, at) =>
      `${String(at + 1).padStart(2)}  ${aboutText(contact, this.board, now)}`
    );
  }

  /** In a talk with somebody, or in a group: a message, or what is done with one. */
  #say(place: Place, text: string): Outcome {
    const [, slash, rest = ""] = /^\/(\w+) ?(.*)$/s.exec(text) ?? [];
    const isOld = "to" in place && oldAddress(place.to) !== undefined;
    if (slash === undefined || isOld) {
      return {
        say: [],
        ask: "to" in place ? this.#write([place.to], text) : [saying(place, text)],
      };
    }
    if (slash === "block" && "to" in place) {
      return { say: this.#back().say, ask: [chat.block(place.to)] };
    }
    const hasWords = rest.trim() !== "";
    if (!["reply", "edit", "unsend", "file"].includes(slash) || (slash !== "unsend" && !hasWords)) {
      return { say: SLASHES, ask: [] };
    }
    if (slash === "file") {
      const asking = ({ text, attachment }: Enclosed) => saying(place, text, { attachment });
      return { say: [], ask: [], file: { path: rest.trim(), asking } };
    }
    const about = lastIn(place, slash !== "reply", this.board)?.id?.split("/").at(-1);
    if (about === undefined) return { say: ["There is no such message yet"], ask: [] };
    if (slash === "reply") return { say: [], ask: [saying(place, rest, { about })] };
    return { say: [], ask: [changing(place, about, slash === "edit" ? rest : undefined)] };
  }

  #write(to: readonly PeerId[], text: string): Command[] {
    const peers = to.filter((peer) => oldAddress(peer) === undefined);
    const old = to.map(oldAddress).filter((address) => address !== undefined);
    const letters = peers.length === 0 ? [] : [chat.write({ to: peers, text })];
    return [...letters, ...old.map((address) => legacy("write", address, text))];
  }

  #marked(id: string): Outcome {
    const line = this.board.talk.at(ownId(id));
    if (line?.to === undefined) return NOTHING;
    return { say: [`  (${stateText(line.to)}) ${briefly(line.text)}`], ask: [] };
  }

  #back(): Outcome {
    this.#mode = { kind: "menu" };
    return { say: MENU, ask: [] };
  }
}
