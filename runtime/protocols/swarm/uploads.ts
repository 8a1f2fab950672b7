/**
 * The one uplink of a node, shared between contents, peers and purposes.
 *
 * 1. Every lane that has something to send is kept busy, with one body behind the one on its way.
 *    Then all flows into a downlink get equal shares, and no uplink waits for a crowded one. (Few
 *    flows at a time were tried: 4 cost 25 % of the uplinks, since flows then meet by chance.)
 * 2. The content that has been served least for its priority goes next (start-time fair queueing).
 * 3. Within a content, blocks that are relayed further go before those that are not, and both
 *    before blocks that were asked for; but one in SERVE_EVERY is for those who asked. A source that
 *    still has new blocks to give serves nobody else: its uplink is what all wait for.
 */
import { assert, fileKey, type Micros, type PeerId } from "../../core/mod.ts";
import type { Content, SwarmContext } from "./content.ts";
import type { SwarmEvent } from "./events.ts";
import {
  DELIVER,
  FORWARD,
  type Lane,
  type Owned,
  SERVE,
  type Upload,
  type Urgency,
} from "./lane.ts";
import * as limits from "./limits.ts";
import { blockLength } from "./manifest.ts";
import { untold } from "./telling.ts";
import { SLOTS_PER_PEER, UnderWay } from "./under_way.ts";

const SERVE_EVERY = 8;
const NO_CONTENTS: ReadonlySet<Content> = new Set();
const SERVE_LAST: readonly Urgency[] = [FORWARD, DELIVER, SERVE];
const SERVE_FIRST: readonly Urgency[] = [SERVE, FORWARD, DELIVER];
const SERVE_NEVER: readonly Urgency[] = [FORWARD, DELIVER];
/** A source that gave a new block within this time has better to do than to repeat others. */
const GIVING: Micros = 1_000_000;

/** What is loaded from the disk to be sent. */
interface Loading {
  readonly content: Content;
  readonly lane: Lane;
  readonly upload: Upload;
}

export class Uploads {
  /** Called when everything that the source gave a block for has been relayed. */
  onRelayed: (content: Content, index: number) => void = () => {};
  /** Called after room has come free, to be filled by whoever makes uploads as they are needed. */
  onRoom: () => void = () => {};
  /** Called when the disk does not have a block that it had. */
  onMissed: (content: Content, index: number) => void = () => {};
  readonly underWay = new UnderWay();

  #contents: () => Iterable<Content>;
  #turn = 0;
  #picks = 0;
  #loading = new Map<string, Loading[]>();
  /** Bodies that arrived lately, to be relayed without loading them. */
  #cache = new Map<string, Uint8Array>();
  #cached = 0;

  constructor(contents: () => Iterable<Content>) {
    this.#contents = contents;
  }

  /** Whether any content has to do with a peer. */
  isNeighbour(peer: PeerId): boolean {
    for (const content of this.#contents()) if (content.lanes.has(peer)) return true;
    return false;
  }

  add(
    lane: Lane,
    urgency: Urgency,
    what: { index: number; isPage?: boolean; spread: number; epoch: number; owned?: Owned },
  ): void {
    if (this.underWay.countTo(lane.peer) < SLOTS_PER_PEER) lane.busy.add(lane);
    lane.uploads[urgency].push({
      index: what.index,
      isPage: what.isPage ?? false,
      spread: what.spread,
      epoch: what.epoch,
      turn: this.#turn++,
      owned: what.owned,
    });
  }

  /** Remembers a body for a while, so that relaying it needs no disk. */
  remember(content: Content, index: number, body: Uint8Array): void {
    const key = content.nameOf(index);
    if (this.#cache.has(key)) return;
    this.#cache.set(key, body);
    this.#cached += body.length;
    for (const [oldest, bytes] of this.#cache) {
      if (this.#cached <= limits.CACHE_BYTES) break;
      this.#cache.delete(oldest);
      this.#cached -= bytes.length;
    }
  }

  /** Nobody waits for a body any more: what dies young costs the collector of garbage little. */
  forget(content: Content, index: number): void {
    const key = content.nameOf(index);
    this.#cached -= this.#cache.get(key)?.length ?? 0;
    this.#cache.delete(key);
  }

  /** Sends while there is room. */
  pump(ctx: SwarmContext): void {
    while (this.underWay.hasRoom) {
      const next = this.#next(ctx);
      if (next === undefined) return;
      this.#start(next, ctx);
    }
  }

  /** A body has left this machine. */
  drained(peer: PeerId, queued: number, ctx: SwarmContext): void {
    const count = this.underWay.countTo(peer);
    if (count === 0) return;
    this.underWay.drained(peer, queued === 0 ? count : 1, ctx.now);
    if (count >= SLOTS_PER_PEER) this.#takeUp(peer);
    this.onRoom();
    this.pump(ctx);
  }

  /** A peer has gone: nothing is on its way to it any more. */
  left(peer: PeerId): void {
    this.#release(peer, this.underWay.countTo(peer));
  }

  /** What a lane still had to send will not be sent. */
  abandon(content: Content, lane: Lane): void {
    for (const queue of lane.uploads) {
      for (const upload of queue) this.#settle(content, upload);
      queue.length = 0;
    }
    lane.busy.delete(lane);
  }

  /** A block that a load was for; undefined bytes where the disk does not have it. */
  loaded(key: string, bytes: Uint8Array | undefined, ctx: SwarmContext): void {
    const waiting = this.#loading.get(key);
    if (waiting === undefined) return;
    this.#loading.delete(key);
    for (const { content, lane, upload } of waiting) {
      this.#release(lane.peer, 1);
      // People change files after they have shared them: nobody must be blamed for that.
      const isTrue = !content.isSource ||
        (bytes !== undefined && content.holds(upload.index, bytes, ctx.crypto));
      if (bytes === undefined || !isTrue) this.onMissed(content, upload.index);
      if (bytes === undefined || !isTrue || !ctx.isLinked(lane.peer)) this.#settle(content, upload);
      else this.#send(content, lane, upload, bytes, ctx);
    }
    this.onRoom();
    this.pump(ctx);
  }

  #next(ctx: SwarmContext): Loading | undefined {
    const usual = ++this.#picks % SERVE_EVERY === 0 ? SERVE_FIRST : SERVE_LAST;
    let passed = NO_CONTENTS;
    for (;;) {
      const content = this.#leastServed(passed);
      if (content === undefined) return undefined;
      const isGiving = ctx.now - content.givenAt < GIVING;
      const lane = this.#oldest(content, isGiving ? SERVE_NEVER : usual, ctx);
      if (lane !== undefined) {
        return { content, lane, upload: lane.uploads[this.#found].shift()! };
      }
      passed = new Set(passed).add(content);
    }
  }

  #leastServed(passed: ReadonlySet<Content>): Content | undefined {
    let least: Content | undefined;
    for (const content of this.#contents()) {
      if (content.busy.size === 0 || passed.has(content)) continue;
      if (least === undefined || content.served < least.served) least = content;
    }
    return least;
  }

  #found: Urgency = SERVE;

  /** The lane with room whose upload has waited longest, within the first urgency that has any. */
  #oldest(content: Content, urgencies: readonly Urgency[], ctx: SwarmContext): Lane | undefined {
    let found: Lane | undefined;
    let foundRank = urgencies.length, foundTurn = 0;
    for (const lane of content.busy) {
      if (!ctx.isLinked(lane.peer)) continue;
      for (let rank = 0; rank <= foundRank && rank < urgencies.length; rank++) {
        const queue = lane.uploads[urgencies[rank]!];
        this.#skipNeedless(content, lane, queue);
        const first = queue[0];
        if (first === undefined) continue;
        if (rank < foundRank || first.turn < foundTurn) {
          found = lane;
          foundRank = rank;
          foundTurn = first.turn;
        }
        break;
      }
      if (lane.waiting === 0) content.busy.delete(lane);
    }
    if (found !== undefined) this.#found = urgencies[foundRank]!;
    return found;
  }

  /** Drops from the front what the peer has got meanwhile, unless it must relay it. */
  #skipNeedless(content: Content, lane: Lane, queue: Upload[]): void {
    while (queue.length > 0) {
      const first = queue[0]!;
      if (first.isPage || first.spread > 0 || !lane.hasBlock(first.index)) return;
      queue.shift();
      this.#settle(content, first);
    }
  }

  #start(next: Loading, ctx: SwarmContext): void {
    const { content, lane, upload } = next;
    if (upload.isPage) return this.#sendPage(content, lane, upload, ctx);
    content.served += content.lengthOf(upload.index) / content.priority;
    const key = content.nameOf(upload.index);
    const cached = this.#cache.get(key);
    if (cached !== undefined) return this.#send(content, lane, upload, cached, ctx);
    this.#occupy(lane.peer, 0, ctx.now);
    const { handle, manifest } = content;
    const loadKey = handle === undefined ? key : this.#fileKeyOf(content, upload.index);
    const waiting = this.#loading.get(loadKey);
    if (waiting !== undefined) {
      waiting.push(next);
      return;
    }
    this.#loading.set(loadKey, [next]);
    if (handle === undefined) ctx.load(key);
    else {
      const length = blockLength(manifest!, upload.index);
      ctx.read(handle, upload.index * manifest!.blockBytes, length);
    }
  }

  #fileKeyOf(content: Content, index: number): string {
    const { blockBytes } = content.manifest!;
    return fileKey(content.handle!, index * blockBytes, blockLength(content.manifest!, index));
  }

  #send(
    content: Content,
    lane: Lane,
    upload: Upload,
    body: Uint8Array,
    ctx: SwarmContext,
  ): void {
    const { index, spread, epoch } = upload;
    const haves = untold(content, lane);
    lane.toldAt = ctx.now;
    ctx.send(lane.peer, { kind: "block", content: content.id, index, spread, epoch, haves }, body);
    this.#given(content, lane, body.length, ctx);
    this.#settle(content, upload);
  }

  #sendPage(content: Content, lane: Lane, upload: Upload, ctx: SwarmContext): void {
    const { index, spread, epoch } = upload;
    const { leaves, proof } = content.page(index);
    const message = {
      kind: "page",
      content: content.id,
      page: index,
      spread,
      epoch,
      proof,
    } as const;
    ctx.send(lane.peer, message, leaves);
    this.#given(content, lane, leaves.length, ctx);
  }

  /** A body goes out; the source's are worth telling: they are what it costs to share. */
  #given(content: Content, lane: Lane, bytes: number, ctx: SwarmContext): void {
    this.#occupy(lane.peer, bytes, ctx.now);
    if (!content.isSource) return;
    ctx.tell({ protocol: "swarm", name: "served", content: content.key, bytes } as SwarmEvent);
  }

  /** An upload is over, one way or another: its owner's count goes down. */
  #settle(content: Content, { owned }: Upload): void {
    if (owned === undefined) return;
    owned.left--;
    assert(owned.left >= 0, "a block is relayed to no more peers than planned");
    if (owned.left === owned.spare) this.onRelayed(content, owned.index);
    if (owned.left === 0) this.forget(content, owned.index);
  }

  #occupy(peer: PeerId, bytes: number, now: Micros): void {
    this.underWay.add(peer, bytes, now);
    if (this.underWay.countTo(peer) === SLOTS_PER_PEER) this.#setAside(peer);
  }

  /** A peer to which enough is on its way has its lanes looked at again when some of that has left. */
  #setAside(peer: PeerId): void {
    for (const { lanes, busy } of this.#contents()) {
      const lane = lanes.get(peer);
      if (lane !== undefined) busy.delete(lane);
    }
  }

  #takeUp(peer: PeerId): void {
    for (const { lanes, busy } of this.#contents()) {
      const lane = lanes.get(peer);
      if (lane !== undefined && lane.waiting > 0) busy.add(lane);
    }
  }

  /** So many bodies to a peer will not leave. */
  #release(peer: PeerId, count: number): void {
    const before = this.underWay.countTo(peer);
    this.underWay.remove(peer, count);
    if (before >= SLOTS_PER_PEER) this.#takeUp(peer);
  }
}
