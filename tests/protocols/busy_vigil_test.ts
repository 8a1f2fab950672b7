/** What a node on a busy machine believes, and when: its own last pulses came late. */
import assert from "node:assert/strict";
import { type Micros, millisecond, type PeerId, second, Stream } from "../../runtime/core/mod.ts";
import * as limits from "../../runtime/protocols/membership/limits.ts";
import type {
  MembershipContext,
  Neighbour,
  View,
} from "../../runtime/protocols/membership/view.ts";
import { Vigil } from "../../runtime/protocols/membership/vigil.ts";

const PEER = "a".repeat(64) as PeerId;
const ADDRESS = "10.0.0.1:1";

/** A vigil three of whose pulses were half a second late, the third of them now. */
function busy() {
  let now: Micros = 10 * second, wakesAt: Micros = Infinity;
  const start = now + 3 * (limits.PULSE + 500 * millisecond);
  const told: { readonly name: string; readonly after: number }[] = [];
  const view = new Map<PeerId, Neighbour>();
  const after = () => (now - start) / millisecond;
  const ctx = {
    get now() {
      return now;
    },
    random: new Stream("busy"),
    heardAt: () => -1,
    saidAt: () => now,
    send: () => true,
    cast: () => {},
    wake: (_timer: string, wait: Micros) => void (wakesAt = now + wait),
    tell: ({ name }: { name: string }) => told.push({ name, after: after() }),
  } as unknown as MembershipContext;
  const vigil = new Vigil(view as unknown as View);
  const pulse = () => {
    vigil.attend(now);
    vigil.pulse(ctx);
  };
  pulse();
  for (let late = 0; late < 3; late++) {
    now += limits.PULSE + 500 * millisecond;
    pulse();
  }
  return {
    vigil,
    ctx,
    /** It was heard so long ago, and beats twice a second. */
    neighbour(silence: number): Neighbour {
      const heardAt = now - silence * millisecond;
      const known = { peer: PEER, address: ADDRESS, incarnation: 1, pace: limits.PULSE };
      const times = { heardAt, frameAt: heardAt, toldAt: now, toldPace: limits.PULSE };
      const neighbour = { ...known, ...times, wavering: false } as unknown as Neighbour;
      view.set(PEER, neighbour);
      return neighbour;
    },
    /** Pulses on time from now on: what is told, and when it is sure, in milliseconds from now. */
    goesOn() {
      for (let pulses = 1; pulses <= 12; pulses++) {
        const next = start + pulses * limits.PULSE;
        while (wakesAt < next) {
          now = Math.max(now, wakesAt);
          wakesAt = Infinity;
          vigil.attend(now);
          if (vigil.judge(ctx).length > 0) return { told, sureAfter: after() };
        }
        now = next;
        pulse();
      }
      return { told, sureAfter: Infinity };
    },
  };
}

Deno.test("a neighbour is doubted, and given up, as much later as the node's own pulses came", () => {
  const { neighbour, goesOn } = busy();
  neighbour(0);
  const { told, sureAfter } = goesOn();
  assert.deepEqual(told, [{ name: "wavering", after: 1500 }]);
  assert.equal(sureAfter, 500 + 2300 + 500);
});

Deno.test("a process whose links broke has as much longer to answer", () => {
  const { vigil, ctx, goesOn } = busy();
  vigil.suspect(PEER, ADDRESS, 1, ctx);
  assert.equal(goesOn().sureAfter, 250 + 500);
});

Deno.test("what was said while the node was late is read for as long as it was late", () => {
  const { vigil, ctx, neighbour, goesOn } = busy();
  vigil.rumoured(neighbour(500 + 2300 + 500 - 400), ctx);
  assert.equal(goesOn().sureAfter, 500, "and not 400, when its time was over");
});
