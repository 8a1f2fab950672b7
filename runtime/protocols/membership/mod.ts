/** Membership's only door: who is there, who is next to this node, who has gone. */
export { Allowance, Allowances } from "./allowance.ts";
export { depart, down, found, gone, isMembershipEvent, meet, sweep, up } from "./events.ts";
export type { MembershipCommand, MembershipEvent } from "./events.ts";
export { membership } from "./membership.ts";
export type { MembershipOptions } from "./membership.ts";
export { datagramWire, membershipWire, peerName } from "./wire.ts";
export type { Datagram, MembershipMessage } from "./wire.ts";
