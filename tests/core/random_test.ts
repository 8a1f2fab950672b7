/** Chance: the known generator, unbiased, and streams that do not disturb each other. */
import assert from "node:assert/strict";
import { hex } from "../../runtime/core/bytes.ts";
import { RandomSource, Stream } from "../../runtime/core/random.ts";

/** What `Stream` has to give, written down anew in big integers: cyrb128, then sfc32. */
class Oracle {
  #state: [bigint, bigint, bigint, bigint];

  constructor(path: string) {
    let [a, b, c, d] = [1779033703n, 3144134277n, 1013904242n, 2773480762n];
    for (const unit of path.split("").map((each) => BigInt(each.charCodeAt(0)))) {
      a = b ^ word((a ^ unit) * 597399067n);
      b = c ^ word((b ^ unit) * 2869860233n);
      c = d ^ word((c ^ unit) * 951274213n);
      d = a ^ word((d ^ unit) * 2716044179n);
    }
    a = word((c ^ (a >> 18n)) * 597399067n);
    b = word((d ^ (b >> 22n)) * 2869860233n);
    c = word((a ^ (c >> 17n)) * 951274213n);
    d = word((b ^ (d >> 19n)) * 2716044179n);
    a ^= b ^ c ^ d;
    this.#state = [a, b ^ a, c ^ a, d ^ a];
    for (let round = 0; round < 15; round++) this.u32();
  }

  u32(): number {
    const [a, b, c, d] = this.#state;
    const sum = word(a + b + d);
    const turned = word((c << 21n) | (c >> 11n));
    this.#state = [b ^ (b >> 9n), word(c + (c << 3n)), word(turned + sum), word(d + 1n)];
    return Number(sum);
  }
}

function word(value: bigint): bigint {
  return BigInt.asUintN(32, value);
}

/** Draws from a list, then from what it is told at last. */
class Listed extends RandomSource {
  drawn = 0;

  constructor(readonly list: readonly number[]) {
    super();
  }

  override u32(): number {
    return this.list[this.drawn++]!;
  }

  override fork(): Listed {
    return this;
  }
}

function take(random: { u32(): number }, count: number): number[] {
  return Array.from({ length: count }, () => random.u32());
}

Deno.test("a stream is sfc32, seeded by the hash of its path", () => {
  for (const path of ["", "a", "50/node 3/boot 0/links", "päth\u{1F426}"]) {
    assert.deepEqual(take(new Stream(path), 1000), take(new Oracle(path), 1000), path);
  }
});

Deno.test("the first draws of a stream never change between versions", () => {
  assert.deepEqual(take(new Stream("starling"), 4), [
    594511488,
    1486332473,
    1510136005,
    3546593843,
  ]);
  assert.equal(hex(new Stream("starling").bytes(7)), "80866f2339a297");
  assert.deepEqual(new Stream("starling").shuffled([0, 1, 2, 3, 4, 5, 6, 7]), [
    4,
    7,
    5,
    2,
    6,
    1,
    3,
    0,
  ]);
  assert.equal(new Stream("starling").fork("child").u32(), 3395155489);
});

Deno.test("a fork depends on its path alone, not on draws or forks before it", () => {
  const fresh = new Stream("root").fork("a").fork("b");
  const used = new Stream("root");
  take(used, 100);
  used.fork("other").bytes(10);
  const parent = used.fork("a");
  take(parent, 7);
  assert.deepEqual(take(parent.fork("b"), 50), take(fresh, 50));
});

Deno.test("forking and drawing from a fork do not disturb the parent", () => {
  const alone = new Stream("parent"), forked = new Stream("parent");
  for (let round = 0; round < 20; round++) {
    take(forked.fork(`child ${round}`), 5);
    assert.equal(forked.u32(), alone.u32());
  }
});

Deno.test("streams of similar names have nothing in common", () => {
  const first = take(new Stream("node 1"), 2000);
  for (const name of ["node 2", "node 1/", "node 10", "Node 1", "1 node"]) {
    const other = take(new Stream(name), 2000);
    const equalBits = other.reduce((sum, draw, at) => sum + 32 - ones(draw ^ first[at]!), 0);
    // 64,000 fair bits: 32,000 equal, give or take 126.
    assert.ok(Math.abs(equalBits - 32_000) < 5 * 127, `${name}: ${equalBits}`);
  }
});

Deno.test("below a bound every number is equally likely", () => {
  for (const bound of [1, 2, 3, 7, 10, 1000]) {
    const random = new Stream(`fair ${bound}`);
    const draws = 200 * bound;
    const counts = new Array<number>(bound).fill(0);
    for (let round = 0; round < draws; round++) counts[random.below(bound)]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 200) * (count - 200) / 200, 0);
    // Mean bound - 1, variance twice that: five deviations.
    assert.ok(chiSquare < bound - 1 + 5 * Math.sqrt(2 * bound), `${bound}: ${chiSquare}`);
  }
});

Deno.test("a draw of the incomplete last cycle is drawn again, so that no number is favoured", () => {
  const last = 0xffff_ffff; // 2^32 is 3 * 1431655765 + 1: exactly one draw too many
  const thirds = new Listed([last, last, last - 1]);
  assert.equal(thirds.below(3), 2);
  assert.equal(thirds.drawn, 3);
  const large = new Listed([0x8000_0001, 0x8000_0000]); // above half, three in eight are redrawn
  assert.equal(large.below(0x8000_0001), 0x8000_0000);
  const whole = new Listed([last]);
  assert.equal(whole.below(0x1_0000_0000), last);
  assert.equal(new Listed([last]).below(1), 0);
});

Deno.test("a bound that is no whole number from 1 to 2^32 is our own bug", () => {
  for (const bound of [0, -1, 1.5, NaN, 2 ** 32 + 1]) {
    assert.throws(() => new Stream("bound").below(bound), /Assertion/);
  }
  assert.throws(() => new Stream("nothing to pick").pick([]), /Assertion/);
});

Deno.test("a chance of so many parts in a million comes true that often", () => {
  const random = new Stream("chances");
  for (const parts of [0, 1000, 250_000, 1_000_000]) {
    let hits = 0;
    for (let round = 0; round < 20_000; round++) if (random.chance(parts)) hits++;
    const expected = parts / 50, spread = Math.sqrt(expected * (1 - parts / 1e6));
    assert.ok(Math.abs(hits - expected) <= 5 * spread, `${parts}: ${hits}`);
  }
  const exact = new Listed([999_999, 7, 8]);
  assert.ok(exact.chance(1_000_000) && exact.chance(8) && !exact.chance(8));
});

Deno.test("bytes are the draws, least significant first, and as many as asked", () => {
  const [first, second] = take(new Stream("bytes"), 2) as [number, number];
  for (let length = 0; length <= 8; length++) {
    const expected = [first, second].flatMap((draw) =>
      [0, 8, 16, 24].map((by) => (draw >>> by) & 0xff)
    );
    assert.deepEqual([...new Stream("bytes").bytes(length)], expected.slice(0, length));
  }
});

Deno.test("a shuffle keeps the list as it was, and reaches every order equally often", () => {
  const random = new Stream("shuffles"), list = ["a", "b", "c", "d"];
  const seen = new Map<string, number>();
  for (let round = 0; round < 24 * 200; round++) {
    const order = random.shuffled(list).join("");
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  assert.deepEqual(list, ["a", "b", "c", "d"]);
  assert.equal(seen.size, 24);
  let chiSquare = 0;
  for (const count of seen.values()) chiSquare += (count - 200) * (count - 200) / 200;
  assert.ok(chiSquare < 23 + 5 * Math.sqrt(46), `${chiSquare}`);
  assert.deepEqual(random.shuffled([]), []);
});

function ones(value: number): number {
  return (value >>> 0).toString(2).replaceAll("0", "").length;
}
