/** The network's only door: sockets and serial lines of a real machine, as the orders and facts of a node. */
export type { Interface, InterfaceKind } from "./interfaces.ts";
export { LiveNetwork, type NetworkOptions, type NetworkStats, openNetwork } from "./network.ts";
