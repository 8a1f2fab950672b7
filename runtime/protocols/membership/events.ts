/** What membership tells and what it takes: its events with their predicates, its commands. */
import type { Address, AppEvent, Command, Context, PeerId, Reason } from "../../core/mod.ts";

const NAME = "membership";

/** A peer has proved itself or signed its card: it is there, at this address. */
export interface Found extends AppEvent {
  readonly name: "found";
  readonly peer: PeerId;
  readonly address: Address;
}

/** A peer has become a neighbour: the link to it is held. */
export interface Up extends AppEvent {
  readonly name: "up";
  readonly peer: PeerId;
  readonly address: Address;
}

/** A peer is no longer a neighbour. `released`: both live on, only not side by side. */
export interface Down extends AppEvent {
  readonly name: "down";
  readonly peer: PeerId;
  readonly why: Reason;
}

/** A peer is dead, has said goodbye, or is evicted because nothing was heard of its person. */
export interface Gone extends AppEvent {
  readonly name: "gone";
  readonly peer: PeerId;
  readonly why: Reason;
}

/** Nothing is heard on the link of a neighbour, or it is heard again. */
export interface Wavering extends AppEvent {
  readonly name: "wavering" | "steady";
  readonly peer: PeerId;
}

/** A sweep has called every host of its subnet. */
export interface Swept extends AppEvent {
  readonly name: "swept";
  readonly subnet: string;
}

/** What a person asked for cannot be done. */
export interface Refused extends AppEvent {
  readonly name: "refused";
  readonly what: string;
  readonly why: Reason;
}

export type MembershipEvent =
  & (Found | Up | Down | Gone | Wavering | Swept | Refused)
  & { readonly protocol: typeof NAME };

type WithoutProtocol<Event> = Event extends AppEvent ? Omit<Event, "protocol"> : never;

/** Tells one of membership's events. */
export function tell(
  ctx: Pick<Context, "tell">,
  event: WithoutProtocol<MembershipEvent>,
): void {
  ctx.tell({ protocol: NAME, ...event });
}

export interface Meet extends Command {
  readonly name: "meet";
  readonly addresses: readonly Address[];
}

export interface Sweep extends Command {
  readonly name: "sweep";
  readonly subnet: string;
}

export interface Depart extends Command {
  readonly name: "depart";
}

export type MembershipCommand = (Meet | Sweep | Depart) & { readonly protocol: typeof NAME };

/** Dials addresses typed by hand, now and whenever nobody of them is linked; remembered over restarts. */
export function meet(addresses: readonly Address[]): MembershipCommand {
  return { protocol: NAME, name: "meet", addresses };
}

/** Calls every host of an IPv4 subnet such as `10.0.3.0/24`, at this node's own port. */
export function sweep(subnet: string): MembershipCommand {
  return { protocol: NAME, name: "sweep", subnet };
}

/** Says goodbye to all neighbours, who need not wait for silence; takes part again after a restart. */
export function depart(): MembershipCommand {
  return { protocol: NAME, name: "depart" };
}

/** True for membership's own events: the rest of the type follows from `name`. */
export function isMembershipEvent(event: AppEvent): event is MembershipEvent {
  return event.protocol === NAME;
}

function told(name: MembershipEvent["name"], peer: PeerId | undefined) {
  return (event: AppEvent): boolean =>
    event.protocol === NAME && event.name === name && (peer === undefined || event.peer === peer);
}

/** A peer, or any, is there. */
export const found = (peer?: PeerId) => told("found", peer);
/** A peer, or any, has become a neighbour. */
export const up = (peer?: PeerId) => told("up", peer);
/** A peer, or any, is no longer a neighbour. */
export const down = (peer?: PeerId) => told("down", peer);
/** A peer, or any, is dead or has left. */
export const gone = (peer?: PeerId) => told("gone", peer);
