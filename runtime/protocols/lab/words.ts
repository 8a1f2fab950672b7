/** What a lab's events say in one sentence. */
import { type Context, reasons, unreachable } from "../../core/mod.ts";
import type { LabEvent, RefusedEvent } from "./events.ts";

type Untold<Event> = Event extends LabEvent ? Omit<Event, "protocol" | "words"> : never;
type Fields = Untold<Exclude<LabEvent, RefusedEvent>>;

/** Tells an event, for people and siblings. */
export function tell(ctx: Context, fields: Fields): void {
  ctx.tell({ protocol: "lab", ...fields, words: wordsOf(fields) } as LabEvent);
}

/** Tells that something cannot be: `Cannot share "notes.pdf": the session is over`. */
export function refuse(
  ctx: Context,
  what: string,
  why: RefusedEvent["why"],
  action: string,
  state: string = reasons[why],
): void {
  const words = `Cannot ${action}: ${state}`;
  ctx.tell({ protocol: "lab", name: "refused", what, why, words } as RefusedEvent);
}

function wordsOf(event: Fields): string {
  switch (event.name) {
    case "opened":
      return `The session "${event.title}" is ${event.again ? "open again" : "open"}`;
    case "announced":
      return `${event.teacher} has opened the session "${event.title}"`;
    case "warned":
      return `Somebody other than your teacher announces the session "${event.title}"`;
    case "seeking":
      return "Waiting for a session to be announced";
    case "welcomed":
      return `You are ${event.again ? "back in" : "in"} "${event.title}" as ${event.who}`;
    case "parted":
      return `The link to the session is lost, trying again: ${reasons[event.why]}`;
    case "closed":
      return `The session "${event.title}" is over: ${reasons[event.why]}`;
    case "departed":
      return `You have left "${event.title}"`;
    case "joined":
      return `${event.who} is ${event.again ? "back" : "here"}, ${event.here} in all`;
    case "left":
      return `${event.who} has gone, ${event.here} are here: ${reasons[event.why]}`;
    case "published":
      return `"${event.title}" was shared with the session`;
    case "withdrawn":
      return `"${event.title}" was taken back`;
    case "delegated":
      return `${shortOf(event.peer)} may now ${event.rights.join(" and ")}`;
    case "revoked":
      return `${shortOf(event.peer)} is no assistant any more`;
    case "said":
      return `${event.who}: ${event.text}`;
    case "question":
      return `${event.who} asks: ${event.text}`;
    case "answered":
      return `The teacher answers: ${event.text}`;
    case "accepted":
      return "It is kept, and sent as soon as the other side is there";
    case "delivered":
      return "The other side has it";
    default:
      return unreachable(event);
  }
}

/** Enough of a peer's name to tell it apart in one room. */
export function shortOf(peer: string): string {
  return peer.slice(0, 8);
}
