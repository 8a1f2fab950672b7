/**
 * The source of a content: sends each block once, to its owner, and lets the owners relay.
 *
 * 1. The next owner is who has the fewest blocks still to relay: fast peers finish sooner and so
 *    get more, without anybody having to know a rate (work stealing).
 * 2. A block whose owner is lost before it has relayed it is given to another one.
 * 3. A block that nearly nobody has got when it should have spread is given out again. Not one that
 *    some have: its owner is slow, or the others repair it, and the uplink of the source is dear.
 */
import { hex, type Micros, type PeerId, type PeerKeys, unhex } from "../../core/mod.ts";
import type { Content, SwarmContext } from "./content.ts";
import { Crowd, GATHER } from "./crowd.ts";
import { FORWARD, type Lane } from "./lane.ts";
import { Headway } from "./headway.ts";
import * as limits from "./limits.ts";
import { areUnlike, Grid, type Relays } from "./plan.ts";
import type { Uploads } from "./uploads.ts";
import type { Mate, MessageNamed } from "./wire.ts";

/**
 * Until a first block has been relayed, and for so long at most, so many are under way: with one to each the
 * uplink of a slow network is full for seconds, all of them arrive at its end, and nobody has anything to relay
 * before. No downlink is busy yet, so these few fill the uplink. So it is while members are coming as well:
 * what those who come a little later need would wait behind blocks that will not be relayed to them.
 */
const AT_FIRST = 10, FIRST_WITHIN: Micros = 3_000_000;
/** Blocks that an owner may still have to relay when it is given another. */
const OWED_AT_MOST = 3;
const UPLOADS_PER_BLOCK = 8;
/** A block gets a second owner when that one is so many times as fast. */
const BACKUP_WORTH = 3;
/**
 * When such a part of all has blocks whose owners have relayed them so much later, this one has been
 * overtaken. A slow network, or a slow machine, holds up all of them alike.
 */
const SPREAD = 0.5, OVERTAKEN_BY: Micros = 2_500_000;
/** What such a part of all has then, or less, is lost. */
const LOST = 0.125;
/** An owner that has not relayed a block in this time, and twice what it should take, is stuck. */
const STUCK_AFTER: Micros = 8_000_000;
const REVIEW_EVERY: Micros = 250_000;

/** Timers of this name and a content's key are for `gathered`. */
export const PLAN_TIMER = "plan/";

interface Member {
  readonly peer: PeerId;
  readonly keys: PeerKeys;
  readonly address: string;
  readonly lane: Lane;
  /** Blocks it was given and has not said it has relayed, and since when. */
  readonly owes: Map<number, Micros>;
  givenAt: number;
  bytesPerSecond: number;
  /** Uploads that waited there when it last reported. */
  waiting: number;
  readonly accusers: Set<PeerId>;
  readonly headway: Headway;
  /** Whom it relays to, as it was told last. */
  relays: Relays<Member>;
}

export class Source {
  #members = new Map<PeerId, Member>();
  #grid: Grid<Member> | undefined;
  #epoch = 0;
  #planned = 0;
  readonly #crowd = new Crowd();
  #next = 0;
  /** Blocks whose owner was lost before it had relayed them, or that nearly nobody has got. */
  #again: number[] = [];
  #backedUp = new Set<number>();
  /** Until when a first block should have been relayed: in the past once one was. */
  #relaysBy: Micros = Infinity;
  /** Blocks that were relayed, by their owners' word, and that half of all have not got yet. */
  #relayedAt = new Map<number, Micros>();
  /** When the latest of those that half of all have got was relayed. */
  #spreadAt: Micros = 0;
  #given = 0;
  #reviewedAt: Micros = 0;
  #balanced = false;

  constructor(readonly content: Content, readonly uploads: Uploads) {}

  get members(): number {
    return this.#members.size;
  }

  /** Every member has got everything, and whoever waits for that has been told. */
  get isDone(): boolean {
    for (const { headway } of this.#members.values()) if (!headway.isDone) return false;
    return true;
  }

  /** Somebody wants the content. False where there are too many. */
  join(peer: PeerId, keys: PeerKeys, address: string, lane: Lane, ctx: SwarmContext): boolean {
    if (this.#members.has(peer)) return true;
    if (this.#members.size >= limits.MEMBERS) return false;
    this.#members.set(peer, {
      peer,
      keys,
      address,
      lane,
      owes: new Map(),
      givenAt: 0,
      bytesPerSecond: 0,
      waiting: 0,
      accusers: new Set(),
      relays: [],
      headway: new Headway(peer, this.content),
    });
    this.#crowd.joined(ctx.now);
    this.#changed(ctx);
    return true;
  }

  leave(peer: PeerId, ctx: SwarmContext): void {
    const member = this.#members.get(peer);
    if (member === undefined) return;
    member.headway.report(member.lane, ctx);
    this.#members.delete(peer);
    this.#again.push(...member.owes.keys());
    if (this.#grid === undefined) return;
    this.#grid.remove(member);
    this.#changed(ctx);
  }

  /** What only a source is told. */
  received(
    message: MessageNamed<"relayed" | "accuse" | "halted">,
    from: PeerId,
    ctx: SwarmContext,
  ): void {
    const member = this.#members.get(from);
    if (member === undefined) return;
    if (message.kind === "relayed") this.#relayed(member, message, ctx.now);
    else if (message.kind === "accuse") this.#accuse(from, hex(message.peer) as PeerId, ctx);
    else member.headway.halted(message.why);
  }

  #relayed(member: Member, report: MessageNamed<"relayed">, now: Micros): void {
    for (const block of report.blocks) {
      if (!member.owes.delete(block)) continue;
      this.#relaysBy = -Infinity;
      this.#relayedAt.set(block, now);
    }
    if (report.bytesPerSecond > 0) member.bytesPerSecond = report.bytesPerSecond;
    member.waiting = report.waiting;
    this.uploads.onRoom();
  }

  /** One member says that another one sends wrong blocks; two are believed. */
  #accuse(by: PeerId, peer: PeerId, ctx: SwarmContext): void {
    const accused = this.#members.get(peer);
    if (accused === undefined) return;
    accused.accusers.add(by);
    if (accused.accusers.size < Math.min(limits.COMPLAINTS_NEEDED, this.#members.size - 1)) return;
    this.leave(peer, ctx);
    ctx.ban(peer, "poisoned");
  }

  /** Looks after the blocks that few have. */
  tick(ctx: SwarmContext): void {
    if (ctx.now - this.#reviewedAt < REVIEW_EVERY) return;
    this.#reviewedAt = ctx.now;
    for (const { headway, lane } of this.#members.values()) headway.report(lane, ctx);
    this.#rebalance(ctx);
    this.#review(ctx.now);
    this.uploads.onRoom();
  }

  /** Gives out one block; false where there is none to give, or nobody to take it. */
  give(ctx: SwarmContext): boolean {
    const grid = this.#grid;
    if (grid === undefined) return false;
    const isFirst = ctx.now < this.#relaysBy || this.#crowd.isComing(ctx.now);
    if (isFirst && this.uploads.underWay.total >= AT_FIRST) return false;
    const owner = this.#nextOwner(ctx);
    if (owner === undefined) return false;
    const index = this.#again.shift() ??
      (this.#next < this.content.blocks ? this.#next++ : this.#slowest(owner));
    if (index === undefined) return false;
    this.content.givenAt = this.#next < this.content.blocks ? ctx.now : -Infinity;
    this.#relaysBy = Math.min(this.#relaysBy, ctx.now + FIRST_WITHIN);
    owner.owes.set(index, ctx.now);
    owner.givenAt = ++this.#given;
    const what = { index, spread: grid.dimensions, epoch: this.#epoch };
    this.uploads.add(owner.lane, FORWARD, what);
    this.uploads.pump(ctx);
    return true;
  }

  /**
   * When all blocks are out: one that its owner will be long in relaying, for a faster member to
   * relay as well (the backup tasks of Dean and Ghemawat 2004). Each block once.
   */
  #slowest(helper: Member): number | undefined {
    if (helper.owes.size > 0) return undefined;
    let latest = BACKUP_WORTH * this.#finishOf(helper, 1);
    let found: number | undefined;
    for (const member of this.#members.values()) {
      let position = 0;
      for (const block of member.owes.keys()) {
        const finish = this.#finishOf(member, ++position);
        if (finish <= latest || this.#backedUp.has(block)) continue;
        latest = finish;
        found = block;
      }
    }
    if (found !== undefined) this.#backedUp.add(found);
    return found;
  }

  #nextOwner(ctx: SwarmContext): Member | undefined {
    let best: Member | undefined;
    const latest = this.#latestFinish();
    for (const member of this.#members.values()) {
      if (this.#finishOf(member, member.owes.size + 1) > latest) continue;
      if (member.relays.length === 0) continue; // it has not been told yet to whom it relays
      if (member.headway.isHalted) continue; // its disk takes nothing
      if (member.owes.size >= OWED_AT_MOST) continue;
      if (member.lane.uploads[FORWARD].length > 0) continue;
      if (!ctx.isLinked(member.peer) || this.uploads.underWay.countTo(member.peer) > 1) continue;
      if (best === undefined || isBetter(member, best)) best = member;
    }
    return best;
  }

  /** Seconds until a member has relayed so many blocks; nothing is known of its uplink: 0. */
  #finishOf({ bytesPerSecond }: Member, blocks: number): number {
    if (bytesPerSecond === 0) return 0;
    const { blockBytes } = this.content.manifest!;
    return blocks * blockBytes * Math.max(1, this.#members.size - 1) / bytesPerSecond;
  }

  /**
   * When a block given now should be relayed at the latest: when all the others will be. So slow
   * owners get no more blocks towards the end.
   */
  #latestFinish(): number {
    let all = 0, fastest = 0;
    for (const { bytesPerSecond } of this.#members.values()) {
      if (bytesPerSecond === 0) return Infinity;
      all += bytesPerSecond;
      fastest = Math.max(fastest, bytesPerSecond);
    }
    const copy = this.content.manifest!.blockBytes * this.#members.size;
    return (this.content.blocks - this.#next) * copy / all + 2 * copy / fastest;
  }

  /** Plans once those that come together have come: called when that may be so. */
  gathered(ctx: SwarmContext): void {
    const wait = this.#crowd.waits(ctx.now);
    if (wait === undefined) return;
    if (wait > 0) return this.#planLater(ctx, wait);
    this.#plan(ctx);
  }

  #planLater(ctx: SwarmContext, after: Micros): void {
    ctx.wake(`${PLAN_TIMER}${this.content.key}`, after);
  }

  #changed(ctx: SwarmContext): void {
    if (this.#crowd.changed(ctx.now)) this.#planLater(ctx, GATHER);
  }

  #plan(ctx: SwarmContext): void {
    const members = [...this.#members.values()];
    if (members.length === 0) {
      this.#grid = undefined;
      return;
    }
    const fresh = this.#grid === undefined || this.#grid.outgrown(members.length);
    if (fresh) this.#grid = new Grid(byRate(members), this.content.blocks);
    else {
      const placed = new Set(this.#grid!.members());
      for (const member of members) if (!placed.has(member)) this.#grid!.add(member);
    }
    this.#announce(ctx);
    if (this.#planned++ === 0) this.#givePages(ctx);
    this.uploads.onRoom();
  }

  #announce(ctx: SwarmContext): void {
    const grid = this.#grid!;
    this.#epoch++;
    const relays = new Map(grid.members().map((member) => [member, grid.relaysOf(member)]));
    // The order in which owners are first served: neighbours in it stand in different columns.
    let given = this.#given;
    for (const [member, dimensions] of relays) {
      if (member.givenAt === 0) member.givenAt = ++given - relays.size * 2;
      const changes = dimensions.map((mates, at) => {
        const before = member.relays[at] ?? [];
        return {
          drop: before.filter((mate) => !mates.includes(mate)).map((mate) => unhex(mate.peer)!),
          add: mates.filter((mate) => !before.includes(mate)).map((mate) => ({
            ...mate.keys,
            address: mate.address,
            dial: !relays.get(mate)?.some((list) => list.includes(member)) ||
              member.peer < mate.peer,
          } satisfies Mate)),
        };
      });
      member.relays = dimensions;
      if (changes.every(({ drop, add }) => drop.length + add.length === 0)) continue;
      const about = { content: this.content.id, epoch: this.#epoch, given: this.#next };
      ctx.send(member.peer, { kind: "plan", ...about, dimensions: changes });
    }
  }

  #givePages(ctx: SwarmContext): void {
    const grid = this.#grid!;
    const members = grid.members();
    for (let page = 0; page < this.content.pages; page++) {
      const owner = members[page % members.length]!;
      const what = { index: page, isPage: true, spread: grid.dimensions, epoch: this.#epoch };
      this.uploads.add(owner.lane, FORWARD, what);
    }
    this.uploads.pump(ctx);
  }

  /** Once their uplinks are known to differ, members of like uplink come to stand together. */
  #rebalance(ctx: SwarmContext): void {
    if (this.#balanced || this.#grid === undefined || this.#grid.dimensions < 2) return;
    const rates = [...this.#members.values()].map((member) => member.bytesPerSecond);
    const known = rates.filter((rate) => rate > 0);
    if (known.length * 10 < rates.length * 9) return;
    this.#balanced = true;
    if (!areUnlike(known)) return;
    this.#grid = new Grid(byRate([...this.#members.values()]), this.content.blocks);
    this.#announce(ctx);
  }

  /**
   * Finds blocks that their owners say they have relayed, or have kept silent about for long, and
   * that few have got: the owner lies or is stuck, or its relays were lost. They get another owner.
   */
  #review(now: Micros): void {
    for (const [block, relayedAt] of this.#relayedAt) {
      if (this.#haveIt(block) < SPREAD) continue;
      this.#relayedAt.delete(block);
      this.#spreadAt = Math.max(this.#spreadAt, relayedAt);
    }
    for (const [block, relayedAt] of this.#relayedAt) {
      const isOvertaken = this.#spreadAt - relayedAt >= OVERTAKEN_BY;
      if (!isOvertaken && now - relayedAt < STUCK_AFTER) break; // oldest first
      this.#relayedAt.delete(block);
      if (this.#isLost(block)) this.#again.push(block);
    }
    for (const member of this.#members.values()) {
      for (const [block, since] of member.owes) {
        if (now - since < STUCK_AFTER + 2e6 * this.#finishOf(member, OWED_AT_MOST)) break;
        member.owes.delete(block);
        if (this.#isLost(block)) this.#again.push(block);
      }
    }
  }

  /** Nearly nobody has it. */
  #isLost(block: number): boolean {
    return this.#haveIt(block) < LOST;
  }

  /** The part of those whose disks take anything that has the block. */
  #haveIt(block: number): number {
    let keeping = 0;
    for (const { headway } of this.#members.values()) if (!headway.isHalted) keeping++;
    return this.content.availability.copies[block]! / Math.max(1, keeping);
  }
}

/** Whoever has less to do; of two alike, whoever was served longer ago. */
function isBetter(one: Member, other: Member): boolean {
  const difference = loadOf(one) - loadOf(other);
  return difference < 0 || (difference === 0 && one.givenAt < other.givenAt);
}

/** Uploads that wait at a member, and those that the blocks it owes may still cause. */
function loadOf({ waiting, owes }: Member): number {
  return waiting + owes.size * UPLOADS_PER_BLOCK;
}

/**
 * Fast ones first, and those of whom nothing is known by name: so the next content of the same lesson goes
 * by the links that are there.
 */
function byRate(members: readonly Member[]): Member[] {
  return members.slice().sort((one, other) =>
    other.bytesPerSecond - one.bytesPerSecond || (one.peer < other.peer ? -1 : 1)
  );
}
