/** Contents as people see them: what moves, how far it has come, and at whom. */
import type { PeerId } from "../../core/mod.ts";

/** How far somebody is with a content. */
export interface Progress {
  bytes: number;
  /** Bytes a second, lately. */
  speed: number;
  /** Milliseconds since 1970. */
  at: number;
  /** What keeps them from going on. */
  why: string | undefined;
}

/** A content that is shared or fetched here. */
export interface Content {
  readonly content: string;
  title: string;
  bytes: number;
  readonly role: "sharing" | "fetching";
  state: "waiting" | "moving" | "done" | "cancelled";
  readonly own: Progress;
  /** Of those who fetch it from us. */
  readonly others: Map<PeerId, Progress>;
  /** Where it lies, once it is the person's own. */
  paths: readonly string[];
}
