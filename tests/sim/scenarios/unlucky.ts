/** Half of all seeds lose the only datagram; some other seeds find a bug. */
import { lan, scenario } from "../../../sim/mod.ts";
import { echo, shout, told } from "../echo.ts";

export default scenario({
  seed: 1,
  lasts: "5s",
  network: lan({ latency: "1ms", loss: "20%" }),
  settings: { bug: { default: false } },
  protocols: () => [echo()],
  play({ named, at, expect, random, settings }) {
    const { ana, ben } = named("ana", "ben");
    const bug = settings.bug && random.below(4) === 0;
    at("1s", ana, () => {
      if (bug) throw new Error("Assertion failed: a planted bug");
      return shout("is anybody here?");
    });
    expect("Ben hears it", ben, told("overheard"), { by: "2s" });
  },
});
