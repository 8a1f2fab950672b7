/**
 * Locks a file: segment by segment sealed, coded, and spread. What is being locked is saved before anything
 * is sent, so that a sender that has crashed goes on; what a device does not take goes to another one.
 */
import { fileKey, hex, type PeerId, type Reason } from "../../core/mod.ts";
import { type Told as TroubleAt, wordsOf } from "./words.ts";
import { tell } from "./events.ts";
import type { Job, VaultContext } from "./job.ts";
import * as limits from "./limits.ts";
import {
  type Condemned,
  type Content,
  type Device,
  type Draft,
  isSame,
  nameOf,
  type Part,
  type Share,
  union,
} from "./mapping.ts";
import type { Owner } from "./owner.ts";
import { placed, usualShape } from "./placement.ts";
import { sealedSegment } from "./segments.ts";
import { type Outcome, type Outgoing, type SegmentSource, Sending } from "./sending.ts";
import { clearLength } from "./shape.ts";
import type { VaultMessage } from "./wire.ts";

export class Locking implements Job, SegmentSource {
  isOver = false;
  readonly #hashes: Uint8Array[] = [];
  readonly #reading = new Map<string, number>();
  readonly #stored = new Map<number, Share>();
  /** Devices that did not do what they should, in this job. */
  readonly #given = new Map<PeerId, Reason>();
  #sending: Sending | undefined;
  /** Since when the devices have been asked to witness. */
  #witnessing: number | undefined;
  #again: Content | undefined;
  #startedAt = 0;

  /** The draft of a new content has no shape yet where none was asked for: the devices decide. */
  constructor(readonly owner: Owner, public draft: Draft) {}

  start(ctx: VaultContext): void {
    this.#startedAt = ctx.now;
    this.owner.devices.reach(this.owner.mapping.devices, true, ctx);
    this.#attempt(ctx);
  }

  want(segment: number, ctx: VaultContext): void {
    const { handle } = this.draft, length = clearLength(this.draft, segment);
    if (length === 0) return this.#provide(segment, new Uint8Array(0), ctx);
    const offset = segment * limits.SEGMENT_BYTES;
    this.#reading.set(fileKey(handle, offset, length), segment);
    ctx.read(handle, offset, length);
  }

  loaded(key: string, bytes: Uint8Array | undefined, ctx: VaultContext): void {
    const segment = this.#reading.get(key);
    if (segment === undefined || this.isOver) return;
    this.#reading.delete(key);
    if (bytes === undefined) {
      return this.#fail("disk-error", "The file cannot be read, or has changed", ctx);
    }
    this.#provide(segment, bytes, ctx);
  }

  received(
    from: PeerId,
    message: VaultMessage,
    _body: Uint8Array | undefined,
    ctx: VaultContext,
  ): boolean {
    return this.#sending?.received(from, message, ctx) === true;
  }

  left(peer: PeerId, why: Reason, ctx: VaultContext): void {
    this.#sending?.left(peer, why, ctx);
  }

  refused(key: string, why: Reason, ctx: VaultContext): void {
    if (key.startsWith("draft/") || key.startsWith("own/")) {
      this.#fail(why, "This device's own disk does not take it", ctx);
    }
  }

  tick(ctx: VaultContext): void {
    this.#sending?.tick(ctx);
    if (this.#witnessing !== undefined) this.#awaitWitnesses(ctx);
    else if (this.#sending === undefined && !this.isOver) this.#attempt(ctx);
  }

  #provide(segment: number, clear: Uint8Array, ctx: VaultContext): void {
    const { hash, shards } = sealedSegment(this.draft, segment, clear, ctx.crypto);
    this.#hashes[segment] = hash;
    const all = this.owner.codeOf(this.draft).encoded(shards);
    this.#sending?.provide(segment, new Map(all.map((shard, number) => [number, shard])), ctx);
  }

  /** Places what has no place yet, and sends it there. */
  #attempt(ctx: VaultContext): void {
    if (this.#isGathering(ctx)) return;
    if (this.draft.count === 0) {
      this.draft = { ...this.draft, ...usualShape(this.owner.devices.present.length) };
    }
    const { draft, owner } = this, { count } = draft;
    const missing = Array.from({ length: count }, (_, number) => number)
      .filter((number) => !this.#stored.has(number));
    const shares = missing.length === 0 ? [] : this.#placed(missing);
    const isHappy = this.#stored.size + shares.length >= happiness(draft);
    if (!isHappy) {
      // Devices that have just been dialled get a moment to come.
      if (ctx.now - this.#startedAt < limits.PATIENCE) return;
      return this.#fail("too-many", this.#unhappiness(shares.length), ctx);
    }
    if (shares.length === 0) return this.#commit(ctx);
    const attempts = [...draft.attempts];
    for (const share of shares) {
      const isKnown = attempts.some((each) =>
        each.number === share.number && each.age === share.age
      );
      if (!isKnown) attempts.push(share);
    }
    if (attempts.length > limits.CONDEMNED) {
      return this.#fail("too-many", "Too many devices have failed", ctx);
    }
    this.draft = { ...draft, attempts };
    owner.saveDraft(this.draft, ctx);
    const begun = shares.map(({ number, age, device }): Outgoing => {
      const name = owner.begun(draft, number, age, device);
      this.#tellPlacing(number, name, device, ctx);
      return { number, age, device, name };
    });
    const done = (outcomes: readonly Outcome[], later: VaultContext) => this.#sent(outcomes, later);
    const { bytes } = draft, about = { content: hex(draft.id), title: draft.name };
    this.#sending = new Sending(
      draft,
      owner.keys!.vault,
      begun,
      this,
      done,
      (segments, later) =>
        tell(later, {
          name: "progress",
          ...about,
          done: Math.min(bytes, segments * limits.SEGMENT_BYTES),
          bytes,
        }),
    );
    this.#sending.start(ctx);
  }

  /** Whether devices may still come that are wanted. */
  #isGathering(ctx: VaultContext): boolean {
    const { devices } = this.owner, wanted = this.draft.count || usualShape(Infinity).count;
    return devices.present.length < wanted && devices.isGathering(ctx.now);
  }

  /** Where each of these goes: where it was begun before, if its device is there, else anywhere. */
  #placed(missing: readonly number[]): { number: number; age: number; device: PeerId }[] {
    const { draft, owner } = this;
    const isThere = (device: PeerId) => owner.devices.isPresent(device) && !this.#given.has(device);
    const resumed = missing.flatMap((number) =>
      draft.attempts.filter((each) => each.number === number).slice(-1)
        .filter(({ device }) => isThere(device))
    );
    const rest = missing.filter((number) => resumed.every((each) => each.number !== number));
    const sites = owner.sites({ ...draft, shares: this.#shares() }, this.#given).map((site) => {
      const has = new Set(site.has);
      for (const { device, number } of draft.attempts) if (device === site.device) has.add(number);
      return { ...site, has };
    });
    // Tiles begin at one device after the other: when some are lost, it is not the same tiles everywhere.
    const { number, columns } = draft.part ?? { number: 0, columns: 1 };
    const first = (number + Math.floor(number / columns)) % Math.max(1, sites.length);
    const turned = [...sites.slice(first), ...sites.slice(0, first)];
    const places = placed(rest, turned, draft.enough);
    return [
      ...resumed,
      ...[...places].map(([number, device]) => {
        const age = draft.attempts.filter((each) => each.number === number).length;
        return { number, age, device: device as PeerId };
      }),
    ];
  }

  #sent(outcomes: readonly Outcome[], ctx: VaultContext): void {
    this.#sending = undefined;
    if (this.isOver) return;
    for (const outcome of outcomes) {
      const { number, age, device, name } = outcome.share;
      if ("root" in outcome) {
        this.#stored.set(number, { device, age, root: outcome.root });
        this.owner.devices.has(device, name, true);
      } else this.#given.set(device, outcome.why);
    }
    this.#attempt(ctx);
  }

  /** It is in the mapping from now on. */
  #commit(ctx: VaultContext): void {
    const { draft, owner } = this, { mapping } = owner;
    const { id, name, bytes, enough, count, key, preview, part } = draft;
    const same = mapping.contents.find((content) =>
      content.bytes === bytes && isSamePart(content.part, part) &&
      content.hashes.every((hash, at) => isSame(hash, this.#hashes[at]!))
    );
    if (same !== undefined && owner.canOpen(same)) return this.#already(same, ctx);
    const shares = this.#shares();
    const about = { id, name, bytes, enough, count, key, preview, part };
    const content = { ...about, hashes: this.#hashes, shares };
    const devices = union(mapping.devices, this.#devices(ctx), ({ peer }) => peer);
    const condemned = [...mapping.condemned, ...this.#leftOver()];
    // Too little of it is left elsewhere: this one takes its place.
    const others = mapping.contents.filter((each) => each !== same);
    const isTaken = others.length < limits.CONTENTS &&
      condemned.length <= limits.CONDEMNED &&
      owner.change({ ...mapping, devices, contents: [...others, content], condemned }, ctx);
    if (!isTaken) return this.#fail("too-many", "The vault has no room for one more", ctx);
    this.#condemn(ctx);
    this.#witnessing = ctx.now;
    this.#awaitWitnesses(ctx);
  }

  /** The same bytes are in the vault: what was sent just now is not needed. */
  #already(same: Content, ctx: VaultContext): void {
    this.#again = same;
    this.#abandon(ctx);
    this.#done(same, ctx);
  }

  #awaitWitnesses(ctx: VaultContext): void {
    const { owner } = this, content = owner.content(hex(this.draft.id));
    if (content === undefined) {
      // Another device of the owner has written meanwhile: once more, on top of that.
      this.#witnessing = undefined;
      return this.#commit(ctx);
    }
    const isEnough = owner.witnesses >= owner.wantedWitnesses;
    if (!isEnough && ctx.now - this.#witnessing! < limits.PATIENCE) return;
    owner.dropDraft(this.draft, ctx);
    this.#done(content, ctx);
  }

  #done({ id, name: title, bytes, enough, shares }: Content, ctx: VaultContext): void {
    this.isOver = true;
    const { owner } = this, devices = shares.flatMap((share) => share ? [share.device] : []);
    const { witnesses, wantedWitnesses: wanted } = owner;
    const count = devices.length, again = this.#again !== undefined;
    const witnessed = witnesses < wanted
      ? `; only ${witnesses} of ${wanted} devices know of it yet`
      : "";
    const fewer = count < shares.length ? ` of ${shares.length}` : "";
    const words = again
      ? `"${title}" is in the vault already`
      : `"${title}" is locked: any ${enough} of its ${count}${fewer} shares open it${witnessed}`;
    const about = { content: hex(id), title, bytes, handle: this.draft.handle, enough, count };
    tell(ctx, { name: "locked", ...about, devices, witnesses, wanted, again, words });
  }

  #shares(): (Share | undefined)[] {
    return Array.from({ length: this.draft.count }, (_, number) => this.#stored.get(number));
  }

  #devices(ctx: VaultContext): Device[] {
    const used = new Set([...this.#stored.values()].map(({ device }) => device));
    return [...used].map((peer) => ({
      peer,
      address: this.owner.devices.addressOf(peer, ctx) ?? "",
      domain: this.owner.devices.of(peer)?.domain ?? "",
    }));
  }

  /** Begun, and not used in the end. */
  #leftOver(): Condemned[] {
    const { draft } = this;
    return draft.attempts
      .filter(({ number, age }) => this.#stored.get(number)?.age !== age)
      .map(({ device, number, age }) => ({
        ...{ device, content: draft.id, number, name: nameOf(draft, number, { age }) },
      }));
  }

  #condemn(ctx: VaultContext): void {
    this.owner.condemn(this.#leftOver().map(({ name }) => name), ctx);
    const { draft } = this;
    this.owner.settled(draft.attempts.map(({ number, age }) => nameOf(draft, number, { age })));
  }

  /** Devices drop all of it. */
  #abandon(ctx: VaultContext): void {
    const { draft, owner } = this;
    owner.condemn(owner.looseOf(draft.id).map(({ name }) => name), ctx);
    owner.dropDraft(draft, ctx);
  }

  /** The mapping names it no more, where it did already: its devices are about to drop it. */
  #forget(ctx: VaultContext): void {
    const { owner } = this, content = owner.content(hex(this.draft.id)), { mapping } = owner;
    if (content === undefined) return;
    for (const [number, { device, age }] of this.#stored) {
      owner.begun(this.draft, number, age, device);
    }
    owner.change(
      { ...mapping, contents: mapping.contents.filter((each) => each !== content) },
      ctx,
    );
  }

  #unhappiness(placed: number): string {
    const { count, enough } = this.draft;
    const there = this.owner.devices.present.length, found = this.#stored.size + placed;
    return `${found} of ${count} shares found a place and ${happiness(this.draft)} are needed: ` +
      `${there} ${
        there === 1 ? "device offers" : "devices offer"
      } room, and each may hold at most ` +
      `${enough - 1}`;
  }

  #fail(why: Reason, words: string, ctx: VaultContext): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#sending?.stop(why, ctx);
    this.#forget(ctx);
    this.#abandon(ctx);
    const devices: TroubleAt[] = [...this.#given].map(([device, reason]) => ({
      device,
      why: reason,
    }));
    tell(ctx, {
      ...{ name: "failed", what: "lock", content: hex(this.draft.id), handle: this.draft.handle },
      ...{ why, devices, words: wordsOf(`Cannot lock "${this.draft.name}"`, words, devices) },
    });
  }

  #tellPlacing(number: number, name: Uint8Array, peer: PeerId, ctx: VaultContext): void {
    const { draft, owner } = this, { enough, handle } = draft, domain = owner.domainOf(peer);
    const about = { content: hex(draft.id), title: draft.name, share: hex(name) };
    tell(ctx, { name: "placing", ...about, peer, number, enough, domain, handle });
  }
}

/** Two tiles may look alike, and are two all the same. */
function isSamePart(one: Part | undefined, other: Part | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.number === other.number && isSame(one.of, other.of);
}

/** Shares that must be stored for a file to count as locked: half of what may be lost, and one more than opens it. */
export function happiness(
  { enough, count }: { readonly enough: number; readonly count: number },
): number {
  return Math.max(enough + 1, Math.ceil((enough + count) / 2));
}
