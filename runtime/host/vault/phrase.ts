/**
 * A vault's secret as a phrase that a person can write down: five words that can be said aloud ("proquints":
 * Wilkerson, "A proposal for proquints: identifiers that are readable, spellable, and pronounceable", 2009),
 * 72 bits by chance and 8 that find a slip of the pen. The secret is the phrase, stretched.
 *
 * scrypt (RFC 7914) with N = 2^17, r = 8, p = 1: 128 MiB and some 400 ms a guess, over 2^72 phrases. The
 * salt is always the same, so that the phrase alone finds the vault.
 */
import { createHash, randomBytes, scrypt } from "node:crypto";
import { KEY_BYTES } from "../../core/mod.ts";

const CONSONANTS = "bdfghjklmnprstvz", VOWELS = "aiou";
const WORDS = 5, CHANCE_BYTES = 9;
const SALT = "starling vault phrase 1";
const STRETCH = { N: 1 << 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const;

/** A new phrase, of a generator that the system provides. */
export function newPhrase(chance: Uint8Array = new Uint8Array(randomBytes(CHANCE_BYTES))): string {
  const bytes = Uint8Array.of(...chance, checkOf(chance));
  const words: string[] = [];
  for (let at = 0; at < bytes.length; at += 2) words.push(wordOf(bytes[at]! << 8 | bytes[at + 1]!));
  return words.join("-");
}

/** The phrase as it is written here; a sentence where it cannot be one. */
export function readPhrase(
  text: string,
): { readonly phrase: string } | { readonly problem: string } {
  const words = text.toLowerCase().split(/[^a-z]+/).filter((word) => word !== "");
  if (words.length !== WORDS) {
    return { problem: `A phrase has ${WORDS} words, and that has ${words.length}` };
  }
  const bytes: number[] = [];
  for (const word of words) {
    const value = valueOf(word);
    if (value === undefined) return { problem: `"${word}" is no word of a phrase` };
    bytes.push(value >> 8, value & 0xff);
  }
  const chance = Uint8Array.from(bytes.slice(0, CHANCE_BYTES));
  if (bytes[CHANCE_BYTES] !== checkOf(chance)) {
    return { problem: "Something in that phrase is written otherwise" };
  }
  return { phrase: words.join("-") };
}

/** The vault's secret. Takes a part of a second, and 128 MiB. */
export function secretOfPhrase(phrase: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) =>
    scrypt(
      phrase,
      SALT,
      KEY_BYTES,
      STRETCH,
      (error, key) => error === null ? resolve(new Uint8Array(key)) : reject(error),
    )
  );
}

function checkOf(chance: Uint8Array): number {
  return createHash("sha256").update(SALT).update(chance).digest()[0]!;
}

/** 16 bits: consonant, vowel, consonant, vowel, consonant. */
function wordOf(value: number): string {
  return CONSONANTS[value >> 12]! + VOWELS[value >> 10 & 3] + CONSONANTS[value >> 6 & 15] +
    VOWELS[value >> 4 & 3] + CONSONANTS[value & 15];
}

function valueOf(word: string): number | undefined {
  if (word.length !== 5) return undefined;
  const places = [...word].map((letter, at) =>
    (at % 2 === 0 ? CONSONANTS : VOWELS).indexOf(letter)
  );
  const [first, second, third, fourth, fifth] = places as [number, number, number, number, number];
  if (places.includes(-1)) return undefined;
  return first << 12 | second << 10 | third << 6 | fourth << 4 | fifth;
}
