/**
 * What a person sees of a node: who is there, what moves, what was said.
 *
 * A pure fold of events. Everything that strangers can make grow has a bound; the oldest goes first.
 */
import type { PeerId } from "../../core/mod.ts";
import { isChatEvent } from "../../protocols/chat/mod.ts";
import { isDirectoryEvent } from "../../protocols/directory/mod.ts";
import { isGroupsEvent } from "../../protocols/groups/mod.ts";
import { isLabEvent, type LabEvent } from "../../protocols/lab/mod.ts";
import { isMembershipEvent } from "../../protocols/membership/mod.ts";
import { isSwarmEvent, type SwarmEvent } from "../../protocols/swarm/mod.ts";
import { isLegacyEvent, type LegacyEvent } from "../legacy/gateway.ts";
import type { Told } from "../live_node.ts";
import type { Contact, Room } from "./contact.ts";
import type { Content, Progress } from "./contents.ts";
import { toldOfGroup, toldOfLetter } from "./correspondence.ts";
import { oldPeer, shortName } from "./names.ts";
import { type Line, Talk } from "./talk.ts";

export type { Contact, Room } from "./contact.ts";
export type { Content, Progress } from "./contents.ts";

/** Contacts and sessions that are remembered for display. */
const MOST_CONTACTS = 2000, MOST_SESSIONS = 50;

export interface Session {
  readonly session: string;
  readonly title: string;
  readonly teacher: string;
  readonly address: string;
  readonly trusted: boolean;
}

/** What the host itself tells, in the same form as a node's events. */
export interface HostEvent {
  readonly protocol: "host";
  readonly name: "received" | "trouble";
  readonly content?: string;
  readonly title?: string;
  readonly paths?: readonly string[];
  readonly words: string;
}

export class Board {
  /** The session that this node is in, or has opened. */
  session: Session | undefined;
  isTeacher = false;
  /** Announced, and not joined. */
  readonly sessions = new Map<string, Session>();
  readonly contacts = new Map<PeerId, Contact>();
  /** Of a person's other devices, the first one. */
  readonly persons = new Map<PeerId, PeerId>();
  /** Devices that would like to be this person's, by the names they gave. */
  readonly asking = new Map<PeerId, string>();
  /** Here in our session, by the name they gave. */
  readonly roster = new Map<PeerId, string>();
  readonly contents = new Map<string, Content>();
  /** By the name of the group. */
  readonly rooms = new Map<string, Room>();
  /** What was said and written. */
  readonly talk = new Talk();

  constructor(readonly self: PeerId) {}

  /** Takes one event. */
  told({ wall, event }: Told): void {
    if (isLabEvent(event)) this.#lab(event, wall);
    else if (isSwarmEvent(event)) this.#swarm(event, wall);
    else if (isChatEvent(event)) toldOfLetter(event, wall, this);
    else if (isGroupsEvent(event)) toldOfGroup(event, wall, this);
    else if (isDirectoryEvent(event) && event.name === "found") {
      const { peer, who, keys } = event;
      Object.assign(this.contact(peer, wall, event.isHere), {
        keys,
        ...(who === "" ? {} : { who }),
      });
    } else if (isLegacyEvent(event)) this.#legacy(event, wall);
    else if (isMembershipEvent(event)) {
      if (event.name === "found") this.contact(event.peer, wall).address = event.address;
      else if (event.name === "up") this.contact(event.peer, wall).isNeighbour = true;
      else if (event.name === "down") this.contact(event.peer, wall).isNeighbour = false;
      else if (event.name === "gone") this.contact(event.peer, wall, false).gone = event.why;
    } else if (event.protocol === "host") this.#host(event as HostEvent, wall);
  }

  /** Whose device it is: what they began with. */
  personOf(peer: PeerId): PeerId {
    return this.persons.get(peer) ?? peer;
  }

  /** Whether that is this person, at whatever device. */
  isSelf(peer: PeerId): boolean {
    return this.personOf(peer) === this.personOf(this.self);
  }

  /** This person's devices besides this one. */
  get ownDevices(): PeerId[] {
    const person = this.personOf(this.self);
    const all = [person, ...this.persons.keys()].filter((peer) => this.personOf(peer) === person);
    return [...new Set(all)].filter((peer) => peer !== this.self);
  }

  /** The name that a peer gave, or the first digits of what it is called. */
  nameOf(device: PeerId): string {
    const peer = this.personOf(device);
    return this.roster.get(peer) ?? this.contacts.get(peer)?.who ?? shortName(peer);
  }

  #lab(event: LabEvent, wall: number): void {
    switch (event.name) {
      case "opened":
        this.isTeacher = true;
        this.session = { ...event, teacher: "you", trusted: true };
        return;
      case "announced":
        return keepLast(this.sessions, event.session, event, MOST_SESSIONS);
      case "welcomed":
        this.session = this.sessions.get(event.session) ??
          { ...event, address: "", trusted: true };
        return this.name(event.peer, event.teacher, wall);
      case "closed":
      case "departed":
        this.session = undefined;
        this.isTeacher = false;
        this.roster.clear();
        return this.line({ wall, kind: "notice", peer: undefined, who: "", text: event.words });
      case "joined":
        this.roster.set(event.peer, event.who);
        return this.name(event.peer, event.who, wall);
      case "left":
        this.roster.delete(event.peer);
        return;
      case "published":
        this.#content(event.content, "fetching", event.title, event.bytes);
        return;
      case "said":
        this.name(event.peer, event.who, wall);
        return this.line({ wall, kind: "said", ...event });
      case "question":
      case "answered": {
        const id = `${event.session}/${event.peer}/${event.name}/${event.question}`;
        const kind = event.name === "question" ? "question" : "answer";
        const who = event.name === "question" ? event.who : this.nameOf(event.peer);
        return this.line({ wall, kind, ...event, who, id });
      }
    }
  }

  #swarm(event: SwarmEvent, wall: number): void {
    const { content: key } = event;
    if (key === undefined) return;
    switch (event.name) {
      case "shared": {
        const content = this.#content(key, "sharing", event.title, event.bytes);
        content.state = "moving";
        advance(content.own, event.bytes, wall);
        return;
      }
      case "fetching": {
        const content = this.#content(key, "fetching", event.title, event.bytes);
        content.state = "moving";
        return;
      }
      case "progress": {
        const content = this.#content(key, "fetching", "", event.of);
        content.bytes = event.of;
        return advance(content.own, event.bytes, wall);
      }
      case "completed": {
        const content = this.#content(key, "fetching", event.title, event.bytes);
        content.state = "done";
        return advance(content.own, event.bytes, wall);
      }
      case "reached": {
        const { others } = this.#content(key, "sharing", "", event.of);
        const progress = others.get(event.peer) ?? noProgress();
        others.set(event.peer, progress);
        progress.why = event.why;
        return advance(progress, event.bytes, wall);
      }
      case "cancelled":
        this.contents.delete(key);
        return;
    }
  }

  /** An older program has its address for a name, since it has no other. */
  #legacy({ name, address, team, text }: LegacyEvent, wall: number): void {
    const peer = oldPeer(address);
    if (name === "opened") return;
    if (name === "sent" || name === "failed") {
      const who = `You to ${this.nameOf(peer)}`;
      const to = { [peer]: name === "sent" ? "sent" as const : "refused" as const };
      this.talk.add({ wall, kind: "letter", peer: this.self, who, text, to });
      return;
    }
    if (address !== "") {
      const contact = this.contact(peer, wall, name !== "left");
      contact.address = address;
      contact.who = team;
      if (name === "left") contact.gone = "left";
      if (name === "invited") contact.standing = "invited";
    }
    if (name !== "received") return;
    this.talk.add({ wall, kind: "letter", peer, who: `${team} (older program)`, text });
  }

  #host(event: HostEvent, wall: number): void {
    const content = event.content === undefined ? undefined : this.contents.get(event.content);
    if (event.name === "received" && content !== undefined) content.paths = event.paths ?? [];
    else if (event.name === "trouble") {
      this.line({ wall, kind: "notice", peer: undefined, who: "", text: event.words });
    }
  }

  /** Somebody, known already or not. */
  contact(peer: PeerId, wall: number, isThere = true): Contact {
    let contact = this.contacts.get(peer);
    if (contact === undefined) {
      contact = {
        peer,
        address: "",
        who: undefined,
        standing: undefined,
        keys: undefined,
        isNeighbour: false,
        gone: undefined,
        seen: wall,
      };
      keepLast(this.contacts, peer, contact, MOST_CONTACTS);
    }
    if (isThere) {
      contact.seen = wall;
      contact.gone = undefined;
    }
    return contact;
  }

  /** What they call themselves. */
  name(peer: PeerId, who: string, wall: number): void {
    if (peer !== this.self) this.contact(peer, wall).who = who;
  }

  #content(content: string, role: Content["role"], title: string, bytes: number): Content {
    let known = this.contents.get(content);
    if (known === undefined) {
      const state = role === "sharing" ? "moving" : "waiting";
      known = {
        content,
        title,
        bytes,
        role,
        state,
        own: noProgress(),
        others: new Map(),
        paths: [],
      };
      this.contents.set(content, known);
    }
    if (title !== "") known.title = title;
    return known;
  }

  /** Something that is shown among what is said. */
  line({ wall, kind, peer, who, text, question, id }: Line): void {
    this.talk.add({
      wall,
      kind,
      peer,
      who,
      text,
      ...(question === undefined ? {} : { question }),
      ...(id === undefined ? {} : { id }),
    });
  }
}

function noProgress(): Progress {
  return { bytes: 0, speed: 0, at: 0, why: undefined };
}

/** A quarter of each new measurement counts: what is shown does not jump. */
function advance(progress: Progress, bytes: number, wall: number): void {
  const seconds = (wall - progress.at) / 1000;
  if (progress.at > 0 && seconds > 0 && bytes > progress.bytes) {
    const now = (bytes - progress.bytes) / seconds;
    progress.speed = progress.speed === 0 ? now : 0.75 * progress.speed + 0.25 * now;
  }
  progress.bytes = bytes;
  progress.at = wall;
}

function keepLast<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
