/** The digest tells any two sequences apart, at once and everywhere. */
import { assert } from "../../runtime/core/assert.ts";
import { Digest } from "../../sim/digest.ts";

function hexOf(absorb: (digest: Digest) => void): string {
  const digest = new Digest();
  absorb(digest);
  return digest.hex();
}

function bitsThatDiffer(one: string, other: string): number {
  const xor = BigInt(`0x${one}`) ^ BigInt(`0x${other}`);
  return xor.toString(2).replaceAll("0", "").length;
}

Deno.test("a digest is the same on every machine", () => {
  const known = hexOf((digest) => {
    for (const n of [0, -1, 2 ** 53 - 1, 0.1, -1e300, NaN, Infinity]) digest.number(n);
    digest.text("Łódź");
    digest.bytes(Uint8Array.of(1, 2, 3, 4, 5, 6, 7));
    digest.word(0xffffffff);
  });
  assert(
    known === "31c23b377d1c16addde8e3154e862390",
    `the digest is as it was written down: ${known}`,
  );
});

Deno.test("one changed bit anywhere changes about half of the 128", () => {
  let sum = 0, least = 128, count = 0;
  for (const length of [1, 2, 3, 4, 5, 9, 64]) {
    const plain = hexOf((digest) => {
      for (let at = 0; at < length; at++) digest.word(at);
    });
    for (let changed = 0; changed < length; changed++) {
      for (let bit = 0; bit < 32; bit++) {
        const other = hexOf((digest) => {
          for (let at = 0; at < length; at++) digest.word(at === changed ? at ^ (1 << bit) : at);
        });
        const differ = bitsThatDiffer(plain, other);
        sum += differ;
        least = Math.min(least, differ);
        count++;
      }
    }
  }
  assert(
    Math.abs(sum / count - 64) < 1 && least > 32,
    `avalanche: mean ${sum / count}, least ${least}`,
  );
});

Deno.test("order, length and type of what is absorbed count", () => {
  const digests = [
    hexOf(() => {}),
    hexOf((digest) => digest.word(0)),
    hexOf((digest) => [0, 0].forEach((n) => digest.word(n))),
    hexOf((digest) => [1, 2].forEach((n) => digest.word(n))),
    hexOf((digest) => [2, 1].forEach((n) => digest.word(n))),
    hexOf((digest) => ["ab", "c"].forEach((s) => digest.text(s))),
    hexOf((digest) => ["a", "bc"].forEach((s) => digest.text(s))),
    hexOf((digest) => digest.bytes(new Uint8Array(3))),
    hexOf((digest) => digest.bytes(new Uint8Array(4))),
    hexOf((digest) => digest.bytes(new Uint8Array(5), 4)),
    hexOf((digest) => digest.number(2 ** 40)),
    hexOf((digest) => digest.number(2 ** 40 + 1)),
    hexOf((digest) => digest.number(2 ** 40 + 0.5)),
  ];
  assert(new Set(digests).size === digests.length, "all differ");
  const zero = hexOf((digest) => digest.number(0));
  assert(zero === hexOf((digest) => digest.number(-0)), "zero is zero");
});

Deno.test("bytes beyond `upTo` do not count, those before do", () => {
  const of = (bytes: readonly number[], upTo?: number) =>
    hexOf((digest) => digest.bytes(Uint8Array.from(bytes), upTo));
  assert(of([1, 2, 3, 4, 5, 6], 5) === of([1, 2, 3, 4, 5, 9], 5), "the sixth byte is beyond 5");
  assert(of([1, 2, 3, 4, 5, 6], 5) !== of([1, 2, 3, 4, 9, 6], 5), "the fifth is not");
  assert(of([1, 2, 3]) === of([1, 2, 3], 99), "up to the end, at most");
});

Deno.test("200,000 short sequences have as many digests", () => {
  const seen = new Set<string>();
  for (let one = 0; one < 1000; one++) {
    for (let other = 0; other < 200; other++) {
      seen.add(hexOf((digest) => [one, other].forEach((n) => digest.word(n))));
    }
  }
  assert(seen.size === 200_000, "no two are alike");
});
