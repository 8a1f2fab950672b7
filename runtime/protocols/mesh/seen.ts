/**
 * Which messages have been here: exactly once means that this never forgets too early.
 *
 * Per origin and restart of it a window of sequence numbers; what lies before the window counts as
 * seen, so that an old message that is played back is not taken for new.
 */
import type { PeerId } from "../../core/mod.ts";
import * as limits from "./limits.ts";

interface Window {
  readonly boot: number;
  /** Everything below has been seen, or is too old to be taken. */
  floor: number;
  highest: number;
  readonly above: Set<number>;
}

export class Seen {
  /** The latest restarts of each origin, newest first. */
  readonly #windows = new Map<PeerId, Window[]>();

  has(origin: PeerId, boot: number, sequence: number): boolean {
    const windows = this.#windows.get(origin);
    if (windows === undefined) return false;
    const window = windows.find((each) => each.boot === boot);
    if (window !== undefined) return sequence < window.floor || window.above.has(sequence);
    return windows.length === limits.BOOTS && boot < windows[limits.BOOTS - 1]!.boot;
  }

  add(origin: PeerId, boot: number, sequence: number): void {
    const windows = this.#windows.get(origin) ?? [];
    this.#windows.delete(origin);
    this.#windows.set(origin, windows);
    if (this.#windows.size > limits.ORIGINS) this.#forgetOldest();
    let window = windows.find((each) => each.boot === boot);
    if (window === undefined) {
      window = { boot, floor: 0, highest: -1, above: new Set() };
      windows.push(window);
      windows.sort((one, other) => other.boot - one.boot);
      windows.length = Math.min(windows.length, limits.BOOTS);
    }
    mark(window, sequence);
  }

  #forgetOldest(): void {
    for (const oldest of this.#windows.keys()) {
      this.#windows.delete(oldest);
      return;
    }
  }
}

function mark(window: Window, sequence: number): void {
  window.above.add(sequence);
  window.highest = Math.max(window.highest, sequence);
  const lowest = window.highest - limits.WINDOW;
  if (lowest > window.floor) {
    window.floor = lowest;
    for (const each of window.above) if (each < lowest) window.above.delete(each);
  }
  while (window.above.delete(window.floor)) window.floor++;
}
