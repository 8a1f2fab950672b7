/** The messages of the last minutes, for neighbours that missed them: bounded by number, bytes and age. */
import type { Micros } from "../../core/mod.ts";
import * as limits from "./limits.ts";
import type { Statement } from "./statement.ts";
import { type Announced, ID_BYTES } from "./wire.ts";

export class Store {
  readonly #byName = new Map<string, Statement>();
  #bytes = 0;
  /** All ids combined by exclusive or: equal stores have equal folds. */
  readonly #folded = new Uint8Array(ID_BYTES);

  get count(): number {
    return this.#byName.size;
  }

  get folded(): Uint8Array {
    return this.#folded.slice();
  }

  get(name: string): Statement | undefined {
    return this.#byName.get(name);
  }

  add(statement: Statement, now: Micros): void {
    this.#byName.set(statement.name, statement);
    this.#bytes += statement.payload.length;
    this.#fold(statement);
    this.expire(now);
  }

  /** Drops what is over the bounds, the oldest first. */
  expire(now: Micros): void {
    for (const statement of this.#byName.values()) {
      const isOld = now - statement.saidAt >= limits.STORED_FOR;
      if (!isOld && this.count <= limits.STORED && this.#bytes <= limits.STORED_BYTES) return;
      this.#byName.delete(statement.name);
      this.#bytes -= statement.payload.length;
      this.#fold(statement);
    }
  }

  /** Everything that is kept, as it is announced to a new neighbour. */
  announced(): readonly Announced[] {
    const all: Announced[] = [];
    for (const { id, hops } of this.#byName.values()) all.push({ id, hops });
    return all;
  }

  #fold({ id }: Statement): void {
    for (let at = 0; at < ID_BYTES; at++) this.#folded[at]! ^= id[at]!;
  }
}
