/**
 * Whose device is whose. A person may have several: what is written to one goes to all of them, what one of
 * one's own has written or read is told to the others. One that was linked later reads nothing earlier.
 */
import {
  type Context,
  hex,
  type Micros,
  type PeerId,
  Reader,
  Recent,
  SIGNATURE_BYTES,
  struct,
  unhex,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import { bytesUpTo, exactly, flag, listOf } from "../../core/mod.ts";
import { readAttachment } from "./attachment.ts";
import { peerName } from "../membership/mod.ts";
import type { Letter, Purpose } from "./content.ts";
import {
  agrees,
  consentTo,
  type DeviceList,
  isBelieved,
  listBytes,
  listed,
  peersOf,
  readList,
} from "./devices.ts";
import { tell } from "./events.ts";
import * as limits from "./limits.ts";
import { SILENCE, type Speech, spokenOf } from "./speech.ts";
import type { ChatMessage } from "./wire.ts";

type ChatContext = Context<ChatMessage>;

/** What one device has written, for the person's others; the words are the letter's own. */
export const copySchema = struct({
  id: exactly(limits.ID_BYTES),
  to: listOf(peerName, limits.COPIED_TO),
  toAll: flag,
  enclosed: bytesUpTo(limits.ATTACHMENT_BYTES),
});
export type Copy = ValueOf<typeof copySchema>;

/** What a person has read at one device. */
export const seenSchema = struct({
  peer: peerName,
  ids: listOf(exactly(limits.ID_BYTES), limits.IDS),
});

interface Seen {
  readonly peer: PeerId;
  readonly ids: readonly string[];
  /** When this device was told. */
  readonly at: Micros;
}

/** What the circle needs of letters. */
export interface CircleLetters {
  /** A letter of the circle's own, to one device. */
  postTo(
    to: PeerId,
    purpose: Purpose,
    speech: Speech,
    enclosed: Uint8Array,
    ctx: ChatContext,
  ): void;
  /** Everybody whom a new device concerns. */
  correspondents(): Iterable<PeerId>;
}

export class Circle {
  readonly #lists = new Map<PeerId, DeviceList>();
  readonly #personOf = new Map<PeerId, PeerId>();
  readonly #devicesOf = new Map<PeerId, readonly PeerId[]>();
  /** Devices that would like to be this person's, with their consent. */
  readonly #asking = new Recent<PeerId, Uint8Array>(limits.DEVICES);
  /** Which version of this person's list somebody was told, in this boot. */
  readonly #told = new Recent<PeerId, number>(limits.CORRESPONDENTS);
  readonly #unsaved = new Set<PeerId>();
  /** By which letter of whom a person's list has come last. */
  readonly #broughtBy = new Recent<PeerId, readonly [PeerId, string]>(limits.CORRESPONDENTS);
  readonly #meeting = new Set<PeerId>();
  readonly #owed: [PeerId, Letter][] = [];
  #seen: Seen[] = [];

  constructor(readonly letters: CircleLetters) {}

  /** Whose device it is: its person's first device, or itself. */
  personOf(peer: PeerId): PeerId {
    return this.#personOf.get(peer) ?? peer;
  }

  /** All devices of whoever has this one; itself alone where nothing is known. */
  devicesOf(peer: PeerId): readonly PeerId[] {
    return this.#devicesOf.get(this.personOf(peer)) ?? [peer];
  }

  /** This person's other devices. */
  others({ self }: Pick<ChatContext, "self">): PeerId[] {
    return this.devicesOf(self).filter((peer) => peer !== self);
  }

  restore(bytes: Uint8Array, ctx: ChatContext): boolean {
    const list = readList(bytes);
    if (list === undefined || !isBelieved(list, ctx.crypto)) return false;
    this.#take(list, ctx);
    return true;
  }

  /** Tells again what a restart should know. */
  restored(ctx: ChatContext): void {
    for (const person of this.#lists.keys()) this.#tellDevices(person, true, ctx);
  }

  /** Asks the person whose device that is to count this one among theirs. */
  link(first: PeerId, ctx: ChatContext): void {
    if (this.personOf(ctx.self) !== ctx.self || this.others(ctx).length > 0) {
      return tell(ctx, { name: "refused", what: "be linked twice", why: "impossible" });
    }
    const consent = consentTo(first, ctx.identity, ctx.crypto);
    this.letters.postTo(first, "link", SILENCE, consent, ctx);
  }

  /** Counts a device that has asked among this person's. */
  adopt(peer: PeerId, ctx: ChatContext): void {
    const consent = this.#asking.get(peer), keys = ctx.keysOf(peer);
    const list = this.#lists.get(ctx.self), devices = list?.devices ?? [];
    const isFirst = this.personOf(ctx.self) === ctx.self && devices.length < limits.DEVICES;
    if (consent === undefined || keys === undefined || !isFirst) {
      return tell(ctx, { name: "refused", what: "link that device", why: "impossible" });
    }
    const { sign, agree } = keys;
    this.#change([...devices, { sign, agree, consent }], ctx);
  }

  /** One of this person's devices is none any more. */
  unlink(peer: PeerId, ctx: ChatContext): void {
    const list = this.#lists.get(ctx.self);
    const gone = list === undefined ? -1 : peersOf(list, ctx.crypto).indexOf(peer) - 1;
    if (gone < 0) {
      return tell(ctx, { name: "refused", what: "unlink that device", why: "impossible" });
    }
    this.#change(list!.devices.toSpliced(gone, 1), ctx, [peer]);
  }

  /** A letter of the circle's has come. */
  heard(letter: Letter, from: PeerId, ctx: ChatContext): void {
    const { purpose, enclosed } = letter;
    if (purpose === "seen") this.#noteSeen(letter, from, ctx);
    else if (purpose === "devices") this.#learn(enclosed, from, hex(letter.id), ctx);
    else this.#asked(letter, from, ctx);
  }

  #asked({ enclosed, who }: Letter, from: PeerId, ctx: ChatContext): void {
    const sign = ctx.keysOf(from)?.sign, consent = enclosed.slice();
    const isSigned = sign !== undefined && consent.length === SIGNATURE_BYTES &&
      agrees({ sign, consent }, ctx.self, ctx.crypto);
    if (!isSigned) return;
    this.#asking.set(from, consent);
    tell(ctx, { name: "linking", peer: from, who: who || from.slice(0, 8) });
  }

  /** Before the first letter to somebody, and again when it has changed. */
  introduce(to: PeerId, ctx: ChatContext): void {
    const list = this.#lists.get(this.personOf(ctx.self));
    if (list === undefined || this.#told.get(to) === list.version) return;
    this.#told.set(to, list.version);
    this.letters.postTo(to, "devices", SILENCE, listBytes(list), ctx);
  }

  /**
   * Somebody has written, who may not know of this person's other devices. They are told a while later:
   * a disk that refuses to take that note must not keep back what they have written.
   */
  meet(peer: PeerId, ctx: ChatContext): void {
    const version = this.#lists.get(this.personOf(ctx.self))?.version;
    if (version === undefined || this.#told.get(peer) === version) return;
    this.#meeting.add(peer);
    ctx.wake(limits.AGAIN_TIMER, limits.AGAIN);
  }

  /** What this device has written is this person's on every device. */
  copy(copy: Copy, speech: Speech, ctx: ChatContext): void {
    const writer = new Writer();
    copySchema.write(writer, { ...copy, to: copy.to.slice(0, limits.COPIED_TO) });
    const bytes = writer.take();
    for (const peer of this.others(ctx)) {
      this.letters.postTo(peer, "copied", speech, bytes, ctx);
    }
  }

  /** What was read on this device was read. */
  read(peer: PeerId, ids: readonly string[], ctx: ChatContext): void {
    const others = this.others(ctx);
    if (others.length === 0) return;
    for (let at = 0; at < ids.length; at += limits.IDS) {
      const writer = new Writer();
      const page = ids.slice(at, at + limits.IDS).map((id) => unhex(id)!);
      seenSchema.write(writer, { peer, ids: page });
      const bytes = writer.take();
      for (const other of others) this.letters.postTo(other, "seen", SILENCE, bytes, ctx);
    }
  }

  /** False where it is none of this person's. */
  tellCopy(letter: Letter, from: PeerId, ctx: ChatContext): boolean {
    const reader = new Reader(letter.enclosed);
    const { id, to, toAll, enclosed } = copySchema.read(reader);
    if (!reader.whole || !this.others(ctx).includes(from)) return false;
    const about = { id: hex(id), peer: from, letter: hex(letter.id), to, toAll };
    const attachment = readAttachment(enclosed);
    tell(ctx, { name: "copied", ...about, ...spokenOf(letter), attachment });
    return true;
  }

  /**
   * What was read elsewhere, if it is this person who says so. It counts a while later: whether the disk
   * has taken the letter itself may not be known yet.
   */
  #noteSeen({ enclosed }: Letter, from: PeerId, ctx: ChatContext): void {
    const reader = new Reader(enclosed);
    const { peer, ids } = seenSchema.read(reader);
    if (!reader.whole || !this.others(ctx).includes(from)) return;
    this.#seen.push({ peer, ids: ids.map(hex), at: ctx.now });
    if (this.#seen.length > limits.SEEN) this.#seen.shift();
    ctx.wake(limits.AGAIN_TIMER, 2 * limits.SETTLING);
  }

  /** The disk has refused a list: it is tried again, and so must come the letter that brought it. */
  refused(person: PeerId): readonly [PeerId, string] | undefined {
    this.#unsaved.add(person);
    return this.#broughtBy.get(person);
  }

  /** The disk has refused a letter of the circle's: it is written again. */
  refusedLetter(to: PeerId, letter: Letter): void {
    if (this.#owed.length < limits.WAITING) this.#owed.push([to, letter]);
  }

  get owesSomething(): boolean {
    return this.#unsaved.size + this.#owed.length > 0;
  }

  /** Tries again what is owed; what was read elsewhere, and counts now. */
  again(ctx: ChatContext): Seen[] {
    for (const person of [...this.#unsaved]) this.#saveAgain(person, ctx);
    for (const [to, letter] of this.#owed.splice(0)) {
      this.letters.postTo(to, letter.purpose, letter, letter.enclosed, ctx);
    }
    for (const peer of this.#meeting) this.introduce(peer, ctx);
    this.#meeting.clear();
    const counts = this.#seen.filter(({ at }) => ctx.now - at >= limits.SETTLING);
    this.#seen = this.#seen.filter((each) => !counts.includes(each));
    for (const { peer, ids } of counts) tell(ctx, { name: "seen", peer, ids });
    return counts;
  }

  #change(
    devices: DeviceList["devices"],
    ctx: ChatContext,
    gone: readonly PeerId[] = [],
  ): void {
    const version = (this.#lists.get(ctx.self)?.version ?? 0) + 1;
    const list = listed(version, devices, ctx.identity, ctx.crypto);
    this.#take(list, ctx);
    this.#save(ctx.self, ctx);
    this.#tellDevices(ctx.self, false, ctx);
    for (const peer of new Set([...this.others(ctx), ...gone, ...this.letters.correspondents()])) {
      if (peer !== ctx.self) this.introduce(peer, ctx);
    }
  }

  #learn(bytes: Uint8Array, from: PeerId, id: string, ctx: ChatContext): void {
    const list = readList(bytes);
    if (list === undefined || !isBelieved(list, ctx.crypto)) return;
    const [person, ...devices] = peersOf(list, ctx.crypto) as [PeerId, ...PeerId[]];
    const isTheirs = from === person || devices.includes(from);
    const known = this.#lists.get(person)?.version ?? 0;
    if (!isTheirs || person === ctx.self) return;
    this.#broughtBy.set(person, [from, id]);
    if (list.version <= known) return this.#saveAgain(person, ctx);
    if (!this.#lists.has(person) && this.#lists.size >= limits.CORRESPONDENTS) return;
    const wasOurs = this.personOf(ctx.self) === person && person !== ctx.self;
    this.#take(list, ctx);
    this.#save(person, ctx);
    if (wasOurs && !devices.includes(ctx.self)) tell(ctx, { name: "unlinked", peer: person });
    this.#tellDevices(person, false, ctx);
  }

  #take(list: DeviceList, ctx: ChatContext): void {
    const peers = peersOf(list, ctx.crypto), [person] = peers as [PeerId];
    for (const peer of this.#devicesOf.get(person) ?? []) this.#personOf.delete(peer);
    this.#lists.set(person, list);
    this.#devicesOf.set(person, peers);
    for (const peer of peers.slice(1)) this.#personOf.set(peer, person);
  }

  #saveAgain(person: PeerId, ctx: ChatContext): void {
    if (this.#unsaved.delete(person)) this.#save(person, ctx);
  }

  #save(person: PeerId, ctx: ChatContext): void {
    const list = this.#lists.get(person);
    ctx.save(`circle/${person}`, list && listBytes(list));
  }

  #tellDevices(person: PeerId, again: boolean, ctx: ChatContext): void {
    tell(ctx, { name: "devices", peer: person, devices: this.devicesOf(person), again });
  }
}

/** Whether a letter is about the devices of one person. */
export function isOfCircle({ purpose }: Pick<Letter, "purpose">): boolean {
  return ["link", "devices", "copied", "seen"].includes(purpose);
}
