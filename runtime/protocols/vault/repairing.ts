/**
 * Makes shares of a content anew, from those that are left, at devices that may have them: lost ones, and
 * such as lie with another one while a device has none. The segments stay sealed all the while: nothing is
 * decrypted for a repair.
 */
import { hex, type PeerId, type Reason } from "../../core/mod.ts";
import { tell } from "./events.ts";
import { Fetching } from "./fetching.ts";
import type { Job, VaultContext } from "./job.ts";
import { type Condemned, type Content, nameOf, type Share, union } from "./mapping.ts";
import type { Owner } from "./owner.ts";
import { placed } from "./placement.ts";
import { type Outcome, type SegmentSource, Sending } from "./sending.ts";
import type { VaultMessage } from "./wire.ts";

export class Repairing implements Job, SegmentSource {
  isOver = false;
  readonly #fetching: Fetching;
  #sending: Sending | undefined;

  constructor(
    readonly owner: Owner,
    readonly content: Content,
    readonly lost: readonly number[],
    /** Only at devices that have none of it. */
    readonly isSpreading = false,
  ) {
    // Of a share that has lost a part the others still serve: every segment may have other ones to come from.
    this.#fetching = new Fetching(content, (peer) => owner.devices.isPresent(peer));
  }

  start(ctx: VaultContext): void {
    const { content, owner, lost } = this, { enough } = content;
    if (this.#fetching.reachable < enough) {
      this.isOver = true; // looked at again later: devices may come back
      return;
    }
    const sites = owner.sites(content, new Map()).map((site) => ({
      ...site,
      // What a device is there without, it may get again.
      has: owner.devices.isPresent(site.device as PeerId)
        ? new Set([...site.has].filter((number) => !this.#isLostAt(number, site.device)))
        : site.has,
    }));
    const usable = this.isSpreading
      ? sites.map((site) => site.has.size === 0 ? site : { ...site, room: 0 })
      : sites;
    const places = [...placed(lost, usable, enough)];
    if (places.length === 0) {
      this.isOver = true;
      return;
    }
    const outgoing = places.map(([number, place]) => {
      const device = place as PeerId, age = this.#nextAge(number);
      const name = owner.begun(content, number, age, device), domain = owner.domainOf(device);
      const about = { content: hex(content.id), title: content.name, share: hex(name), handle: "" };
      tell(ctx, { name: "placing", ...about, peer: device, number, enough, domain });
      return { number, age, device, name };
    });
    const done = (outcomes: readonly Outcome[], later: VaultContext) => this.#sent(outcomes, later);
    this.#sending = new Sending(content, owner.keys!.vault, outgoing, this, done);
    this.#sending.start(ctx);
  }

  want(segment: number, ctx: VaultContext): void {
    this.#fetching.want(segment, (shards, later) => {
      if (shards === undefined) return this.#sending?.stop("unreachable", later);
      const rebuilt = this.owner.codeOf(this.content).rebuilt(shards, this.lost);
      const provided = new Map(this.lost.map((number, at) => [number, rebuilt[at]!]));
      this.#sending?.provide(segment, provided, later);
    }, ctx);
  }

  received(
    from: PeerId,
    message: VaultMessage,
    body: Uint8Array | undefined,
    ctx: VaultContext,
  ): boolean {
    return this.#fetching.received(from, message, body, ctx) ||
      this.#sending?.received(from, message, ctx) === true;
  }

  left(peer: PeerId, why: Reason, ctx: VaultContext): void {
    this.#fetching.left(peer, why, ctx);
    this.#sending?.left(peer, why, ctx);
  }

  tick(ctx: VaultContext): void {
    this.#fetching.tick(ctx);
    this.#sending?.tick(ctx);
  }

  #isLostAt(number: number, device: string): boolean {
    return this.lost.includes(number) && this.content.shares[number]?.device === device;
  }

  /** Later than whatever has been begun of it. */
  #nextAge(number: number): number {
    const begun = this.owner.looseOf(this.content.id).filter((each) => each.number === number);
    return (this.content.shares[number]?.age ?? -1) + 1 + begun.length;
  }

  #sent(outcomes: readonly Outcome[], ctx: VaultContext): void {
    this.isOver = true;
    const { content, owner } = this, shares: (Share | undefined)[] = [...content.shares];
    const condemned: Condemned[] = [], unused: Uint8Array[] = [], used: Uint8Array[] = [];
    for (const outcome of outcomes) {
      const { number, age, device, name } = outcome.share;
      if (!("root" in outcome)) {
        unused.push(name);
        continue;
      }
      const old = content.shares[number];
      if (old !== undefined) {
        const oldName = nameOf(content, number, old);
        condemned.push({ device: old.device, content: content.id, number, name: oldName });
        ctx.send(old.device, { kind: "drop", share: oldName });
      }
      shares[number] = { device, age, root: outcome.root };
      owner.devices.has(device, name, true);
      used.push(name);
    }
    owner.condemn(unused, ctx);
    if (used.length === 0) return;
    const { mapping } = owner, id = hex(content.id);
    const added = used.map((_, at) => this.#deviceOf(outcomes, at, ctx));
    const devices = union(mapping.devices, added, ({ peer }) => peer);
    const isKnown = owner.content(id) !== undefined; // nobody has deleted it meanwhile
    const contents = mapping.contents.map((each) =>
      hex(each.id) === id ? { ...each, shares } : each
    );
    const next = { ...mapping, devices, contents, condemned: [...mapping.condemned, ...condemned] };
    if (!isKnown || !owner.change(next, ctx)) return owner.condemn(used, ctx);
    owner.settled(used);
    const words = `${used.length} shares of "${content.name}" were made anew`;
    tell(ctx, { name: "repaired", content: id, title: content.name, shares: used.length, words });
  }

  #deviceOf(outcomes: readonly Outcome[], at: number, ctx: VaultContext) {
    const { device: peer } = outcomes.filter((outcome) => "root" in outcome)[at]!.share;
    const { devices } = this.owner;
    return {
      peer,
      address: devices.addressOf(peer, ctx) ?? "",
      domain: devices.of(peer)?.domain ?? "",
    };
  }
}
