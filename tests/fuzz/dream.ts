/**
 * Valid messages of any wire, made by reading bytes that are not there.
 *
 * A wire knows best what it accepts: while it decodes nothing at all, every number and every byte that
 * it asks for is drawn by chance, within the limit that it names. What comes out is a message with
 * the shape that its schema gives it, also for a message type that nobody has thought of here.
 */
import { type Random, Reader, utf8, type Wire } from "../../runtime/core/mod.ts";

/** Bytes that mean something where they are read, the most telling ones first. */
export type Dictionary = readonly Uint8Array[];

interface Mood {
  /** Single bytes lie below this: most of them are flags or places in short lists. */
  readonly byteBelow: number;
  /** Runs of bytes are letters, since any of them may be a text. */
  readonly letters: boolean;
  /** So many bytes may be drawn before every list and text ends as soon as it can. */
  readonly budget: number;
}

const WIDE = ["\u00e9", "\u6f22", "\u{1f426}", "\u202e", "\u0000", " "].map(utf8);
const ATTEMPTS = 60;

/** A message of the kind at this place in the wire's list; undefined where chance found none. */
export function dreamt<Message>(
  wire: Wire<Message>,
  kind: number,
  random: Random,
  dictionary: Dictionary = [],
): Message | undefined {
  const { u8, varint, raw } = Reader.prototype;
  const nothing = new Uint8Array(0);
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      fallAsleep(kind, moodOf(random), random, dictionary);
      const message = wire.decode(nothing);
      if (message !== undefined) return message;
    }
    return undefined;
  } finally {
    Object.assign(Reader.prototype, { u8, varint, raw });
  }
}

function moodOf(random: Random): Mood {
  return {
    byteBelow: random.pick([2, 2, 2, 4, 256]),
    letters: random.below(3) > 0,
    budget: random.below(200) === 0 ? 40_000 : random.pick([0, 60, 300, 300, 1500]),
  };
}

/** From now on readers make up what they read. The first byte says what kind of message it is. */
function fallAsleep(kind: number, mood: Mood, random: Random, dictionary: Dictionary): void {
  let isFirst = true, spent = 0;
  Object.assign(Reader.prototype, {
    u8(): number {
      spent++;
      if (isFirst) {
        isFirst = false;
        return kind;
      }
      return random.below(mood.byteBelow);
    },
    varint(max: number): number {
      spent++;
      return spent > mood.budget ? 0 : numberUpTo(max, random);
    },
    raw(length: number): Uint8Array {
      spent += length;
      const known = dictionary.filter((each) => each.length === length);
      if (known.length > 0 && random.below(4) > 0) {
        const first = Math.min(random.below(known.length), random.below(known.length));
        return known[Math.min(first, random.below(known.length))]!.slice();
      }
      return mood.letters ? lettersOf(length, random) : random.bytes(length);
    },
  });
}

/** Mostly small, sometimes just at a limit: of the number, or of the bytes that it takes. */
function numberUpTo(max: number, random: Random): number {
  const dice = random.below(40);
  if (dice === 0) return max;
  if (dice === 1) return Math.max(0, max - 1);
  if (dice === 2) return Math.min(max, 127 + random.below(3));
  if (dice < 30) return Math.min(max, random.below(8));
  const wide = random.below(0x1_0000_0000) * 0x20_0000 + random.below(0x20_0000);
  return dice < 35 ? Math.min(max, wide % 5000) : wide % (max + 1);
}

function lettersOf(length: number, random: Random): Uint8Array {
  const letters = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const wide = random.below(8) === 0 ? random.pick(WIDE) : undefined;
    if (wide !== undefined && at + wide.length <= length) {
      letters.set(wide, at);
      at += wide.length;
    } else letters[at++] = 97 + random.below(26);
  }
  return letters;
}
