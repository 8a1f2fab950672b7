/** How neighbours learn what is here: all of it once for each link, then each block, with others that go there. */
import { type Micros, second } from "../../core/mod.ts";
import type { Content, SwarmContext } from "./content.ts";
import type { Lane } from "./lane.ts";
import * as limits from "./limits.ts";

/** Neighbours that get no block for this long are told what we have; many of them, so many a second. */
export const TELL_EVERY: Micros = 500_000;
const TOLD_PER_SECOND = 10;

/** Says what is here, once for each link. */
export function introduce(content: Content, lane: Lane, ctx: SwarmContext): void {
  if (lane.introduced || content.manifest === undefined || !ctx.isLinked(lane.peer)) return;
  lane.introduced = true;
  lane.told = content.log.length;
  lane.toldAt = ctx.now;
  ctx.send(lane.peer, { kind: "has", content: content.id, blocks: content.have.bytes.slice() });
}

/** Neighbours to whom no block goes learn what is here all the same. */
export function tellHaves(content: Content, every: Micros, ctx: SwarmContext): void {
  const many = every && content.lanes.size * second / TOLD_PER_SECOND;
  for (const lane of content.lanes.values()) {
    if (!lane.introduced || lane.told === content.log.length) continue;
    if (ctx.now - lane.toldAt < Math.max(every, lane.isSource ? 0 : many)) continue;
    lane.toldAt = ctx.now;
    for (let haves = untold(content, lane); haves.length > 0; haves = untold(content, lane)) {
      ctx.send(lane.peer, { kind: "haves", content: content.id, haves });
    }
  }
}

/**
 * What a neighbour has not been told that we have, and does not have itself; it is told now. The
 * source is told all: it watches how far each block has spread.
 */
export function untold(content: Content, lane: Lane): number[] {
  const { log } = content;
  const has = lane.isSource ? undefined : lane.has;
  const haves: number[] = [];
  while (lane.told < log.length && haves.length < limits.HAVES) {
    const block = log[lane.told++]!;
    if (has === undefined || !has.has(block)) haves.push(block);
  }
  return haves;
}
