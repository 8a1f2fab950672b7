/** Hours of small talk: something to interrupt. */
import { lan, scenario } from "../../../sim/mod.ts";
import { dial, echo, ping } from "../echo.ts";

export default scenario({
  seed: 1,
  lasts: "9h",
  network: lan(),
  protocols: () => [echo()],
  play({ named, at, every }) {
    const { ana, ben } = named("ana", "ben");
    at("1s", ana, dial(ben.address));
    every("20ms", ana, ping(), { from: "2s" });
  },
});
