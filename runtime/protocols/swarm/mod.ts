/** The swarm's only door: files of any size from one to many, each helping all the others. */
export * from "./events.ts";
export type { ContentKey, FileEntry, Manifest } from "./manifest.ts";
export { blockLength, blocksOf, decodeManifest } from "./manifest.ts";
export { isPortableName, isPortablePath, portablePath } from "./names.ts";
export { swarm } from "./swarm.ts";
export type { SwarmOptions } from "./swarm.ts";
export { swarmWire } from "./wire.ts";
export type { SwarmMessage } from "./wire.ts";
