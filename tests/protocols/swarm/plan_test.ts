/** Who relays to whom: every block reaches every member exactly once, over few links, by everybody's work. */
import assert from "node:assert/strict";
import { Stream } from "../../../runtime/core/mod.ts";
import { Grid } from "../../../runtime/protocols/swarm/plan.ts";
import { contentOf } from "./contents.ts";

const BLOCK = 16_384;

interface Survey {
  readonly members: number;
  readonly dimensions: number;
  /** Most and least uploads of one member, if each owns one block; the even share is 1. */
  readonly most: number;
  readonly least: number;
  /** Most members that one relays to. */
  readonly degree: number;
  readonly hops: number;
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

/** Gives one block to each owner, follows it as nodes do, and finds whoever gets it twice or never. */
function surveyed(grid: Grid<number>, owners = grid.members()): Survey {
  const members = grid.members();
  const relays = new Map(members.map((member) => [member, grid.relaysOf(member)]));
  const uploads = new Map(members.map((member) => [member, 0]));
  let hops = 0;
  for (const owner of owners) {
    const hopOf = new Map([[owner, 0]]);
    const holders = [{ member: owner, spread: grid.dimensions }];
    for (const { member, spread } of holders) {
      const lists = relays.get(member)!;
      for (let dimension = Math.min(spread, lists.length) - 1; dimension >= 0; dimension--) {
        for (const to of lists[dimension]!) {
          assert.ok(!hopOf.has(to), `${to} gets a block of ${owner} twice, of ${members.length}`);
          hopOf.set(to, hopOf.get(member)! + 1);
          uploads.set(member, uploads.get(member)! + 1);
          holders.push({ member: to, spread: dimension });
        }
      }
    }
    assert.equal(hopOf.size, members.length, `a block of ${owner} misses somebody`);
    hops = Math.max(hops, ...hopOf.values());
  }
  const counts = [...uploads.values()], even = Math.max(1, members.length - 1);
  const degrees = [...relays.values()].map((lists) =>
    lists.reduce((sum, { length }) => sum + length, 0)
  );
  return {
    members: members.length,
    dimensions: grid.dimensions,
    most: Math.max(...counts) / even,
    least: Math.min(...counts) / even,
    degree: Math.max(0, ...degrees),
    hops,
  };
}

/** A few times the root of the size that the number of dimensions asks for. */
function degreeBound({ members, dimensions }: Survey): number {
  return dimensions * Math.ceil(members ** (1 / dimensions) * 1.15);
}

Deno.test("a block of any owner reaches every member exactly once, for every size up to 600", () => {
  for (let count = 1; count <= 600; count++) {
    const grid = new Grid(numbers(count));
    const members = grid.members();
    assert.deepEqual(members.slice().sort((one, other) => one - other), numbers(count));
    assert.equal(grid.size, count);
    // Every owner of small grids; of large ones a few that stand far apart.
    const step = count <= 160 || count % 50 === 0 ? 1 : Math.ceil(count / 7);
    const survey = surveyed(grid, members.filter((_, at) => at % step === count % step));
    assert.equal(survey.dimensions, count <= 64 ? 1 : count <= 144 ? 2 : 3);
    assert.ok(survey.hops <= survey.dimensions, `${survey.hops} hops among ${count}`);
    assert.ok(survey.degree <= degreeBound(survey), `degree ${survey.degree} among ${count}`);
  }
});

Deno.test("few blocks among many members take two hops, and a quarter of the links", () => {
  for (const [members, blocks, dimensions] of [[24, 10, 1], [50, 763, 2], [50, 800, 1]] as const) {
    const survey = surveyed(new Grid(numbers(members), blocks));
    assert.equal(survey.dimensions, dimensions, `${blocks} blocks among ${members}`);
    assert.ok(survey.degree <= degreeBound(survey));
  }
});

Deno.test("the work is shared evenly: within a fifth up to 144 members, within three fifths beyond", () => {
  for (const count of [2, 17, 64, 65, 73, 80, 99, 100, 120, 144]) {
    const { most, least } = surveyed(new Grid(numbers(count)));
    assert.ok(most <= 1.2 && least >= 0.8, `${most} and ${least} among ${count}`);
  }
  for (const count of [145, 200, 343, 494, 512, 585, 600]) {
    const { most } = surveyed(new Grid(numbers(count)));
    assert.ok(most <= 1.6, `${most} among ${count}`);
  }
});

Deno.test("after any comings and goings every block still reaches everybody once, and nobody drowns", () => {
  for (const start of [1, 10, 60, 64, 65, 90, 130, 145, 250, 400]) {
    const random = new Stream(`comings and goings ${start}`);
    let grid = new Grid(numbers(start));
    let next = start, planned = 0;
    for (let round = 0; round < 20; round++) {
      for (let turn = 0; turn <= start / 10; turn++) {
        if (random.below(2) === 0) grid.add(next++);
        else if (grid.size > 1) grid.remove(random.pick(grid.members()));
      }
      if (grid.outgrown(grid.size)) {
        grid = new Grid(grid.members());
        planned++;
      }
      const owners = random.shuffled(grid.members());
      const survey = surveyed(grid, owners.length > 100 ? owners.slice(0, 20) : owners);
      assert.ok(survey.degree <= degreeBound(survey) * 1.3, `degree ${survey.degree} of ${start}`);
      if (owners.length <= 100) assert.ok(survey.most <= 1.5, `${survey.most} of ${start}`);
    }
    assert.ok(planned < 20, "a few comings and goings do not call for another plan");
  }
});

Deno.test("a row, a plane and all but one may go", () => {
  for (const count of [70, 100, 150, 300]) {
    const grid = new Grid(numbers(count));
    const mates = [0, ...grid.relaysOf(0)[0]!]; // a whole row
    for (const mate of mates) grid.remove(mate);
    surveyed(grid);
    const [, , beyond = []] = grid.relaysOf(grid.members()[0]!);
    if (beyond.length > 0) {
      for (const member of grid.members().slice(0, count / 2)) grid.remove(member);
      surveyed(grid);
    }
    for (const member of grid.members().slice(1)) {
      grid.remove(member);
      if (grid.size % 17 === 0) surveyed(grid);
    }
    assert.deepEqual(grid.relaysOf(grid.members()[0]!).flat(), []);
    grid.add(1000);
    assert.equal(surveyed(grid).members, 2);
  }
});

Deno.test("nobody is planned for who has gone, or never came", () => {
  const grid = new Grid(numbers(90));
  grid.remove(40);
  grid.remove(40);
  assert.equal(grid.size, 89);
  assert.deepEqual(grid.relaysOf(40), []);
  assert.deepEqual(grid.relaysOf(1000), []);
  for (const member of grid.members()) {
    for (const list of grid.relaysOf(member)) {
      assert.ok(!list.includes(40) && !list.includes(member));
    }
  }
});

Deno.test("a grid of nobody takes whoever comes", () => {
  const grid = new Grid<number>([]);
  assert.deepEqual(grid.members(), []);
  assert.equal(grid.dimensions, 1);
  grid.add(5);
  assert.deepEqual(grid.members(), [5]);
  assert.deepEqual(grid.relaysOf(5), [[]]);
});

Deno.test("like members stand alike: fast owners have fast heads", () => {
  const count = 144;
  const grid = new Grid(numbers(count)); // from fast to slow
  let apart = 0, heads = 0;
  for (const owner of grid.members()) {
    for (const head of grid.relaysOf(owner)[1]!) {
      apart += Math.abs(head - owner);
      heads++;
    }
  }
  assert.ok(apart / heads < count / 10, `heads are ${apart / heads} places from their owners`);
});

Deno.test("a block goes by the plan that was in force when it was given, though later ones are known", () => {
  const content = contentOf(BLOCK, BLOCK);
  content.plans = [{ epoch: 5, relays: [] }, { epoch: 2, relays: [] }];
  const chosen = [1, 2, 3, 4, 5, 6].map((epoch) => content.planOf(epoch)!.epoch);
  assert.deepEqual(chosen, [2, 2, 2, 2, 5, 5]);
});
