/** People and rooms, as they are listed. */
import type { PeerId, PeerKeys } from "../../core/mod.ts";

/** Somebody this node has heard of. */
export interface Contact {
  readonly peer: PeerId;
  address: string;
  /** The name that they have in our session. */
  who: string | undefined;
  isNeighbour: boolean;
  /** Proved by a link, once there was one. */
  keys: PeerKeys | undefined;
  /** What we are to each other, where anything. */
  standing: "invited" | "friend" | "blocked" | undefined;
  /** Why they are gone; undefined while they are there. */
  gone: string | undefined;
  /** Milliseconds since 1970. */
  seen: number;
}

/** A room that several people write in. */
export interface Room {
  readonly group: string;
  readonly title: string;
  readonly members: readonly PeerId[];
  readonly isIn: boolean;
}
