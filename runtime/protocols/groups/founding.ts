/** How a group begins, and how it is changed: changes signed by this device, each on top of the last. */
import { type Context, type PeerId, utf8 } from "../../core/mod.ts";
import { type Change, changeOf, groupOf, type Kind, NOTHING } from "./change.ts";
import { Group } from "./group.ts";
import * as limits from "./limits.ts";

type Tools = Pick<Context, "save" | "crypto" | "self" | "identity" | "random">;

/** A new group with these people in it, and this one; undefined where none can be called so, or be so large. */
export function founded(
  title: string,
  members: readonly PeerId[],
  ctx: Tools,
): Group | undefined {
  const isFitting = title !== "" && utf8(title).length <= limits.TITLE_BYTES &&
    members.length < limits.MEMBERS;
  if (!isFitting) return undefined;
  const none = new Uint8Array(limits.GROUP_BYTES);
  const first = changeOf(
    { group: none, previous: NOTHING, kind: "create", subject: ctx.self, title },
    ctx,
  );
  const group = new Group(groupOf(first, ctx.crypto), ctx);
  group.addChange(first, ctx);
  for (const peer of new Set(members)) {
    if (peer !== ctx.self) group.addChange(nextChange(group, "add", peer, ctx), ctx);
  }
  return group;
}

/** The change that comes next, if this device may make it. */
export function nextChange(group: Group, kind: Kind, subject: PeerId, ctx: Tools): Change {
  const previous = group.rosterHash;
  return changeOf({ group: group.bytes, previous, kind, subject, title: "" }, ctx);
}
