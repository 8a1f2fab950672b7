/** Letters that cannot be read yet: for want of a change of the roster, or of their sender's key. */
import { type Micros, type PeerId, Recent } from "../../core/mod.ts";
import type { Carried } from "./commands.ts";
import * as limits from "./limits.ts";

/** A key that is lacking: of which group, and which of its sender's. */
interface Lacking {
  readonly group: string;
  readonly number: number;
}

interface Entry {
  readonly letter: Carried;
  readonly lacking: Lacking | undefined;
}

/** Who is asked for keys sends two: the one before, and the one of now. */
const KEYS_OF_AN_ANSWER = 2;

/** They stay with who carries them, and come again after a restart. */
export class Waiting {
  #letters: Entry[] = [];
  /** Since when a letter of a stranger waits. */
  readonly #strangers = new Recent<string, Micros>(limits.CHANGES);
  readonly #asked = new Recent<string, true>(limits.CHANGES);
  /** Keys that have come since one was lacking. */
  readonly #answers = new Recent<string, number>(limits.CHANGES);

  /** Each thing that is lacking is asked for once. */
  wasAskedFor(what: string): boolean {
    const was = this.#asked.get(what) === true;
    this.#asked.set(what, true);
    return was;
  }

  /** The oldest of too many is tried again after a restart. */
  add(letter: Carried, lacking?: Lacking): void {
    this.#letters.push({ letter, lacking });
    if (this.#letters.length > limits.WAITING) this.#letters.shift();
  }

  /** Whether the key of a message may still come: the sender was not asked, or has not answered. */
  mayCome({ name }: { readonly name: string }, from: PeerId, number: number): boolean {
    return (this.#answers.get(nameOf(name, from, number)) ?? 0) < KEYS_OF_AN_ANSWER;
  }

  /**
   * Keeps what somebody says who is not in the group, as far as is known: it may be a member's other
   * device, and that news on its way. False once that has had its time.
   */
  holdsStranger(letter: Carried, now: Micros): boolean {
    const since = this.#strangers.get(letter.id) ?? now;
    this.#strangers.set(letter.id, since);
    const isHeld = now - since < limits.STRANGERS_FOR;
    if (isHeld) this.add(letter);
    return isHeld;
  }

  /** Whether something of theirs waits for a key: what they have said after it waits too. */
  holds({ name }: { readonly name: string }, from: PeerId): boolean {
    return this.#letters.some(({ letter, lacking }) =>
      lacking?.group === name && letter.from === from
    );
  }

  /** A key of theirs has come: what waits for one can be tried again. */
  keyCame({ name }: { readonly name: string }, from: PeerId): Carried[] {
    const isTheirs = ({ letter, lacking }: Entry) =>
      lacking?.group === name && letter.from === from;
    const tried = this.#letters.filter(isTheirs);
    this.#letters = this.#letters.filter((each) => !isTheirs(each));
    for (const { lacking } of tried) {
      const key = nameOf(name, from, lacking!.number);
      this.#answers.set(key, (this.#answers.get(key) ?? 0) + 1);
    }
    return tried.map(({ letter }) => letter);
  }

  /** All of them, to be tried again. */
  all(): Carried[] {
    return this.#letters.splice(0).map(({ letter }) => letter);
  }
}

function nameOf(group: string, from: PeerId, number: number): string {
  return `${group}/${from}/${number}`;
}
