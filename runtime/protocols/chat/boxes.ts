/** Who keeps letters for whom: this device's own mailboxes, and those that others have told of. */
import { type Context, listOf, type PeerId, Reader, struct, Writer } from "../../core/mod.ts";
import { type Box, boxSchema } from "../mailbox/mod.ts";
import * as limits from "./limits.ts";

const record = struct({ boxes: listOf(boxSchema, limits.BOXES) });
const NONE: readonly Box[] = [];

export class Boxes {
  /** This device's own. */
  own: readonly Box[] = NONE;
  readonly #of = new Map<PeerId, readonly Box[]>();

  of(peer: PeerId): readonly Box[] {
    return this.#of.get(peer) ?? NONE;
  }

  /** They have told of them. */
  note(peer: PeerId, boxes: readonly Box[], ctx: Pick<Context, "save">): void {
    const before = bytesOf(this.of(peer)), now = bytesOf(boxes);
    if (before.toString() === now.toString()) return;
    this.#of.delete(peer);
    if (boxes.length > 0) this.#of.set(peer, boxes);
    ctx.save(`boxes/${peer}`, boxes.length > 0 ? now : undefined);
    for (const oldest of this.#of.keys()) {
      if (this.#of.size <= limits.CORRESPONDENTS) break;
      this.#of.delete(oldest);
      ctx.save(`boxes/${oldest}`, undefined);
    }
  }

  /** Takes up a record of an earlier boot; false where it cannot be read. */
  restore(peer: PeerId, bytes: Uint8Array): boolean {
    const reader = new Reader(bytes);
    const { boxes } = record.read(reader);
    if (reader.whole) this.#of.set(peer, boxes);
    return reader.whole;
  }
}

function bytesOf(boxes: readonly Box[]): Uint8Array {
  const writer = new Writer();
  record.write(writer, { boxes });
  return writer.take();
}
