/** How peers are called before they have a name, and programs that never will have one. */
import type { PeerId } from "../../core/mod.ts";

const OLD = "old/";

/** How an older program is listed among peers. */
export function oldPeer(address: string): PeerId {
  return `${OLD}${address}` as PeerId;
}

/** Where an older program is answered; undefined for peers. */
export function oldAddress(peer: PeerId): string | undefined {
  return peer.startsWith(OLD) ? peer.slice(OLD.length) : undefined;
}

/** How a peer is called before it has a name. */
export function shortName(peer: PeerId): string {
  return oldAddress(peer) ?? peer.slice(0, 8);
}
