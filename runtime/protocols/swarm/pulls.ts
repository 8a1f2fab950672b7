/**
 * Pulling, the repair path: what no relay will bring is asked for, rarest first.
 *
 * 1. The first neighbour to tell of a block promises it: it stands before us in the block's tree.
 *    While it lives and brings blocks, nothing it has promised is asked for, however slow it is.
 *    (Asking for what was late by the clock was tried: it doubled the traffic.)
 * 2. Promises of a neighbour that is lost, or that brings nothing for a while, are void.
 * 3. When nothing at all comes in any more, all that is missing is asked for: the endgame.
 * 4. A block is asked of one neighbour at a time. Only one that does not answer is asked again
 *    elsewhere, and it is told so: an endgame without waste.
 * 5. The source is asked last, and only for what nobody else has, or gives.
 */
import type { Micros } from "../../core/mod.ts";
import type { Bitmap } from "./bitmap.ts";
import type { Content, SwarmContext } from "./content.ts";
import type { Lane } from "./lane.ts";

/** A neighbour that brings nothing for this long promises nothing. */
const SILENT_AFTER: Micros = 20_000_000;
/** No relay coming in is unusual after three times the longest usual pause, but not before this. */
const LEAST_PAUSE: Micros = 600_000;
const FIRST_PAUSE: Micros = 1_500_000;
/** With all but one in so many blocks here, a shorter pause already means that the relays are done. */
const NEARLY_ALL = 20;
const NEARLY_STILL: Micros = 80_000;
/** Blocks sought at once while nothing is relayed: few at first, it may be a false alarm. */
const ENDGAME_BLOCKS = 8, MOST_ENDGAME_BLOCKS = 4096;
/** A request unanswered for this long is asked elsewhere; longer each time it happens. */
const ANSWER_WITHIN: Micros = 2_000_000;
/** So few missing blocks are asked elsewhere sooner: one slow uplink must not hold up the end. */
const LAST_BLOCKS = 8;
const LAST_WITHIN: Micros = 200_000;
/** An answer within this time leaves room for more: the window follows the rate. */
const PROMPT: Micros = 250_000;
const LEAST_WINDOW = 2, MOST_WINDOW = 16;
/** Blocks asked for and not here, in all: what 100 Mbit/s brings in a third of a second. */
const OUTSTANDING = 32;
const REFUSALS_A_TICK = 64;
const PAGES_EVERY: Micros = 400_000;
/** The source has its pages relayed: asked by all, it would send them a tenth of a content more. */
const SOURCE_PAGES_AFTER: Micros = 1_500_000;
/** A block that is older than this and that no neighbour has told of has lost its owner. */
const FORGOTTEN_AFTER: Micros = 4_000_000;
/** The source, if it lives, gives again within this time: until then nobody asks for what comes next. */
const GIVES_AGAIN_WITHIN: Micros = 8_000_000;
/** The source is asked after a pause that differs from peer to peer, so that one can tell others. */
const SOURCE_WAIT = 400_000;

export class Pulls {
  /** By block: the neighbour that has promised it. */
  #promisedBy: (Lane | undefined)[] = [];
  /** Whom each requested block was asked of. */
  #askedOf = new Map<number, Lane>();
  /** When a block last came that was not asked for, stragglers left out. */
  #relayedAt: Micros;
  /** The same with stragglers. */
  #latestAt: Micros;
  /** Between two that came so, of late: what was unusual long ago is forgotten. */
  #longestPause: Micros = 0;
  /** Blocks to seek when nothing is relayed any more. */
  #eagerness = ENDGAME_BLOCKS;
  #relays = 0;
  #pagesAfter: Micros;
  #sourcePagesAfter: Micros;
  #sourceAfter: Micros = 0;
  /** The latest block that the source has given to anybody we know. */
  #given = -1;
  /** The latest block that has come, as of the last look: all before it should be about. */
  #front = 0;
  #frontAt: Micros;
  #logSeen = 0;
  #checkedTo = 0;

  constructor(readonly content: Content, now: Micros) {
    this.#relayedAt = this.#latestAt = this.#frontAt = now;
    this.#pagesAfter = now + PAGES_EVERY;
    this.#sourcePagesAfter = now + SOURCE_PAGES_AFTER;
  }

  /** A neighbour has told that it has a block. */
  heard(lane: Lane, block: number): void {
    if (lane.has === undefined || !lane.has.add(block)) return;
    const { availability, have, relayedFrom } = this.content;
    availability.gained(block);
    if (lane.isSource) return;
    this.#given = Math.max(this.#given, block);
    if (have.has(block)) return;
    if (block >= (relayedFrom ?? 0)) this.#promisedBy[block] ??= lane;
    else if (this.#promisedBy[block] === undefined) this.#seek(block);
  }

  /**
   * All that a neighbour has, told at once. What was given before the source planned for us is sought now;
   * later blocks are on their way here as well, unless its link was broken meanwhile.
   */
  heardAll(lane: Lane, isAgain: boolean): void {
    const { content } = this;
    const has = lane.has!;
    for (let block = 0; block < has.length; block++) {
      if (!has.has(block)) continue;
      content.availability.gained(block);
      if (!lane.isSource) this.#given = Math.max(this.#given, block);
    }
    if (lane.isSource) return;
    const from = isAgain ? has.length : Math.min(content.relayedFrom ?? 0, has.length);
    this.#seekAll(has, from);
    for (let block = from; block < has.length; block++) {
      if (has.has(block) && !content.have.has(block)) this.#promisedBy[block] ??= lane;
    }
  }

  /** The source has planned for us: what it gave before nobody will relay to us, so it is sought. */
  planned(given: number): void {
    const { content } = this, { lanes, blocks } = content;
    if ((content.relayedFrom ?? Infinity) < Infinity) return;
    content.relayedFrom = given;
    const upTo = Math.min(given, blocks);
    this.#promisedBy.fill(undefined, 0, upTo);
    for (const { has, isSource } of lanes.values()) {
      if (has !== undefined && !isSource) this.#seekAll(has, upTo);
    }
  }

  /** A source that sends nothing by itself is a neighbour like any other. */
  alone(lane: Lane): void {
    lane.isSource = false;
    this.content.relayedFrom ??= Infinity;
    if (lane.has !== undefined) this.#seekAll(lane.has, lane.has.length);
  }

  #seekAll(has: Bitmap, upTo: number): void {
    for (let block = 0; block < upTo; block++) {
      if (has.has(block) && this.#promisedBy[block] === undefined) this.#seek(block);
    }
  }

  /** A block has come, from a neighbour: by a relay, or because it was asked for. */
  arrived(block: number, from: Lane | undefined, mayAsk: boolean, ctx: SwarmContext): void {
    const { now } = ctx;
    this.#promisedBy[block] = undefined;
    const asked = this.#askedOf.get(block);
    if (asked === undefined) return this.#relayed(now);
    this.#askedOf.delete(block);
    const askedAt = asked.asked.get(block)!;
    asked.asked.delete(block);
    if (asked !== from) {
      ctx.send(asked.peer, { kind: "unwant", content: this.content.id, blocks: [block] });
      return;
    }
    from.failures = 0;
    const change = now - askedAt < PROMPT ? 1 : -1;
    from.window = Math.max(LEAST_WINDOW, Math.min(MOST_WINDOW, from.window + change));
    const isShort = this.content.availability.sought > 0 && 2 * from.asked.size <= from.window;
    if (mayAsk && isShort) this.#ask(ctx);
  }

  /** One that comes long after the others is a straggler: the endgame goes on. */
  #relayed(now: Micros): void {
    const pause = this.#relays++ === 0 ? 0 : now - this.#latestAt;
    this.#latestAt = now;
    const isStraggler = pause > this.#patience;
    const learnt = isStraggler ? LEAST_PAUSE : pause;
    this.#longestPause = Math.max(learnt, Math.floor(this.#longestPause * 63 / 64));
    if (isStraggler) return;
    this.#relayedAt = now;
    this.#eagerness = ENDGAME_BLOCKS;
  }

  /** How long no relay may come in before that is unusual. */
  get #patience(): Micros {
    return this.#relays === 0 ? FIRST_PAUSE : Math.max(LEAST_PAUSE, 3 * this.#longestPause);
  }

  /** A neighbour has gone: what it owed and what it had promised is sought elsewhere. */
  lost(lane: Lane): void {
    for (const block of lane.asked.keys()) this.#askedOf.delete(block);
    if (lane.has !== undefined) this.content.availability.lost(lane.has);
    lane.has = undefined;
    this.#voidPromises(lane);
    for (const block of lane.asked.keys()) this.#seek(block);
    lane.asked.clear();
  }

  /** A block that was here is not: nobody will bring it again by himself. */
  missed(block: number): void {
    this.#seek(block);
  }

  /** Looks for what nobody will bring, and asks for it. */
  tick(ctx: SwarmContext): void {
    if (this.content.have.full) return;
    this.#giveUpOnSilent(ctx);
    this.#findForgotten(ctx);
    if (this.#isStill(ctx.now)) this.#seekSome(ctx.now);
    this.#askForPages(ctx);
    if (this.content.availability.sought > 0) this.#ask(ctx);
  }

  #seek(block: number): void {
    const { have, availability } = this.content;
    if (!have.has(block) && !this.#askedOf.has(block)) availability.seek(block);
  }

  #voidPromises(lane: Lane): void {
    this.#promisedBy.forEach((promiser, block) => {
      if (promiser !== lane) return;
      this.#promisedBy[block] = undefined;
      this.#seek(block);
    });
  }

  #isStill(now: Micros): boolean {
    const { have, blocks } = this.content;
    const still = now - this.#relayedAt;
    if (have.count >= blocks - blocks / NEARLY_ALL) {
      return still > NEARLY_STILL + this.#longestPause;
    }
    return still > this.#patience;
  }

  /** A few of the blocks that are promised, oldest first; more each time that most of them came. */
  #seekSome(now: Micros): void {
    const { availability, have } = this.content;
    // What the source has given to nobody yet is on its turn: asked for one by one, it would go to each.
    const isWaiting = now - this.#relayedAt > GIVES_AGAIN_WITHIN;
    const blocks = isWaiting ? this.content.blocks : Math.min(this.#given + 1, this.content.blocks);
    if (availability.sought > 0 || 2 * this.#askedOf.size >= this.#eagerness) return;
    let found = 0;
    const most = this.#eagerness;
    this.#eagerness = Math.min(2 * most, MOST_ENDGAME_BLOCKS);
    for (let block = 0; block < blocks && found < most; block++) {
      if (have.has(block) || availability.copies[block] === 0 || this.#askedOf.has(block)) continue;
      availability.seek(block);
      found++;
    }
  }

  #giveUpOnSilent(ctx: SwarmContext): void {
    const { have, blocks } = this.content;
    const within = blocks - have.count <= LAST_BLOCKS ? LAST_WITHIN : ANSWER_WITHIN;
    for (const lane of this.content.lanes.values()) {
      if (ctx.now - lane.broughtAt > SILENT_AFTER && lane.broughtAt > 0) {
        lane.broughtAt = 0;
        this.#voidPromises(lane);
      }
      if (lane.asked.size === 0) continue;
      let silent: number[] | undefined;
      for (const [block, at] of lane.asked) {
        if (ctx.now - at <= within * (1 + Math.min(lane.failures, 4))) break; // oldest first
        (silent ??= []).push(block);
      }
      if (silent === undefined) continue;
      lane.failures++;
      lane.window = LEAST_WINDOW;
      for (const block of silent) {
        lane.asked.delete(block);
        this.#askedOf.delete(block);
        this.#seek(block);
      }
      ctx.send(lane.peer, { kind: "unwant", content: this.content.id, blocks: silent });
    }
  }

  /** Blocks of which no neighbour has told, though the source has long gone on to later ones. */
  #findForgotten(ctx: SwarmContext): void {
    if (ctx.now < this.#frontAt + FORGOTTEN_AFTER) return;
    const { have, availability, log } = this.content;
    const upTo = this.#front;
    for (; this.#logSeen < log.length; this.#logSeen++) {
      this.#front = Math.max(this.#front, log[this.#logSeen]!);
    }
    this.#frontAt = ctx.now;
    let found = false;
    for (; this.#checkedTo < upTo; this.#checkedTo++) {
      const block = this.#checkedTo;
      if (have.has(block) || this.#askedOf.has(block)) continue;
      if (this.#promisedBy[block] !== undefined) continue;
      availability.seek(block);
      found = true;
    }
    if (found) this.#sourceAfter = ctx.now + ctx.random.below(SOURCE_WAIT);
  }

  #askForPages(ctx: SwarmContext): void {
    const { content } = this;
    if (ctx.now < this.#pagesAfter) return;
    const pages = content.missingPages;
    this.#pagesAfter = ctx.now + PAGES_EVERY;
    if (pages.length === 0) return;
    const isRelayed = ctx.now < this.#sourcePagesAfter;
    const lanes = [...content.lanes.values()].filter((lane) =>
      lane.has !== undefined && lane.has.count > 0 && ctx.isLinked(lane.peer) &&
      !(lane.isSource && isRelayed)
    );
    if (lanes.length === 0) return;
    const lane = ctx.random.pick(lanes);
    ctx.send(lane.peer, { kind: "wantPages", content: content.id, pages: pages.slice(0, 4) });
  }

  #ask(ctx: SwarmContext): void {
    const { content } = this;
    const takers = [...content.lanes.values()].filter((lane) =>
      lane.has !== undefined && ctx.isLinked(lane.peer) && lane.asked.size < lane.window
    );
    if (takers.length === 0 || this.#askedOf.size >= OUTSTANDING) return;
    const orders = new Map<Lane, number[]>();
    const take = (block: number): boolean => {
      const lane = this.#askedOf.size < OUTSTANDING
        ? this.#bestFor(block, takers, ctx.now)
        : undefined;
      if (lane === undefined) return false;
      lane.asked.set(block, ctx.now);
      this.#askedOf.set(block, lane);
      const blocks = orders.get(lane);
      if (blocks === undefined) orders.set(lane, [block]);
      else blocks.push(block);
      return true;
    };
    content.availability.offer(take, REFUSALS_A_TICK, ctx.random);
    for (const [lane, blocks] of orders) {
      ctx.send(lane.peer, { kind: "want", content: content.id, blocks });
    }
  }

  /** Somebody else says that it has the block, and has not failed to answer lately. */
  #isElsewhere(block: number): boolean {
    if (this.content.availability.copies[block]! <= 1) return false;
    for (const lane of this.content.lanes.values()) {
      if (!lane.isSource && lane.failures === 0 && lane.hasBlock(block)) return true;
    }
    return false;
  }

  #bestFor(block: number, takers: readonly Lane[], now: Micros): Lane | undefined {
    let best: Lane | undefined;
    for (const lane of takers) {
      if (!lane.hasBlock(block) || lane.asked.size >= lane.window) continue;
      if (lane.isSource && (now < this.#sourceAfter || this.#isElsewhere(block))) continue;
      if (best === undefined || isBetter(lane, best)) best = lane;
    }
    return best;
  }
}

/** Whoever has failed less often; of two alike, whoever owes less. */
function isBetter(one: Lane, other: Lane): boolean {
  const difference = one.failures - other.failures;
  return difference < 0 || (difference === 0 && one.asked.size < other.asked.size);
}
