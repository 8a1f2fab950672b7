/** Placement: never enough shares in one place, whatever is there already; and as many placed as can be. */
import assert from "node:assert/strict";
import { Stream } from "../../../runtime/core/mod.ts";
import { placed, type Site, usualShape } from "../../../runtime/protocols/vault/placement.ts";

const random = new Stream("placement");

function site(device: string, fields: Partial<Site> = {}): Site {
  return { device, domain: device, has: new Set(), room: 100, ...fields };
}

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

/** What every domain and device has in the end, of different shares. */
function assertSafe(
  sites: readonly Site[],
  places: ReadonlyMap<number, string>,
  enough: number,
): void {
  for (const key of ["device", "domain"] as const) {
    for (const name of new Set(sites.map((each) => each[key]))) {
      const all = new Set<number>();
      for (const each of sites.filter((other) => other[key] === name)) {
        for (const number of each.has) all.add(number);
        for (const [number, device] of places) if (device === each.device) all.add(number);
      }
      const before = new Set(
        sites.filter((other) => other[key] === name).flatMap(({ has }) => [...has]),
      );
      assert.ok(
        all.size <= Math.max(enough - 1, before.size),
        `${name} has ${all.size} of ${enough}`,
      );
    }
  }
  for (const { device, room, has } of sites) {
    const own = [...places].filter(([, place]) => place === device);
    assert.ok(own.length <= room);
    for (const [number] of own) assert.ok(!has.has(number), "a device has a share once");
  }
}

/** The most that can be placed, by trying everything. */
function most(shares: readonly number[], sites: readonly Site[], enough: number): number {
  const [first, ...rest] = shares;
  if (first === undefined) return 0;
  let best = most(rest, sites, enough);
  for (const [at, each] of sites.entries()) {
    const fits = (group: readonly Site[]) => {
      const all = new Set([first, ...group.flatMap(({ has }) => [...has])]);
      return all.size < enough;
    };
    const isFree = each.room > 0 && !each.has.has(first) && fits([each]) &&
      fits(sites.filter(({ domain }) => domain === each.domain));
    if (!isFree) continue;
    const taken = { ...each, room: each.room - 1, has: new Set([...each.has, first]) };
    best = Math.max(best, 1 + most(rest, sites.with(at, taken), enough));
  }
  return best;
}

Deno.test("one share a device where there are enough devices, and never as many as are enough", () => {
  const places = placed(numbers(6), numbers(6).map((at) => site(`${at}`)), 4);
  assert.equal(new Set(places.values()).size, 6);
  const three = numbers(3).map((at) => site(`${at}`));
  assert.equal(placed(numbers(6), three, 4).size, 6, "two each, of four that are enough");
  assert.equal(placed(numbers(9), three, 4).size, 9, "three each");
  assert.equal(placed(numbers(6), [site("only")], 4).size, 3);
  assert.equal(placed(numbers(3), [site("only")], 2).size, 1);
  assert.equal(placed(numbers(3), [], 2).size, 0);
});

Deno.test("devices that may be lost together count as one", () => {
  const room = numbers(5).map((at) => site(`${at}`, { domain: "room" }));
  assert.equal(placed(numbers(6), room, 4).size, 3);
  const places = placed(numbers(6), [...room, site("attic"), site("office")], 4);
  assertSafe([...room, site("attic"), site("office")], places, 4);
  assert.equal(places.size, 6);
});

Deno.test("a device that has all but one of enough is given no more in a repair, though others are full", () => {
  const full = site("full", { has: new Set([1, 2, 3]) });
  assert.equal(placed([4], [full], 4).size, 0);
  assert.equal(placed([3], [full], 4).size, 0, "nor what it has");
  const other = site("other", { has: new Set([5]), room: 1 });
  assert.deepEqual([...placed([4], [full, other], 4)], [[4, "other"]]);
});

Deno.test("of random rooms none is ever unsafe, and small ones are filled as far as can be", () => {
  let fewer = 0;
  for (let round = 0; round < 3_000; round++) {
    const enough = 2 + random.below(3), count = enough + 1 + random.below(2);
    const sites = numbers(1 + random.below(4)).map((at) =>
      site(`device ${at}`, {
        domain: `domain ${random.below(4)}`,
        room: random.below(4),
        has: new Set(numbers(count).filter(() => random.below(6) === 0)),
      })
    );
    const shares = numbers(count).filter(() => random.below(4) > 0);
    const places = placed(shares, sites, enough);
    assertSafe(sites, places, enough);
    const best = most(shares, sites, enough);
    assert.ok(places.size <= best);
    if (places.size < best) fewer++;
  }
  assert.ok(fewer <= 15, `${fewer} of 3,000 could have placed more`);
});

Deno.test("large rooms are placed soon", () => {
  const sites = numbers(64).map((at) => site(`${at}`, { domain: `${at % 20}`, room: 2 }));
  const places = placed(numbers(64), sites, 40);
  assert.equal(places.size, 64);
  assertSafe(sites, places, 40);
});

Deno.test("the usual shape is one share a device, two thirds of them enough", () => {
  const shapes = [1, 3, 5, 6, 9, 14, 50].map((devices) => {
    const { enough, count } = usualShape(devices);
    return `${enough} of ${count}`;
  });
  assert.deepEqual(shapes, [
    "2 of 3",
    "2 of 3",
    "3 of 5",
    "4 of 6",
    "6 of 9",
    "9 of 14",
    "9 of 14",
  ]);
});
