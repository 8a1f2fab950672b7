/** What neighbours ask for: queued to be served, as far as it is here. */
import type { Content } from "./content.ts";
import { FORWARD, type Lane, SERVE } from "./lane.ts";
import * as limits from "./limits.ts";
import type { Uploads } from "./uploads.ts";
import type { MessageNamed } from "./wire.ts";

/** Does what a neighbour asks; false where it asked for a block that is not here. */
export function serve(
  content: Content,
  lane: Lane,
  message: MessageNamed<"want" | "wantPages" | "unwant">,
  uploads: Uploads,
): boolean {
  if (message.kind === "want") return want(content, lane, message.blocks, uploads);
  if (message.kind === "wantPages") wantPages(content, lane, message.pages, uploads);
  else unwant(lane, message.blocks);
  return true;
}

function want(
  content: Content,
  lane: Lane,
  blocks: readonly number[],
  uploads: Uploads,
): boolean {
  const queue = lane.uploads[SERVE];
  let isHere = true;
  for (const index of blocks) {
    if (index >= content.blocks) continue;
    if (!content.have.has(index)) {
      isHere = false;
      continue;
    }
    // Who asks for what it said it had has lost it: its disk has failed.
    if (lane.has?.remove(index)) content.availability.missed(index);
    if (queue.length >= limits.WANTS) break;
    if (queue.some((upload) => upload.index === index && !upload.isPage)) continue;
    uploads.add(lane, SERVE, { index, spread: 0, epoch: 0 });
  }
  return isHere;
}

function wantPages(
  content: Content,
  lane: Lane,
  pages: readonly number[],
  uploads: Uploads,
): void {
  const queue = lane.uploads[FORWARD];
  for (const page of pages) {
    if (page >= content.pages || !content.hasPage(page)) continue;
    if (queue.some((upload) => upload.isPage && upload.index === page)) continue;
    uploads.add(lane, FORWARD, { index: page, isPage: true, spread: 0, epoch: 0 });
  }
}

/** Takes back what a neighbour has got elsewhere. */
function unwant(lane: Lane, blocks: readonly number[]): void {
  const queue = lane.uploads[SERVE];
  for (const index of blocks) {
    const at = queue.findIndex((upload) => upload.index === index && !upload.isPage);
    if (at >= 0) queue.splice(at, 1);
  }
}
