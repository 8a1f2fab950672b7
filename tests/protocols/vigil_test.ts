/** What a node does about a neighbour of which others say that it is dead. */
import assert from "node:assert/strict";
import { millisecond, type PeerId, second, Stream } from "../../runtime/core/mod.ts";
import type {
  MembershipContext,
  Neighbour,
  View,
} from "../../runtime/protocols/membership/view.ts";
import { type Verdict, Vigil } from "../../runtime/protocols/membership/vigil.ts";
import { datagramWire } from "../../runtime/protocols/membership/wire.ts";

const PEER = "a".repeat(64) as PeerId;

/** A neighbour last heard 2.3 s ago, of those that speak every 2 s, and a vigil that hears of its death. */
function rumoured() {
  let now = 10 * second, wakesAt = Infinity;
  const neighbour = { peer: PEER, address: "10.0.0.1:1", pace: 2 * second, incarnation: 1 };
  const silent = { heardAt: now - 2300 * millisecond, frameAt: now - 2300 * millisecond };
  const view = new Map([[PEER, { ...neighbour, ...silent, wavering: false } as Neighbour]]);
  const nonces: Uint8Array[] = [];
  const ctx = {
    get now() {
      return now;
    },
    random: new Stream("vigil"),
    heardAt: () => -Infinity,
    send: () => true,
    wake: (_timer: string, after: number) => void (wakesAt = now + after),
    tell: () => {},
    cast(_to: string, bytes: Uint8Array) {
      const probe = datagramWire.decode(bytes);
      if (probe?.kind === "probe") nonces.push(probe.nonce);
    },
  } as unknown as MembershipContext;
  const vigil = new Vigil(view as unknown as View);
  vigil.rumoured(view.get(PEER)!, ctx);
  return {
    nonces,
    hearAgain: () => vigil.rumoured(view.get(PEER)!, ctx),
    vouch: () => vigil.vouched(PEER),
    answer: () => vigil.answered(nonces[0]!, ctx),
    /** What it comes to believe in so many milliseconds. */
    after(millis: number) {
      const verdicts: Verdict[] = [], until = now + millis * millisecond;
      while (wakesAt <= until) {
        now = Math.max(now, wakesAt);
        wakesAt = Infinity;
        verdicts.push(...vigil.judge(ctx));
      }
      now = until;
      return verdicts;
    },
  };
}

Deno.test("a neighbour that is said to be dead is asked three times, and then believed to be", () => {
  const { nonces, after, hearAgain } = rumoured();
  for (const wait of [0, 40, 40]) {
    assert.deepEqual(after(wait), []);
    hearAgain(); // which gives it no more time
  }
  assert.ok(nonces.length >= 3, `${nonces.length}`);
  assert.deepEqual(after(39), []);
  const [verdict] = after(1);
  assert.equal(verdict?.peer, PEER);
  assert.equal(verdict?.isDead, true);
});

Deno.test("one answer is enough to stay a neighbour, whatever others say", () => {
  const { after, answer, hearAgain } = rumoured();
  after(100);
  answer();
  assert.deepEqual(after(1000), []);
  hearAgain();
  assert.deepEqual(after(100), []);
});

Deno.test("what somebody vouches for is not buried for what others say", () => {
  const { after, vouch } = rumoured();
  vouch();
  assert.deepEqual(after(500), []);
});
