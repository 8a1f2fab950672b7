/** The lab's only door: sessions that a teacher opens, and everything that happens in them. */
export type { SessionId } from "./charter.ts";
export {
  answer,
  ask,
  close,
  delegate,
  join,
  leave,
  open,
  revoke,
  say,
  share,
  trust,
  withdraw,
} from "./commands.ts";
export type { LabCommand, Right, Role } from "./commands.ts";
export * from "./events.ts";
export { lab } from "./lab.ts";
export type { LabOptions } from "./lab.ts";
export { statementWire, TOPIC } from "./statement.ts";
export type { TrustOptions } from "./trust.ts";
export { labWire } from "./wire.ts";
export type { LabMessage } from "./wire.ts";
