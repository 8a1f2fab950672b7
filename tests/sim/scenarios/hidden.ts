/** A node that draws from the engine's own chance: what `--twice` is there to find. */
import type { Protocol } from "../../../runtime/core/mod.ts";
import { lan, scenario } from "../../../sim/mod.ts";
import { dial, echo, ping } from "../echo.ts";

function moody(): Protocol<never> {
  return {
    name: "moody",
    code: 8,
    wire: { encode: () => new Uint8Array(0), decode: () => undefined, kinds: [] },
    started: (_saved, ctx) => ctx.wake("whim", 5_000_000),
    received() {},
    woke: (_timer, ctx) => ctx.cast("everyone", Uint8Array.of(256 * Math.random())),
  };
}

export default scenario({
  seed: 3,
  lasts: "10s",
  network: lan(),
  protocols: () => [echo(), moody()],
  play({ named, at }) {
    const { ana, ben } = named("ana", "ben");
    at("1s", ana, dial(ben.address));
    at("2s", ana, ping());
  },
});
