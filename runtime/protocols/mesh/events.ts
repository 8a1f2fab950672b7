/** What the mesh tells and what it takes: its events with their predicates, its commands. */
import {
  type AppEvent,
  type Command,
  type Context,
  type PeerId,
  type Reason,
  utf8,
} from "../../core/mod.ts";

const NAME = "mesh";

/** A message of this node's own is on its way. */
export interface Sent extends AppEvent {
  readonly name: "sent";
  readonly id: string;
  readonly topic: string;
}

/** Somebody said something, told once. `peer` is who said it. */
export interface Heard extends AppEvent {
  readonly name: "heard";
  readonly peer: PeerId;
  readonly origin: PeerId;
  readonly id: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Links between the origin and this node. */
  readonly hops: number;
}

/** The same message came again, over another link: a copy too many. */
export interface Repeated extends AppEvent {
  readonly name: "repeated";
  readonly id: string;
  readonly topic: string;
}

/** A message of a guarded topic: a sibling answers with `pass` or `refuse`, in this same step. */
export interface Judge extends AppEvent {
  readonly name: "judge";
  readonly origin: PeerId;
  readonly id: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Who passed it on. */
  readonly from: PeerId;
}

/** What a person asked for cannot be done. */
export interface Refused extends AppEvent {
  readonly name: "refused";
  readonly topic: string;
  readonly why: Reason;
}

export type MeshEvent = (Sent | Heard | Repeated | Judge | Refused) & {
  readonly protocol: typeof NAME;
};

export interface Say extends Command {
  readonly name: "say";
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface Pass extends Command {
  readonly name: "pass";
  readonly id: string;
}

export interface Refuse extends Command {
  readonly name: "refuse";
  readonly id: string;
  /** Why whoever passed it on is banned; undefined where it could not know better. */
  readonly ban: Reason | undefined;
}

export type MeshCommand = (Say | Pass | Refuse) & { readonly protocol: typeof NAME };

/** Says something to everybody; at most 32 KiB. */
export function say(topic: string, payload: Uint8Array | string): MeshCommand {
  const bytes = typeof payload === "string" ? utf8(payload) : payload;
  return { protocol: NAME, name: "say", topic, payload: bytes };
}

/** A judged message may be told and passed on. */
export function pass(id: string): MeshCommand {
  return { protocol: NAME, name: "pass", id };
}

/** A judged message goes no further; with `ban`, nor does anything from the peer that passed it on. */
export function refuse(id: string, ban?: Reason): MeshCommand {
  return { protocol: NAME, name: "refuse", id, ban };
}

/** True for the mesh's own events: the rest of the type follows from `name`. */
export function isMeshEvent(event: AppEvent): event is MeshEvent {
  return event.protocol === NAME;
}

type WithoutProtocol<Event> = Event extends AppEvent ? Omit<Event, "protocol"> : never;

/** Tells one of the mesh's events. */
export function tell(ctx: Pick<Context, "tell">, event: WithoutProtocol<MeshEvent>): void {
  ctx.tell({ protocol: NAME, ...event });
}

/** A message was said here, of this topic if one is given. */
export const sent = (topic?: string) => (event: AppEvent): boolean =>
  isMeshEvent(event) && event.name === "sent" && (topic === undefined || event.topic === topic);

/** A message was heard, of this topic and origin if they are given. */
export const heard = (topic?: string, origin?: PeerId) => (event: AppEvent): boolean =>
  isMeshEvent(event) && event.name === "heard" &&
  (topic === undefined || event.topic === topic) &&
  (origin === undefined || event.origin === origin);

/** A copy too many came, of a message of this topic if one is given. */
export const repeated = (topic?: string) => (event: AppEvent): boolean =>
  isMeshEvent(event) && event.name === "repeated" &&
  (topic === undefined || event.topic === topic);
