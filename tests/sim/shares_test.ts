/** The ripple solver where ripples run far: chains, ties, ports of every size. */
import { assert } from "../../runtime/core/assert.ts";
import { Stream } from "../../runtime/core/random.ts";
import { Shares } from "../../sim/shares.ts";
import { exactRates } from "./exact_fluid.ts";

interface Topology {
  readonly name: string;
  readonly capacities: readonly number[];
  /** Per flow, the ports on its way. */
  readonly ways: readonly (readonly number[])[];
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function topologies(random: Stream): Topology[] {
  const ways = (flows: number, ports: number, most: number) =>
    range(flows).map(() => random.shuffled(range(ports)).slice(0, 1 + random.below(most)));
  return [
    {
      name: "a chain, each port a little larger than the one before",
      capacities: range(60).map((port) => 1e6 + port * 1e4),
      ways: range(180).map((flow) => [flow % 60, (flow + 1) % 60]),
    },
    { name: "all alike", capacities: range(40).map(() => 1e7), ways: ways(200, 40, 3) },
    {
      name: "from a modem to a backbone",
      capacities: range(40).map((port) => 7000 * 1.5 ** port),
      ways: ways(150, 40, 3),
    },
    {
      name: "alike but for the last bits",
      capacities: range(40).map((port) => 1e7 + port * 1e-8),
      ways: ways(150, 40, 2),
    },
    {
      name: "a few crowded ports",
      capacities: range(6).map((port) => 1e6 + port),
      ways: ways(300, 6, 3),
    },
  ];
}

Deno.test("levels come to rest at the exact shares, whatever the topology", () => {
  const random = new Stream("topologies");
  for (const { name, capacities, ways } of topologies(random)) {
    const shares = new Shares(), ports = capacities.map((capacity) => shares.addPort(capacity));
    const joined = new Set<number>();
    ways.forEach((way, flow) => {
      const [first, second, third] = way.map((index) => ports[index] as number);
      shares.route(flow, first as number, second, third);
    });
    for (let step = 0; step < 150; step++) {
      for (let n = step === 0 ? ways.length : random.below(3); n >= 0; n--) {
        const flow = random.below(ways.length);
        if (joined.delete(flow)) shares.leave(flow);
        else shares.join(joined.add(flow) && flow);
      }
      shares.settle();
      if (step % 5 !== 0) continue;
      const flows = [...joined],
        exact = exactRates(capacities, flows.map((flow) => ({ ports: ways[flow]! })));
      flows.forEach((flow, index) => {
        const expected = exact[index] as number, error = Math.abs(shares.rateOf(flow) - expected);
        assert(
          error <= 1e-11 * expected,
          `${name}: flow ${flow} is off by ${error} of ${expected}`,
        );
      });
    }
  }
});

Deno.test("a change is felt nearby, not everywhere", () => {
  const shares = new Shares(), random = new Stream("nearby"), hosts = 500, flows = 4 * hosts;
  const ports = range(2 * hosts).map(() => shares.addPort(12_500_000));
  const between = (flow: number) => {
    const up = ports[flow % hosts] as number, down = ports[hosts + random.below(hosts)] as number;
    shares.route(flow, up, down);
    shares.join(flow);
  };
  range(flows).forEach(between);
  shares.settle();
  const before = shares.fills, changes = 2000;
  for (let change = 0; change < changes; change++) {
    const flow = random.below(flows);
    shares.leave(flow);
    between(flow);
    shares.settle();
  }
  const each = (shares.fills - before) / changes;
  assert(each < 40, `of 1000 ports, ${each} had to be worked out anew`);
});
