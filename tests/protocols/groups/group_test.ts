/** What a device remembers of a group, and what a disk that failed half-way makes of it. */
import assert from "node:assert/strict";
import { identityFrom, utf8 } from "../../../runtime/core/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import { changeOf, groupOf, NOTHING } from "../../../runtime/protocols/groups/change.ts";
import { Group } from "../../../runtime/protocols/groups/group.ts";
import * as limits from "../../../runtime/protocols/groups/limits.ts";
import { newKey, openFrom, sealFor } from "../../../runtime/protocols/groups/sender_key.ts";
import { desk } from "../chat/desk.ts";

Deno.test("a message on the disk takes its sender's key along: it is read once, whatever else was lost", () => {
  const { ctx, saved, peer: ana } = desk("ana");
  const ben = identityFrom(noble.sha256(utf8("ben")), noble).peer;
  const none = new Uint8Array(limits.GROUP_BYTES);
  const first = changeOf(
    { group: none, previous: NOTHING, kind: "create", subject: ana, title: "Room" },
    ctx,
  );
  const group = new Group(groupOf(first, noble), ctx);
  group.addChange(first, ctx);
  const adding = { group: group.bytes, previous: group.rosterHash, kind: "add" } as const;
  group.addChange(changeOf({ ...adding, subject: ben, title: "" }, ctx), ctx);

  const sender = newKey(6, ctx);
  const about = { group: group.bytes, roster: group.rosterHash, sender: ben };
  const { message } = sealFor(sender, utf8("hello"), about, ctx);
  group.meet(ben, sender, ctx);
  const opened = openFrom(sender, message, about, ctx)!;
  const said = { deed: "says", about: undefined, text: "hello", enclosed: none } as const;
  group.keep("a1", ben, said, opened.key, ctx);
  // The disk takes the message, and refuses the key that goes on after it.
  assert.equal(group.keysOf(ben, 6)[0]!.iteration, 0);

  const again = new Group(group.name, ctx);
  for (const [name, bytes] of saved) {
    const [box, , rest = ""] = name.split("/") as [string, string, string];
    assert.ok(again.restore(box, rest, bytes), name);
  }
  again.restored(ctx);
  // Nor can a removal overtake the key, where the disk is full: it takes what shrinks, and nothing else.
  const key = `their/${group.name}/${ben}`, before = saved.get(key);
  again.read("a1", ctx);
  assert.notDeepEqual(saved.get(key), before);
  assert.equal(openFrom(again.keysOf(ben, 6)[0]!, message, about, ctx), undefined);
});
