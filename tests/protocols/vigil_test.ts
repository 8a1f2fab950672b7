/** What a node does about a neighbour of which others say that it is dead. */
import assert from "node:assert/strict";
import { millisecond, type PeerId, second, Stream } from "../../runtime/core/mod.ts";
import type {
  MembershipContext,
  Neighbour,
  View,
} from "../../runtime/protocols/membership/view.ts";
import * as limits from "../../runtime/protocols/membership/limits.ts";
import { type Verdict, Vigil } from "../../runtime/protocols/membership/vigil.ts";
import { datagramWire } from "../../runtime/protocols/membership/wire.ts";

const PEER = "a".repeat(64) as PeerId;

/**
 * A peer last heard 2.3 s ago, and a vigil that hears of its death: a neighbour, of those that speak every
 * 2 s, or else one to whom there is only a link. The vigil's own last pulses were late by `lag`.
 */
function rumoured({ isNeighbour = true, silence = 2300, lag = 0 } = {}) {
  let now = 10 * second, wakesAt = Infinity;
  let heardAt = now - silence * millisecond;
  const neighbour = { peer: PEER, address: "10.0.0.1:1", pace: 2 * second, incarnation: 1 };
  const silent = { heardAt, frameAt: heardAt, wavering: false };
  const view = new Map<PeerId, Neighbour>();
  const nonces: Uint8Array[] = [];
  const ctx = {
    get now() {
      return now;
    },
    random: new Stream("vigil"),
    heardAt: () => isNeighbour ? -Infinity : heardAt,
    send: () => true,
    wake: (_timer: string, after: number) => void (wakesAt = now + after),
    tell: () => {},
    cast(_to: string, bytes: Uint8Array) {
      const probe = datagramWire.decode(bytes);
      if (probe?.kind === "probe") nonces.push(probe.nonce);
    },
  } as unknown as MembershipContext;
  const vigil = new Vigil(view as unknown as View);
  const pulses = lag > 0 ? 4 : 1;
  for (let pulse = 0; pulse < pulses; pulse++) {
    now += limits.PULSE + lag * millisecond;
    vigil.attend(now);
    vigil.pulse(ctx);
  }
  now += limits.CATCHING_UP + lag * millisecond; // what was said meanwhile is read by then
  heardAt = now - silence * millisecond;
  if (isNeighbour) {
    view.set(PEER, { ...neighbour, ...silent, heardAt, frameAt: heardAt } as Neighbour);
  }
  const hear = () => {
    if (isNeighbour) vigil.rumoured(view.get(PEER)!, ctx);
    else vigil.rumouredFar(neighbour, heardAt, ctx);
  };
  hear();
  return {
    nonces,
    hearAgain: hear,
    speaks: () => void (heardAt = now),
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

Deno.test("on a busy machine a neighbour that is said to be dead has as much longer to answer", () => {
  const { after } = rumoured({ lag: 500 });
  assert.deepEqual(after(619), []);
  assert.equal(after(1)[0]?.isDead, true);
});

Deno.test("a linked peer whose beats do not come here is asked as well before it is buried", () => {
  const { nonces, after, hearAgain } = rumoured({ isNeighbour: false });
  for (const wait of [0, 40, 40]) {
    assert.deepEqual(after(wait), []);
    hearAgain();
  }
  assert.ok(nonces.length >= 3, `${nonces.length}`);
  assert.deepEqual(after(39), []);
  const [verdict] = after(1);
  assert.deepEqual([verdict?.isDead, verdict?.why], [true, "silent"]);
});

Deno.test("its answer, or a word over its link, is enough", () => {
  for (const sign of ["answer", "speaks"] as const) {
    const peer = rumoured({ isNeighbour: false });
    peer.after(100);
    peer[sign]();
    assert.deepEqual(peer.after(1000), []);
  }
});

Deno.test("one that spoke a moment ago must be silent for as long as a neighbour would have to be", () => {
  const { nonces, after } = rumoured({ isNeighbour: false, silence: 1000 });
  assert.deepEqual(after(1200), []);
  assert.ok(nonces.length <= 3, `${nonces.length}, in a time in which nobody is in haste`);
  assert.deepEqual(after(119), []);
  assert.equal(after(1)[0]?.isDead, true);
});
