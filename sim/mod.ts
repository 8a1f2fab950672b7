/** What scenarios are written with. */
export type { Actor, ActorOptions, Actors } from "./cast.ts";
export type { EventTest } from "./claims.ts";
export type { Asking, Tally } from "./deeds.ts";
export {
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
  restart,
  rot,
  wipe,
} from "./faults.ts";
export type { FileHandle } from "./files.ts";
export { lan, type LanOptions, payloadRate } from "./lan.ts";
export type { StormKind, StormOptions } from "./storm.ts";
export type { RunFacts } from "./recorder.ts";
export { type Scenario, scenario, type ScenarioDefinition } from "./scenario.ts";
export type { Settings, ValuesOf } from "./settings.ts";
export type { Stage } from "./stage.ts";
export { type Duration, type Rate, type Share, type Size, sizeOf, type Spread } from "./units.ts";
