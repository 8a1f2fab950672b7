/**
 * A running node as people use it: what it tells is numbered and remembered, what is complete goes into
 * the inbox, and other processes of the same person may ask it things (control.ts).
 */
import { type AppEvent, type Command, hex, type PeerId } from "../../core/mod.ts";
import { chat, groups, swarm, vault } from "../../protocols/mod.ts";
import { isSwarmEvent } from "../../protocols/swarm/mod.ts";
import { History } from "../disk/history.ts";
import type { Opened } from "../disk/mod.ts";
import {
  Gateway,
  type GatewayOptions,
  isLegacyCommand,
  type LegacyEvent,
} from "../legacy/gateway.ts";
import { type LiveNode, micros, type Told } from "../live_node.ts";
import { Attachments } from "../media/attachments.ts";
import { defused } from "../text.ts";
import { Board, type HostEvent } from "./board.ts";
import type { Entry } from "./talk.ts";

/** An event with its place in this boot, from 1. */
export interface Numbered extends Told {
  readonly n: number;
}

/** What verbs and the menu need of a node, be it in this process or in another. */
export interface Desk {
  readonly about: About;
  ask(command: Command): Promise<void>;
  open(paths: readonly string[], title?: string): Promise<Opened>;
  /** Everything after a place, and what comes from then on; answers how to stop. */
  follow(after: number, listener: (told: Numbered) => void): () => void;
  stop(now?: boolean): Promise<void>;
}

/** What does not change while a node runs. */
export interface About {
  readonly peer: string;
  readonly sign: string;
  readonly agree: string;
  readonly address: string;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly boot: number;
  readonly folder: string;
  readonly inbox: string;
}

/** Events remembered for those who come later. */
const REMEMBERED = 20_000;

export class Service implements Desk {
  readonly board: Board;
  readonly about: About;
  readonly #node: LiveNode;
  readonly #history: History;
  readonly #attachments: Attachments;
  #door: Gateway | undefined;
  readonly #recent: Numbered[] = [];
  readonly #listeners = new Set<(told: Numbered) => void>();
  #told = 0;
  #stopping: Promise<void> | undefined;

  constructor(node: LiveNode, inbox: string) {
    this.#node = node;
    this.board = new Board(node.peer);
    this.about = {
      peer: node.peer,
      sign: node.keys.sign.toHex(),
      agree: node.keys.agree.toHex(),
      address: node.address,
      addresses: node.addresses,
      port: node.port,
      boot: node.boot,
      folder: node.folder,
      inbox,
    };
    for (const entry of History.read(node.folder, node.historySeal)) {
      this.board.talk.restore(entry);
    }
    this.#history = new History(node.folder, node.historySeal);
    this.#attachments = new Attachments(node.folder, node.historySeal);
    this.board.talk.onNews = (entry) => this.#remember(entry);
    node.listen((told) => this.#hear(told));
  }

  ask(command: Command): Promise<void> {
    if (isRead(command)) {
      for (const id of command.ids) {
        const line = `${this.board.personOf(command.peer)}/${id}`;
        this.board.talk.mark(line, this.board.self, "read");
      }
    }
    if (isLegacyCommand(command)) this.#door?.ask(command);
    else this.#node.ask(command);
    return Promise.resolve();
  }

  /** Lets older programs talk to this person. Throws where the port cannot be had. */
  openDoor(options: Omit<GatewayOptions, "told">): void {
    const told = (event: LegacyEvent) => this.#tell({ wall: Date.now(), at: micros(), event });
    this.#door = new Gateway({ ...options, told });
  }

  open(paths: readonly string[], title?: string): Promise<Opened> {
    return Promise.resolve(this.#node.open(paths, title));
  }

  follow(after: number, listener: (told: Numbered) => void): () => void {
    for (const told of this.#recent) if (told.n > after) listener(told);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Twice is once. */
  stop(now = false): Promise<void> {
    this.#stopping ??= this.#end(now);
    return this.#stopping;
  }

  async #end(now: boolean): Promise<void> {
    await this.#door?.close();
    await this.#node.stop(now);
    this.#history.close();
  }

  /** What cannot be written is still shown, and a letter that nobody has read is told again. */
  #remember(entry: Entry): void {
    try {
      this.#history.append(entry);
    } catch (error) {
      const words = `Cannot write the history: ${(error as Error).message}`;
      const event: HostEvent = { protocol: "host", name: "trouble", words };
      this.#publish({ wall: Date.now(), at: 0, event });
    }
  }

  #hear(told: Told): void {
    this.#tell(told);
    const { event } = told;
    if (chat.isReceived(event)) this.#expect(event, []);
    if (chat.isChatEvent(event) && event.name === "copied") {
      this.#expect(event, []);
      const { peer, letter } = event;
      this.#node.ask(chat.read({ peer, ids: [letter] })); // it is in the history
    }
    if (groups.isReceived(event)) {
      this.#expect(event, this.board.rooms.get(event.group)?.members ?? []);
    }
    if (vault.isOpened(event)) return this.#tell({ ...told, event: this.#publishOpened(event) });
    if (!isSwarmEvent(event) || event.name !== "completed") return;
    if (this.#attachments.isOpened(event.content)) return;
    this.#tell({ ...told, event: this.#receive(event.content, event.title) });
  }

  /**
   * A message says that a file goes with it: it is fetched, once. From who sent it, and from those who
   * were sent it too, as far as they are known: they may have it while the sender is away.
   */
  #expect(
    { attachment }: { readonly attachment: chat.Attachment | undefined },
    members: readonly PeerId[],
  ): void {
    if (attachment === undefined || !this.#attachments.expect(attachment)) return;
    const { content, sign, agree, address } = attachment;
    const sources = [{ keys: { sign, agree }, address }];
    for (const member of members) {
      const { keys, address } = this.board.contacts.get(member) ?? {};
      if (keys !== undefined && address) sources.push({ keys, address });
    }
    this.#node.ask(swarm.fetch({ content: hex(content), sources }));
  }

  #receive(content: string, title: string): HostEvent {
    const about = { protocol: "host", content, title } as const;
    const attachment = this.#attachments.of(content);
    try {
      if (attachment !== undefined) {
        const [sealed] = this.#node.publish(content, this.#attachments.arrivals);
        const path = this.#attachments.open(content, sealed!, this.about.inbox);
        const name = defused(attachment.name);
        return { ...about, name: "received", paths: [path], words: `"${name}" is in ${path}` };
      }
      const paths = this.#node.publish(content, this.about.inbox);
      const words = `"${title}" is in ${paths[0] ?? this.about.inbox}`;
      return { ...about, name: "received", paths, words };
    } catch (error) {
      return { ...about, name: "trouble", words: (error as Error).message };
    }
  }

  #publishOpened(
    event: Extract<vault.VaultEvent, { readonly name: "opened" }>,
  ): HostEvent {
    const { content, title } = event, about = { protocol: "host", content, title } as const;
    try {
      // Tiles are for who puts a picture together again, and not for the inbox.
      const place = event.part === undefined ? this.about.inbox : `${this.about.folder}/tiles`;
      const paths = this.#node.publishOpened(event, place);
      const words = `"${defused(title)}" is in ${paths[0]}`;
      return { ...about, name: "received", paths, words };
    } catch (error) {
      return { ...about, name: "trouble", words: (error as Error).message };
    }
  }

  #tell(told: Told): void {
    this.board.told(told);
    this.#publish(told);
  }

  #publish(told: Told): void {
    const numbered: Numbered = { n: ++this.#told, wall: told.wall, at: told.at, event: told.event };
    this.#recent.push(numbered);
    if (this.#recent.length > REMEMBERED) this.#recent.splice(0, REMEMBERED / 10);
    for (const listener of this.#listeners) listener(numbered);
  }
}

function isRead(command: Command): command is ReturnType<typeof chat.read> {
  return command.protocol === "chat" && command.name === "read";
}

/** Narrows an event to what the host itself tells. */
export function isHostEvent(event: AppEvent): event is HostEvent {
  return event.protocol === "host";
}
