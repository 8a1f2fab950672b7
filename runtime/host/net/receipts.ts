/**
 * Receipts that wait a moment for something to go with, or for a second body: as TCP delays its own
 * acknowledgements (RFC 1122, 4.2.3.2). One timer for all links: a wake costs more than a word.
 */
import * as limits from "./limits.ts";

export class Receipts {
  readonly #waiting = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Calls back soon, unless it is forgotten before. */
  later(give: () => void): void {
    this.#waiting.add(give);
    this.#timer ??= setTimeout(this.#give, limits.RECEIPT_MILLIS);
  }

  forget(give: () => void): void {
    this.#waiting.delete(give);
  }

  #give = (): void => {
    this.#timer = undefined;
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const give of all) give();
  };
}
