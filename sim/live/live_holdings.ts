/** What the inboxes hold in the end: whoever told that a content is complete has its very bytes. */
import { createHash } from "node:crypto";
import type { AppEvent } from "../../runtime/core/mod.ts";
import type { Actor } from "../cast.ts";
import type { ClaimResult } from "../record.ts";

/** A content as its source has shared it. */
interface Published {
  readonly title: string;
  readonly handle: string;
  readonly bytes: number;
}

export class LiveHoldings {
  readonly #published = new Map<string, Published>();
  /** By content: who has completed it, and where it lies since then, once it does. */
  readonly #paths = new Map<string, Map<Actor, readonly string[]>>();
  readonly #troubles: string[] = [];
  #results: ClaimResult[] = [];

  told(actor: Actor, event: AppEvent): void {
    const { content, paths = [], words = "" } = event as AppEvent & {
      readonly content?: string;
      readonly paths?: readonly string[];
      readonly words?: string;
    };
    const fact = `${event.protocol} ${event.name}`;
    if (fact === "host trouble") this.#troubles.push(`${actor.name}: ${words}`);
    if (content === undefined) return;
    if (fact === "swarm shared") this.#published.set(content, event as AppEvent & Published);
    else if (fact === "swarm cancelled") this.#paths.get(content)?.delete(actor);
    else if (fact === "swarm completed" || fact === "host received") {
      const held = this.#paths.get(content) ?? new Map<Actor, readonly string[]>();
      this.#paths.set(content, held.set(actor, paths));
    }
  }

  /** Reads everything that should be there. `hashOf` gives the SHA-256 of so much of a file. */
  async check(hashOf: (handle: string, bytes: number) => string): Promise<void> {
    this.#results = this.#troubles.slice(0, 20).map((actual) => ({
      name: "always: disks do as they are told",
      ok: false,
      target: "always",
      actual,
      margin: -1,
    }));
    for (const [content, held] of this.#paths) {
      const published = this.#published.get(content);
      held.forEach((paths, actor) =>
        paths.length === 0 && published === undefined && held.delete(actor)
      );
      if (published !== undefined && held.size > 0) {
        this.#results.push(
          await this.#check(published, held, hashOf(published.handle, published.bytes)),
        );
      }
    }
  }

  results(): readonly ClaimResult[] {
    return this.#results;
  }

  async #check(
    { title }: Published,
    held: ReadonlyMap<Actor, readonly string[]>,
    expected: string,
  ): Promise<ClaimResult> {
    const bad: string[] = [];
    for (const [actor, paths] of held) {
      if (paths.length === 0 || await hashOfFiles(paths) !== expected) bad.push(actor.name);
    }
    const name = "every peer holds the same bytes";
    const good = held.size - bad.length;
    return {
      name: this.#paths.size === 1 ? name : `${name}: ${title}`,
      ok: bad.length === 0,
      target: `all ${held.size} that have it`,
      actual: bad.length === 0
        ? `sha256 ${expected}`
        : `${good} of ${held.size}, not: ${bad.join(" ")}`,
      margin: bad.length === 0 ? 0 : Math.min(-1e-9, good / held.size - 1),
    };
  }
}

/** Of files one after another; what is not there has no bytes. */
async function hashOfFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) {
    const file = await Deno.open(path).catch(() => undefined);
    if (file === undefined) return "";
    for await (const chunk of file.readable) hash.update(chunk);
  }
  return hash.digest("hex");
}
