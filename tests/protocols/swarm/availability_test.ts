/** How many have each block, and which are sought: against a model that scans everything each time. */
import assert from "node:assert/strict";
import { Stream } from "../../../runtime/core/mod.ts";
import { Availability } from "../../../runtime/protocols/swarm/availability.ts";
import { Bitmap } from "../../../runtime/protocols/swarm/bitmap.ts";

const BLOCKS = 60;
const ENDLESS = 1_000_000;

/** Everything by scanning. */
class Model {
  readonly neighbours: Bitmap[] = [];
  readonly sought = new Set<number>();

  copies(block: number): number {
    return this.neighbours.filter((has) => has.has(block)).length;
  }

  rarest(): number {
    return Math.min(...[...this.sought].map((block) => this.copies(block)));
  }
}

function same(availability: Availability, model: Model): void {
  assert.equal(availability.sought, model.sought.size);
  for (let block = 0; block < BLOCKS; block++) {
    assert.equal(availability.copies[block], model.copies(block));
    assert.equal(availability.isSought(block), model.sought.has(block));
  }
}

/** Offers everything to a taker, and claims what must hold of any offering. */
function offered(
  availability: Availability,
  model: Model,
  takes: (block: number) => boolean,
  random: Stream,
): number[] {
  const shown: number[] = [];
  availability.offer(
    (block) => {
      assert.ok(model.sought.has(block), "only what is sought is offered");
      assert.ok(!shown.includes(block), "once a call");
      assert.ok(model.copies(block) >= model.copies(shown.at(-1) ?? block), "rarest first");
      shown.push(block);
      return takes(block);
    },
    ENDLESS,
    random,
  );
  for (const block of shown) if (takes(block)) model.sought.delete(block);
  return shown;
}

Deno.test("copies and sought blocks are those of a scan, under any sequence of changes", () => {
  for (let seed = 0; seed < 30; seed++) {
    const random = new Stream(`availability ${seed}`);
    const availability = new Availability(BLOCKS), model = new Model();
    for (let round = 0; round < 300; round++) {
      const block = random.below(BLOCKS);
      const dice = random.below(20);
      if (dice < 6) {
        availability.seek(block);
        model.sought.add(block);
      } else if (dice < 8) {
        availability.unseek(block);
        model.sought.delete(block);
      } else if (dice < 16) {
        if (model.neighbours.length === 0) model.neighbours.push(new Bitmap(BLOCKS));
        if (random.pick(model.neighbours).add(block)) availability.gained(block);
        else availability.seek(block), model.sought.add(block);
      } else if (dice === 16) model.neighbours.push(new Bitmap(BLOCKS));
      else if (dice === 17 && model.neighbours.length > 0) {
        const [gone] = model.neighbours.splice(random.below(model.neighbours.length), 1);
        availability.lost(gone!);
      } else {
        const parity = random.below(3);
        offered(availability, model, (each) => each % 3 === parity, random);
      }
      if (round % 10 === 0) same(availability, model);
    }
    same(availability, model);
  }
});

Deno.test("whoever refuses everything is offered all that is sought, each once, rarest first", () => {
  const random = new Stream("refusals");
  const availability = new Availability(BLOCKS), model = new Model();
  for (let neighbour = 0; neighbour < 5; neighbour++) {
    const has = new Bitmap(BLOCKS);
    for (let block = 0; block < BLOCKS; block++) {
      if (random.below(3) === 0 && has.add(block)) availability.gained(block);
    }
    model.neighbours.push(has);
  }
  for (let block = 0; block < BLOCKS; block += 2) {
    availability.seek(block);
    model.sought.add(block);
  }
  const shown = offered(availability, model, () => false, random);
  assert.equal(shown.length, BLOCKS / 2);
  same(availability, model);
});

Deno.test("whoever takes everything gets all that is sought in one call, though each taken one is removed", () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = new Stream(`takers ${seed}`);
    const availability = new Availability(BLOCKS), model = new Model();
    const has = new Bitmap(BLOCKS);
    for (let block = 0; block < BLOCKS; block++) {
      if (random.below(2) === 0 && has.add(block)) availability.gained(block);
      availability.seek(block);
      model.sought.add(block);
    }
    model.neighbours.push(has);
    assert.equal(offered(availability, model, () => true, random).length, BLOCKS);
    assert.equal(availability.sought, 0);
  }
});

Deno.test("patience bounds the refusals of one call, not what is taken", () => {
  const availability = new Availability(BLOCKS), random = new Stream("patience");
  for (let block = 0; block < BLOCKS; block++) availability.seek(block);
  let refusals = 0, taken = 0;
  const take = (block: number) => {
    if (block % 4 === 0) taken++;
    else refusals++;
    return block % 4 === 0;
  };
  availability.offer(take, 7, random);
  assert.equal(refusals, 7);
  assert.equal(availability.sought, BLOCKS - taken);
  availability.offer(() => assert.fail("nobody asked"), 0, random);
});

Deno.test("equally rare blocks are asked for from a place that chance chooses", () => {
  const first = new Set<number>();
  for (let seed = 0; seed < 60; seed++) {
    const availability = new Availability(10);
    for (let block = 0; block < 10; block++) availability.seek(block);
    let isFirst = true;
    availability.offer(
      (block) => {
        if (isFirst) first.add(block);
        isFirst = false;
        return false;
      },
      ENDLESS,
      new Stream(`place ${seed}`),
    );
  }
  assert.equal(first.size, 10);
});
