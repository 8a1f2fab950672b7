/** What groups tell, for people and in fields. */
import type { Context, PeerId } from "../../core/mod.ts";
import { readAttachment, speechWords, spokenOf } from "../chat/mod.ts";
import { tell } from "./commands.ts";
import type { Group } from "./group.ts";
import type { Said } from "./spoken.ts";

type Tools = Pick<Context, "tell">;

/** Who is in it now. */
export function tellRoster(group: Group, me: PeerId, again: boolean, ctx: Tools): void {
  const { roster, title, name } = group;
  if (roster === undefined) return;
  const members = [...roster.members.keys()], isIn = group.has(me);
  const admins = members.filter((peer) => roster.members.get(peer) === "admin");
  const words = isIn ? `${title}: ${members.length} members` : `You are no longer in ${title}`;
  tell(ctx, { name: "roster", group: name, title, members, admins, isIn, again, words });
}

/** Somebody has said something in it. */
export function tellReceived(
  { name: group, title }: Group,
  id: string,
  peer: PeerId,
  said: Said,
  again: boolean,
  ctx: Tools,
): void {
  const spoken = spokenOf(said),
    attachment = readAttachment(said.enclosed),
    words = speechWords(title, spoken);
  tell(ctx, { name: "received", group, title, id, peer, ...spoken, attachment, again, words });
}

/** It cannot be. */
export function refuse(group: string, what: string, ctx: Tools): void {
  tell(ctx, { name: "refused", group, words: `Cannot ${what}` });
}
