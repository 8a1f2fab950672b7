/** Addresses typed by hand, dialled until they answer, and the last neighbours: both outlive a restart. */
import {
  type Address,
  limits as core,
  listOf,
  type Micros,
  minute,
  type PeerId,
  Reader,
  type Saved,
  textUpTo,
  Writer,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";
import type { MembershipContext, View } from "./view.ts";

const addresses = listOf(textUpTo(core.ADDRESS_BYTES), limits.ANCHORS);
/** Neighbours that are remembered over a restart. */
const REMEMBERED = 16;
const REMEMBER_EVERY: Micros = minute;

interface Anchor {
  peer: PeerId | undefined;
  dueAt: Micros;
  wait: Micros;
}

export class Anchors {
  readonly #typed = new Map<Address, Anchor>();
  #rememberedAt: Micros = 0;
  #remembered = "";

  /** Takes up what an earlier boot has left: typed addresses, and neighbours to try once. */
  start(saved: Saved, view: View, ctx: MembershipContext): void {
    for (const address of read(saved.records.get("anchors"))) this.#add(address, ctx.now);
    const remembered = read(saved.records.get("neighbours"));
    this.#remembered = remembered.join();
    for (const address of remembered) view.dial(address, ctx);
    this.#rememberedAt = ctx.now;
  }

  /** False where there are too many. */
  meet(typed: readonly Address[], ctx: MembershipContext): boolean {
    for (const address of typed) this.#add(address, ctx.now);
    if (this.#typed.size > limits.ANCHORS) {
      for (const address of typed) this.#typed.delete(address);
      return false;
    }
    ctx.save("anchors", written([...this.#typed.keys()]));
    return true;
  }

  /** A link was opened to one of the typed addresses. */
  joined(peer: PeerId, address: Address): void {
    const anchor = this.#typed.get(address);
    if (anchor === undefined) return;
    anchor.peer = peer;
    anchor.wait = limits.ANCHOR_RETRY;
  }

  pulse(view: View, ctx: MembershipContext): void {
    for (const [address, anchor] of this.#typed) {
      if (ctx.now < anchor.dueAt || address === ctx.address) continue;
      if (anchor.peer !== undefined && ctx.isLinked(anchor.peer)) continue;
      anchor.dueAt = ctx.now + anchor.wait;
      anchor.wait = Math.min(2 * anchor.wait, limits.ANCHOR_RETRY_MOST);
      view.dial(address, ctx);
    }
    if (ctx.now - this.#rememberedAt >= REMEMBER_EVERY) this.#remember(view, ctx);
  }

  #add(address: Address, now: Micros): void {
    if (this.#typed.has(address)) return;
    this.#typed.set(address, { peer: undefined, dueAt: now, wait: limits.ANCHOR_RETRY });
  }

  #remember(view: View, ctx: MembershipContext): void {
    this.#rememberedAt = ctx.now;
    const neighbours: Address[] = [];
    for (const { address } of view.values()) {
      if (neighbours.length < REMEMBERED) neighbours.push(address);
    }
    if (neighbours.length === 0 || neighbours.join() === this.#remembered) return;
    this.#remembered = neighbours.join();
    ctx.save("neighbours", written(neighbours));
  }
}

function written(list: readonly Address[]): Uint8Array {
  const writer = new Writer();
  addresses.write(writer, list);
  return writer.take();
}

/** What was saved; nothing where the record is damaged. */
function read(bytes: Uint8Array | undefined): readonly Address[] {
  if (bytes === undefined) return [];
  const reader = new Reader(bytes);
  const list = addresses.read(reader);
  return reader.whole ? list : [];
}
