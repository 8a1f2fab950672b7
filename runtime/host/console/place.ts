/** Where one is talking, with somebody or in a group: what is said there, and said otherwise. */
import type { Command, PeerId } from "../../core/mod.ts";
import { chat, groups } from "../../protocols/mod.ts";
import type { Board } from "./board.ts";
import type { Enclosed } from "./enclosed.ts";
import type { Line } from "./talk.ts";

/** With whom, or in which group. */
export type Place = { readonly to: PeerId } | { readonly group: string };

/** Says something there; `about` is the message that it answers. */
export function saying(
  place: Place,
  text: string,
  more: { readonly about?: string; readonly attachment?: Enclosed["attachment"] } = {},
): Command {
  return "to" in place
    ? chat.write({ to: [place.to], text, ...more })
    : groups.write(place.group, text, more);
}

/** Other words for a message of one's own, or none. */
export function changing(place: Place, about: string, text: string | undefined): Command {
  if ("to" in place) {
    const to = [place.to];
    return text === undefined ? chat.unsend({ to, about }) : chat.edit({ to, about, text });
  }
  return text === undefined
    ? groups.unsend(place.group, about)
    : groups.edit(place.group, about, text);
}

/** The last message there, of one's own or of others. */
export function lastIn(place: Place, isOwn: boolean, { talk, self }: Board): Line | undefined {
  return talk.lines.findLast((line) => {
    if (line.kind !== "letter" || line.isGone) return false;
    if ("group" in place) {
      return line.group === place.group && isOwn === (line.peer === self);
    }
    return line.group === undefined &&
      (isOwn ? line.to?.[place.to] !== undefined : line.peer === place.to);
  });
}
