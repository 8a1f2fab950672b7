/** What a device remembers of a group, and what a disk that failed half-way makes of it. */
import assert from "node:assert/strict";
import { identityFrom, utf8 } from "../../../runtime/core/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import { changeOf } from "../../../runtime/protocols/groups/change.ts";
import { founded } from "../../../runtime/protocols/groups/founding.ts";
import { Group } from "../../../runtime/protocols/groups/group.ts";
import { add, create, groups, groupWire, write } from "../../../runtime/protocols/groups/mod.ts";
import * as limits from "../../../runtime/protocols/groups/limits.ts";
import { newKey, openFrom, sealFor } from "../../../runtime/protocols/groups/sender_key.ts";
import { desk } from "../chat/desk.ts";

Deno.test("a message on the disk takes its sender's key along: it is read once, whatever else was lost", () => {
  const { ctx, saved } = desk("ana");
  const ben = identityFrom(noble.sha256(utf8("ben")), noble).peer;
  const group = founded("Room", [], ctx)!;
  const adding = { group: group.bytes, previous: group.rosterHash, kind: "add" } as const;
  group.addChange(changeOf({ ...adding, subject: ben, title: "" }, ctx), ctx);

  const sender = newKey(6, ctx);
  const about = { group: group.bytes, roster: group.rosterHash, sender: ben };
  const { message } = sealFor(sender, utf8("hello"), about, ctx);
  group.meet(ben, sender, ctx);
  const opened = openFrom(sender, message, about, ctx)!;
  const said = {
    deed: "says",
    about: undefined,
    text: "hello",
    enclosed: new Uint8Array(0),
  } as const;
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

Deno.test("what is read takes its key to the disk only as far as that, and not to a message that may be refused", () => {
  const { saved, ctx } = desk("ana"), ben = desk("ben").peer;
  const group = founded("Room", [ben], ctx)!;
  const about = { group: group.bytes, roster: group.rosterHash, sender: ben };
  let key = newKey(6, ctx);
  group.meet(ben, key, ctx);
  const said = { deed: "says", about: undefined, text: "x", enclosed: new Uint8Array(0) } as const;
  const messages = ["a1", "a2", "a3"].map((id) => {
    const { key: next, message } = sealFor(key, utf8(id), about, ctx);
    key = next;
    const opened = openFrom(group.keysOf(ben, 6)[0]!, message, about, ctx)!;
    group.keep(id, ben, said, opened.key, ctx);
    group.learn(ben, opened.key);
    return message;
  });
  // The disk has refused the second, which nobody knows yet; the first and the third are read.
  saved.delete(`in/${group.name}/a2`);
  const onDisk = () => {
    const again = new Group(group.name, ctx);
    for (const [name, bytes] of saved) {
      const [box, , rest = ""] = name.split("/") as [string, string, string];
      assert.ok(again.restore(box, rest, bytes), name);
    }
    return messages.map((message) =>
      openFrom(again.keysOf(ben, 6)[0]!, message, about, ctx) === undefined ? "-" : "o"
    ).join("");
  };
  assert.equal(onDisk(), "ooo");
  group.read("a1", ctx);
  assert.equal(onDisk(), "-oo", "the second can be opened after a restart");
  group.read("a3", ctx);
  assert.equal(onDisk(), "---");
});

Deno.test("a key that comes once more changes nothing: what was read with it stays read", () => {
  const { ctx, peer: ana } = desk("ana");
  const group = founded("Room", [], ctx)!;
  const keys = Array.from({ length: limits.KEYS + 2 }, (_, nth) => newKey(nth, ctx));
  for (const key of keys) group.meet(ana, key, ctx);
  const numbers = () => keys.map(({ number }) => group.keysOf(ana, number).length).join("");
  assert.equal(numbers(), "00111", "the last ones are kept");
  group.learn(ana, { ...keys.at(-1)!, iteration: 7 });
  for (const key of keys) group.meet(ana, key, ctx);
  assert.equal(numbers(), "00111", "one of before does not come back");
  assert.equal(group.keysOf(ana, keys.at(-1)!.number)[0]!.iteration, 7);
});

Deno.test("a key lasts until who is in the group changes: nobody is told one that spoke before they came", () => {
  const { ctx } = desk("ana"), [ben, dan] = ["ben", "dan"].map((name) => desk(name).peer);
  const letters: { to: readonly string[]; bytes: Uint8Array }[] = [];
  const tools = Object.create(ctx, {
    ask: {
      value: (command: { to: readonly string[]; bytes: Uint8Array }) => letters.push(command),
    },
  }) as typeof ctx;
  const protocol = groups();
  protocol.started!({ records: new Map(), kept: [] }, tools as never);
  const ask = (command: object) => protocol.asked!(command as never, tools as never);
  ask(create("Room", [ben!]));
  const { bytes } = letters[0]!;
  const group = groupWire.decode(bytes)!.group.toHex();
  const keysSaid = () =>
    letters.splice(0).filter(({ bytes }) => bytes !== undefined)
      .map(({ to, bytes }) => ({ to, message: groupWire.decode(bytes)! }))
      .flatMap(({ to, message }) => message.kind === "key" ? [{ to, key: message.key }] : []);
  ask(write(group, "early"));
  const [early] = keysSaid();
  assert.deepEqual(early!.to, [ben]);
  ask(write(group, "still early"));
  assert.deepEqual(keysSaid(), []);
  ask(add(group, dan!));
  ask(write(group, "with Dan"));
  const [late] = keysSaid();
  assert.deepEqual([...late!.to].sort(), [ben, dan].sort());
  assert.notDeepEqual(late!.key.verify, early!.key.verify);
  assert.equal(late!.key.iteration, 0);
});
