/**
 * What scenarios are written with: a cast, props, acts and claims, in that order.
 *
 *     export default scenario({
 *       seed: 50,
 *       lasts: "2m",
 *       network: lan({ latency: "1ms..4ms", bandwidth: "100Mbps", loss: "0.1%" }),
 *       protocols: () => all(),
 *
 *       play({ named, many, file, at, between, expect }) {
 *         const { teacher } = named("teacher");
 *         const pcs = many("pc", 42, { uplink: "20Mbps" });
 *         const lecture = file("lecture.mp4", "4MB");
 *
 *         at("3s", teacher, share(lecture));
 *         between("10s", "20s", cut(pcs.slice(0, 21), pcs.slice(21)));
 *
 *         expect("everyone gets the lecture", pcs, completed, { by: "1m" });
 *       },
 *     });
 *
 * What a machine asks may be a command, or a function from the machine to its command; `when` waits
 * for an event, `whenever` for each; `storm` lets chance choose faults, `vary` what machines are like,
 * `drawnLan` the network; `expectValue` claims numbers of the whole run.
 */
export type { Actor, ActorOptions, Actors } from "./cast.ts";
export type { EventGuard, EventTest } from "./claims.ts";
export type { Asking, Tally } from "./deeds.ts";
export {
  backUp,
  change,
  clog,
  crash,
  crashAfter,
  cut,
  diskFails,
  diskFull,
  type Fault,
  hold,
  isolate,
  leave,
  lossy,
  pause,
  powerOff,
  powerOffAfter,
  restart,
  restore,
  rot,
  steal,
  wipe,
} from "./faults.ts";
export type { FileHandle } from "./files.ts";
export { type Lie, lying, poisoning, saying, twoFaced } from "./liars.ts";
export { lan, type LanOptions, payloadRate } from "./lan.ts";
export { type DrawnLan, drawnLan } from "./nature.ts";
export type { StormKind, StormOptions } from "./storm.ts";
export type { RunFacts } from "./recorder.ts";
export { type Scenario, scenario, type ScenarioDefinition } from "./scenario.ts";
export type { Settings, ValuesOf } from "./settings.ts";
export type { Stage } from "./stage.ts";
export { type Duration, type Rate, type Share, type Size, sizeOf, type Spread } from "./units.ts";
