/**
 * What the disks hold in the end: whoever told that a content is complete has every byte of it.
 *
 * Excused are machines that are down, that have restarted since they told so, and those whose disk
 * has refused a piece or let one rot: they learn of it when they next look.
 */
import type { AppEvent } from "../runtime/core/mod.ts";
import type { Actor } from "./cast.ts";
import type { Disk } from "./disk.ts";
import type { Publication, Published } from "./published.ts";
import type { ClaimResult } from "./record.ts";

interface HoldingsOptions {
  readonly published: Published;
  readonly diskOf: (actor: Actor) => Disk;
  /** Which life a machine is in, 0 for one that is down. */
  readonly lifeOf: (actor: Actor) => number;
  /** The SHA-256 of so many first bytes of a file. */
  readonly hashOf: (handle: string, bytes: number) => string;
}

export class Holdings {
  readonly #options: HoldingsOptions;
  /** By content: in which life each machine said that it has all of it. */
  readonly #completedIn = new Map<string, Map<Actor, number>>();

  constructor(options: HoldingsOptions) {
    this.#options = options;
  }

  told(actor: Actor, event: AppEvent): void {
    if (event.protocol !== "swarm") return;
    if (event.name !== "completed" && event.name !== "cancelled") return;
    const { content } = event as AppEvent & { readonly content: string };
    const lives = this.#completedIn.get(content) ?? new Map<Actor, number>();
    this.#completedIn.set(content, lives);
    if (event.name === "cancelled") lives.delete(actor);
    else lives.set(actor, this.#options.lifeOf(actor));
  }

  /** A claim for each content that anybody completed. */
  results(): ClaimResult[] {
    const found: ClaimResult[] = [];
    for (const [id, lives] of this.#completedIn) {
      const publication = this.#options.published.get(id);
      const claim = publication && this.#result(id, lives, publication);
      if (claim !== undefined) found.push(claim);
    }
    return found;
  }

  #result(
    id: string,
    lives: ReadonlyMap<Actor, number>,
    { title, handle, bytes }: Publication,
  ): ClaimResult | undefined {
    const { published, diskOf, lifeOf, hashOf } = this.#options;
    let due = 0, good = 0;
    const bad: string[] = [];
    for (const [actor, life] of lives) {
      const disk = diskOf(actor);
      if (life !== lifeOf(actor) || disk.isSpoilt) continue;
      due++;
      if (published.isWhole(id, disk.intact())) good++;
      else bad.push(actor.name);
    }
    if (due === 0) return undefined;
    const ok = good === due;
    const name = "every peer holds the same bytes";
    return {
      name: this.#completedIn.size === 1 ? name : `${name}: ${title}`,
      ok,
      target: `all ${due} that have it`,
      actual: ok ? `sha256 ${hashOf(handle, bytes)}` : `${good} of ${due}, not: ${bad.join(" ")}`,
      margin: ok ? 0 : Math.min(-1e-9, good / due - 1),
    };
  }
}
