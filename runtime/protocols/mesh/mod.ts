/** The mesh's only door: saying something to everybody. */
export { heard, isMeshEvent, pass, refuse, repeated, say, sent } from "./events.ts";
export type { MeshCommand, MeshEvent } from "./events.ts";
export { mesh } from "./mesh.ts";
export type { MeshOptions } from "./mesh.ts";
export { meshWire } from "./wire.ts";
export type { MeshMessage } from "./wire.ts";
