/**
 * Groups: everybody in them reads what is said there, from when they came until they go. It travels inside
 * letters (protocols/chat), and so waits for who is away, comes once and in order, and is sealed twice.
 */
import {
  type AppEvent,
  byCodeUnit,
  type Context,
  hex,
  type PeerId,
  type Protocol,
  Recent,
  type Saved,
} from "../../core/mod.ts";
import { type Spoken, spokenOf } from "../chat/mod.ts";
import { type Change, groupOf, isDone, type Kind, type Roster } from "./change.ts";
import { type Carried, type GroupsCommand, tell, type WriteCommand } from "./commands.ts";
import { refuse, tellReceived, tellRoster } from "./news.ts";
import { founded, nextChange } from "./founding.ts";
import { Group, type Own, type Start } from "./group.ts";
import * as limits from "./limits.ts";
import { newKey, openFrom, sealFor } from "./sender_key.ts";
import { ELSEWHERE, isDevices, Person } from "./person.ts";
import { readSaid, saidBytes, saidOf } from "./spoken.ts";
import { Unsaved } from "./unsaved.ts";
import { Waiting } from "./waiting.ts";
import { type GroupMessage, groupWire } from "./wire.ts";

export interface GroupsOptions {
  /** The protocol that carries letters. */
  readonly uses?: string;
}

const AGAIN = "again";
type GroupsContext = Context<GroupMessage>;
type Said = Extract<GroupMessage, { readonly kind: "said" }>;
/** What is carried for groups. */
export function groups({ uses = "chat" }: GroupsOptions = {}): Protocol<GroupMessage> {
  let state: Groups;
  return {
    name: "groups",
    code: 8,
    wire: groupWire,
    started(saved, ctx) {
      state = new Groups(uses);
      state.restore(saved, ctx);
    },
    received() {}, // only what a letter holds is from a member, and sealed for one
    refused: (key, _why, ctx) => state.refused(key, ctx),
    woke: (_timer, ctx) => state.again(ctx),
    asked: (command, ctx) => state.asked(command as GroupsCommand, ctx),
    heard: (event, ctx) => state.heard(event, ctx),
  };
}

class Groups {
  readonly #groups = new Map<string, Group>();
  readonly #waiting = new Waiting();
  /** What was said and is not on the carrier's disk yet, by the id of its letters. */
  readonly #leaving = new Map<string, { group: Group; spoken: Spoken }>();
  /** How often a change that lost was made again. */
  readonly #again = new Recent<string, number>(limits.CHANGES);
  readonly #unsaved = new Unsaved();
  /** Whose letters the carrier's disk has refused. */
  readonly #unsent = new Set<PeerId>();
  /** Letters of this boot that were taken: their carrier may not have been able to let them go. */
  readonly #taken = new Recent<string, true>(limits.CHANGES);

  /** Whose device this is: that is who is in a group. */
  readonly #person = new Person();

  constructor(readonly uses: string) {}

  restore({ records }: Saved, ctx: GroupsContext): void {
    for (const [key, bytes] of [...records].sort(([one], [other]) => byCodeUnit(one, other))) {
      const [box, name, rest = ""] = key.split("/") as [string, string, string];
      if (this.#person.restore(box, bytes)) continue;
      const group = this.#groups.get(name) ?? new Group(name, ctx);
      this.#groups.set(name, group);
      if (!group.restore(box, rest, bytes)) refuse(name, `read "${key}"`, ctx);
    }
    for (const group of this.#groups.values()) {
      group.restored(ctx);
      this.#tellRoster(group, true, ctx);
      for (const [id, each] of group.unread) {
        tellReceived(group, id, each.from, each, true, ctx);
      }
    }
  }

  asked(command: GroupsCommand, ctx: GroupsContext): void {
    if (command.name === "create") return this.#create(command.title, command.members, ctx);
    if (command.name === "carried") return this.#carried(command, ctx);
    if (command.name === "enclosed") return this.#enclosed(command.id, ctx);
    if (command.name === "unenclosed") return this.#unenclosed(command.peer, ctx);
    const group = this.#groups.get(command.group);
    if (group === undefined || !group.has(this.#person.of(ctx))) {
      return refuse(command.group, "do that in a group that you are not in", ctx);
    }
    switch (command.name) {
      case "add":
      case "remove":
        return this.#change(group, command.name, command.peer, ctx);
      case "promote":
        return this.#change(group, "admin", command.peer, ctx);
      case "leave":
        return this.#change(group, "leave", this.#person.of(ctx), ctx);
      case "write":
        return this.#write(group, command, ctx);
      case "read":
        this.#saveUnsaved(ctx); // from now on only its sender's key knows that it came
        for (const id of command.ids) group.read(id, ctx);
    }
  }

  heard(event: AppEvent, ctx: GroupsContext): void {
    if (this.#person.heard(event, ctx)) {
      for (const group of this.#groups.values()) this.#tellRoster(group, true, ctx);
    }
    if (isDevices(event)) this.again(ctx);
  }

  refused(key: string, ctx: GroupsContext): void {
    this.#unsaved.add(key);
    const [box, name] = key.split("/") as [string, string];
    const group = this.#groups.get(name);
    if (box === "own" && group?.own !== undefined) {
      group.own = { ...group.own, isStale: true }; // nobody was told of it
      this.#leaving.clear(); // nor of what was to be said
    }
    ctx.wake(AGAIN, limits.SAVE_AGAIN);
  }

  /** Tries again what the disk has refused, and tells what could not be told. */
  again(ctx: GroupsContext): void {
    this.#saveUnsaved(ctx);
    for (const letter of this.#waiting.all()) this.#carried(letter, ctx);
    for (const peer of this.#unsent) {
      this.#unsent.delete(peer);
      for (const group of this.#groups.values()) {
        if (group.has(peer)) this.#send(group, [...group.chain.changes], [peer], ctx);
      }
    }
  }

  /** They may lack a key, which is told again when it is used, or changes: these are sent after a while. */
  #unenclosed(peer: PeerId, ctx: GroupsContext): void {
    for (const group of this.#groups.values()) {
      const { own } = group;
      const known = own?.known.filter((each) => each !== peer) ?? [];
      if (own !== undefined) group.own = { ...own, known };
    }
    this.#unsent.add(peer);
    ctx.wake(AGAIN, limits.SAVE_AGAIN);
  }

  #saveUnsaved(ctx: GroupsContext): void {
    for (const { box, group: name, name: rest } of this.#unsaved.take(this.#groups)) {
      const group = this.#groups.get(name), unread = group?.unread.get(rest);
      if (group === undefined) continue;
      group.saveAgain(box, rest, ctx);
      if (box === "change") this.#tellRoster(group, true, ctx);
      if (box !== "in" || unread === undefined) continue;
      tellReceived(group, rest, unread.from, unread, true, ctx); // it may have been told
    }
  }

  #create(title: string, members: readonly PeerId[], ctx: GroupsContext): void {
    if (this.#person.of(ctx) !== ctx.self) return refuse("", ELSEWHERE, ctx);
    const group = this.#groups.size < limits.GROUPS ? founded(title, members, ctx) : undefined;
    if (group === undefined) return refuse("", "make that group", ctx);
    this.#groups.set(group.name, group);
    this.#tellRoster(group, false, ctx);
    this.#send(group, [...group.chain.changes], group.others(ctx.self), ctx);
  }

  #change(group: Group, kind: Kind, subject: PeerId, ctx: GroupsContext): void {
    if (this.#person.of(ctx) !== ctx.self) return refuse(group.name, ELSEWHERE, ctx);
    const before = group.roster!;
    const change = nextChange(group, kind, subject, ctx);
    if (!group.chain.allows(change)) {
      return refuse(group.name, "change that: you may not, or it is so already", ctx);
    }
    group.addChange(change, ctx);
    this.#changed(group, before, ctx);
    const news = group.others(ctx.self).filter((peer) => !before.members.has(peer));
    const rest = [...before.members.keys()].filter((peer) => peer !== ctx.self);
    this.#send(group, [change], rest, ctx);
    this.#send(group, [...group.chain.changes], news, ctx);
  }

  /** Changes, a letter full at a time. */
  #send(
    group: Group,
    changes: readonly Change[],
    to: readonly PeerId[],
    ctx: GroupsContext,
  ): void {
    for (let at = 0; at < changes.length; at += limits.CHANGES_AT_ONCE) {
      const page = changes.slice(at, at + limits.CHANGES_AT_ONCE);
      this.#enclose({ kind: "changes", group: group.bytes, changes: page }, to, ctx);
    }
  }

  #write(group: Group, command: WriteCommand, ctx: GroupsContext): void {
    const said = saidOf(command);
    if (said === undefined) return refuse(group.name, "say that: it is empty, or too long", ctx);
    const others = group.others(this.#person.of(ctx)), own = this.#ownKey(group, ctx);
    const news = others.filter((peer) => !own.known.includes(peer));
    this.#tellKey(group, own, news, ctx);
    const roster = group.rosterHash;
    const about = { group: group.bytes, roster, sender: ctx.self };
    const { key, message } = sealFor(own, saidBytes(said), about, ctx);
    // First the key that is used up: a crash may lose the message, and never use a key twice.
    group.saveOwn({ ...own, ...key, known: others }, ctx);
    const id = hex(ctx.random.bytes(limits.GROUP_BYTES));
    this.#leaving.set(id, { group, spoken: spokenOf(said) });
    this.#enclose({ kind: "said", group: group.bytes, roster, ...message }, others, ctx, id);
  }

  /** The key to speak with: another one after a start, a parting, or many messages. */
  #ownKey(group: Group, ctx: GroupsContext): Own {
    const { own } = group;
    const isGood = own !== undefined && own.boot === ctx.boot && !own.isStale &&
      own.iteration < limits.MESSAGES_A_KEY;
    if (isGood) return own;
    const key = newKey((own?.number ?? 0) + 1, ctx);
    const previous = own && { number: own.number, verify: own.verify, start: own.start };
    return { ...key, start: key.chain, previous, boot: ctx.boot, isStale: false, known: [] };
  }

  /**
   * From its first message on: who was in the group all the time, and forgot, can read what is on its way.
   * Everybody who is in it now was: a key does not outlive a change of who is.
   */
  #tellKey(group: Group, from: Start, to: readonly PeerId[], ctx: GroupsContext): void {
    if (to.length === 0) return;
    const { number, verify, start: chain } = from;
    const key = { number, iteration: 0, chain, verify };
    this.#enclose({ kind: "key", group: group.bytes, key }, to, ctx);
  }

  #enclosed(id: string, ctx: GroupsContext): void {
    const leaving = this.#leaving.get(id);
    if (leaving === undefined) return;
    this.#leaving.delete(id);
    const { group, spoken } = leaving;
    const to = group.others(this.#person.of(ctx)), { name, title } = group;
    const words = `On its way to ${to.length} in ${title}`;
    tell(ctx, { name: "accepted", group: name, title, id, ...spoken, to, words });
  }

  #carried(letter: Carried, ctx: GroupsContext): void {
    const { from, id, bytes } = letter;
    const message = groupWire.decode(bytes);
    const name = message && hex(message.group);
    const group = name === undefined ? undefined : this.#groups.get(name);
    if (message?.kind === "changes") this.#learn(name!, group, message.changes, ctx);
    else if (message?.kind === "key") {
      if (group === undefined) return this.#wait(letter, message.group, message.group, ctx);
      group.meet(from, message.key, ctx);
      this.#dismiss(from, id, ctx);
      return this.#waiting.keyCame(group, from).forEach((each) => this.#carried(each, ctx));
    } else if (message?.kind === "lost" && group?.has(letter.person) === true) {
      this.#send(group, [...group.chain.changes], [from], ctx);
      const { own } = group;
      if (own !== undefined) this.#tellKey(group, own.previous ?? own, [from], ctx);
      if (own !== undefined) this.#tellKey(group, own, [from], ctx);
    } else if (message?.kind === "said") {
      if (group?.rosterAt(message.roster) === undefined) {
        return this.#wait(letter, message.group, message.roster, ctx);
      }
      const { number } = message;
      const isStranger = !group.has(letter.person) && !group.chain.names(letter.person);
      if (isStranger && this.#waiting.holdsStranger(letter, ctx.now)) {
        return ctx.wake(AGAIN, limits.STRANGERS_FOR);
      }
      const lacksKey = group.has(letter.person) && group.keysOf(from, number).length === 0;
      if (this.#waiting.holds(group, from)) {
        return this.#waiting.add(letter, { group: group.name, number });
      }
      if (lacksKey && this.#waiting.mayCome(group, from, number)) {
        this.#askAgain(from, `${group.name}/${from}/${number}`, message.group, ctx);
        return this.#waiting.add(letter, { group: group.name, number });
      }
      this.#said(group, message, letter, ctx);
    }
    this.#dismiss(from, id, ctx);
  }

  /** It comes again with the change that it names, or after a restart. */
  #wait(letter: Carried, group: Uint8Array, lacks: Uint8Array, ctx: GroupsContext): void {
    this.#askAgain(letter.from, `${hex(lacks)}/${letter.from}`, group, ctx);
    this.#waiting.add(letter);
  }

  #said(group: Group, message: Said, letter: Carried, ctx: GroupsContext): void {
    const { from, id, person } = letter;
    this.#saveUnsaved(ctx); // or the key would go on, on the disk, after a message that is not there
    // Told already, in this boot or by its start, and dismissed in vain.
    if (this.#taken.get(id) === true || group.unread.has(id)) return;
    const members = group.rosterAt(message.roster)!.members;
    const isMember = group.has(person) && members.has(person) &&
      members.has(this.#person.of(ctx));
    if (!isMember) return; // who was put out says no more
    const about = { group: group.bytes, roster: message.roster, sender: from };
    const opened = group.keysOf(from, message.number)
      .map((key) => openFrom(key, message, about, ctx)).find((each) => each !== undefined);
    const said = opened && readSaid(opened.clear);
    if (opened === undefined || said === undefined) {
      return this.#missed(group, from, message.number, ctx);
    }
    this.#taken.set(id, true);
    group.keep(id, from, said, opened.key, ctx);
    tellReceived(group, id, from, said, false, ctx); // a disk that refuses the rest withholds the rest
    group.learn(from, opened.key);
  }

  #missed(group: Group, from: PeerId, number: number, ctx: GroupsContext): void {
    const words = `Something in ${group.title} could not be read`;
    tell(ctx, { name: "missed", group: group.name, peer: from, words });
    const key = `${group.name}/${from}/${number}`;
    this.#askAgain(from, key, group.bytes, ctx);
  }

  /** Once for each thing that is lacking. */
  #askAgain(peer: PeerId, what: string, group: Uint8Array, ctx: GroupsContext): void {
    if (this.#waiting.wasAskedFor(what)) return;
    this.#enclose({ kind: "lost", group }, [peer], ctx);
  }

  #learn(
    name: string,
    known: Group | undefined,
    changes: readonly Change[],
    ctx: GroupsContext,
  ): void {
    const [first] = changes;
    let group = known;
    if (group === undefined) {
      const isFirst = first?.body.kind === "create" && groupOf(first, ctx.crypto) === name;
      if (!isFirst || this.#groups.size >= limits.GROUPS) return;
      this.#groups.set(name, group = new Group(name, ctx));
    }
    const before = group.roster;
    for (const change of changes) {
      const isOurs = change.body.kind === "create"
        ? groupOf(change, ctx.crypto) === name
        : hex(change.body.group) === name;
      if (isOurs) group.addChange(change, ctx);
    }
    if (group.roster?.hash !== before?.hash) this.#changed(group, before, ctx);
  }

  /** Who was put out reads no more; whose change lost makes it again; what waited is read. */
  #changed(group: Group, before: Roster | undefined, ctx: GroupsContext): void {
    const gone = [...before?.members.keys() ?? []].filter((peer) => !group.has(peer));
    for (const peer of gone) group.forget(peer, ctx);
    const isOther = before?.members.size !== group.roster?.members.size || gone.length > 0;
    if (isOther && group.own !== undefined) {
      group.saveOwn({ ...group.own, isStale: true }, ctx);
    }
    this.#tellRoster(group, false, ctx);
    for (const { body: { kind, subject } } of group.chain.lost(ctx.self)) {
      if (kind === "create" || !group.has(this.#person.of(ctx))) continue;
      if (isDone(kind, subject, group.roster!)) continue;
      const name = `${group.name}/${kind}/${subject}`;
      const tries = this.#again.get(name) ?? 0;
      this.#again.set(name, tries + 1);
      if (tries < limits.AGAIN) return this.#change(group, kind, subject, ctx);
    }
    for (const letter of this.#waiting.all()) this.#carried(letter, ctx);
  }

  #enclose(
    message: GroupMessage,
    to: readonly PeerId[],
    ctx: GroupsContext,
    id: string = hex(ctx.random.bytes(limits.GROUP_BYTES)),
  ): void {
    const bytes = groupWire.encode(message);
    ctx.ask({ protocol: this.uses, ...{ name: "enclose", to, id, bytes } });
  }

  /** What it brought is on the disk before it goes, also what that had refused at first. */
  #dismiss(peer: PeerId, id: string, ctx: GroupsContext): void {
    this.#saveUnsaved(ctx);
    ctx.ask({ protocol: this.uses, ...{ name: "read", peer, ids: [id] } });
  }

  #tellRoster(group: Group, again: boolean, ctx: GroupsContext): void {
    tellRoster(group, this.#person.of(ctx), again, ctx);
  }
}
