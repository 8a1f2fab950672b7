/** One person, several devices: who counts as one, what goes to which, and what a stranger cannot claim. */
import assert from "node:assert/strict";
import { chat } from "../../../runtime/protocols/mod.ts";
import { type Schema, Writer } from "../../../runtime/core/mod.ts";
import { Circle, copySchema, seenSchema } from "../../../runtime/protocols/chat/circle.ts";
import { noble } from "../../../runtime/core/noble.ts";
import {
  consentTo,
  isBelieved,
  listBytes,
  listed,
} from "../../../runtime/protocols/chat/devices.ts";
import { type Desk, desk, link, settle } from "./desk.ts";

function ask(self: Desk, command: chat.ChatCommand): void {
  self.protocol.asked!(command, self.ctx);
}

function told(self: Desk, name: chat.ChatEvent["name"]): Record<string, unknown>[] {
  return self.told.filter((event) => event.name === name) as unknown as Record<string, unknown>[];
}

const texts = (self: Desk, name: "received" | "copied" = "received") =>
  told(self, name).map(({ text }) => text);

/** Everybody is linked to everybody; Ana has a computer and a phone. */
function room(): Record<"ana" | "phone" | "ben", Desk> & { readonly all: Desk[] } {
  const [ana, phone, ben] = ["ana", "phone", "ben"].map((name) => desk(name)) as [Desk, Desk, Desk];
  const all = [ana, phone, ben];
  link(ana, phone);
  link(ana, ben);
  link(phone, ben);
  settle(all);
  return { ana, phone, ben, all };
}

function linked(): ReturnType<typeof room> {
  const people = room(), { ana, phone, ben, all } = people;
  ask(ben, chat.befriend(ana.peer));
  settle(all);
  ask(ana, chat.befriend(ben.peer));
  settle(all);
  ask(phone, chat.link(ana.peer));
  settle(all);
  ask(ana, chat.adopt(phone.peer));
  settle(all);
  return people;
}

Deno.test("a device that asks is one of this person's once the first device agrees, and others are told", () => {
  const { ana, phone, ben, all } = room();
  ask(ana, chat.adopt(phone.peer));
  assert.equal(told(ana, "refused").length, 1, "it has not asked");
  ask(ana, chat.write({ to: [ben.peer], text: "before" }));
  settle(all);
  ask(phone, chat.link(ana.peer));
  settle(all);
  assert.deepEqual(told(ana, "linking").map(({ peer }) => peer), [phone.peer]);
  assert.deepEqual(told(ben, "devices"), []);
  ask(ana, chat.adopt(phone.peer));
  settle(all);
  for (const each of all) {
    const [{ peer, devices }] = told(each, "devices") as [{ peer: string; devices: string[] }];
    assert.deepEqual([peer, devices], [ana.peer, [ana.peer, phone.peer]]);
  }
});

Deno.test("what is written to somebody reaches all their devices, and what one writes the others know", () => {
  const { ana, phone, ben, all } = linked();
  ask(ben, chat.write({ to: [ana.peer], text: "to Ana" }));
  ask(ana, chat.write({ to: [ben.peer], text: "from the computer" }));
  settle(all);
  ask(phone, chat.write({ to: [ben.peer], text: "from the phone" }));
  ask(ben, chat.write({ to: [phone.peer], text: "to the phone" }));
  settle(all);
  assert.deepEqual(texts(ana), ["to Ana", "to the phone"]);
  assert.deepEqual(texts(phone), ["to Ana", "to the phone"]);
  assert.deepEqual(texts(ben), ["from the computer", "from the phone"]);
  assert.deepEqual(texts(phone, "copied"), ["from the computer"]);
  assert.deepEqual(texts(ana, "copied"), ["from the phone"]);
  const [copy] = told(phone, "copied") as [{ to: string[]; id: string }];
  assert.deepEqual(copy.to, [ben.peer]);
  assert.equal(copy.id, told(ana, "accepted").find(({ text }) => text === "from the computer")!.id);
});

Deno.test("what was read at one device was read at the others, and is told again by none", () => {
  const { ana, phone, ben, all } = linked();
  ask(ben, chat.write({ to: [ana.peer], text: "one" }));
  settle(all);
  const [{ id }] = told(ana, "received") as [{ id: string }];
  ask(ana, chat.read({ peer: ben.peer, ids: [id] }));
  settle(all);
  phone.now += 2_000_000;
  phone.protocol.woke!("again", phone.ctx);
  settle(all);
  assert.deepEqual(told(phone, "seen").map(({ ids }) => ids), [[id]]);
  assert.deepEqual(texts(desk("phone", phone.saved)), []);
  assert.deepEqual(told(ben, "read").map(({ peer }) => peer).sort(), [ana.peer, phone.peer].sort());
});

Deno.test("after a restart everybody still knows whose device is whose", () => {
  const { ana, phone, ben } = linked();
  const again = desk("ben", ben.saved);
  assert.equal(told(again, "devices").length, 1);
  const saved = new Map(phone.saved);
  const [one, other] = [desk("ana", ana.saved), desk("phone", saved)];
  for (const [here, there] of [[one, other], [one, again], [other, again]] as const) {
    link(here, there);
  }
  settle([one, other, again]);
  ask(again, chat.write({ to: [phone.peer], text: "to both" }));
  settle([one, other, again]);
  assert.deepEqual([texts(one), texts(other)], [["to both"], ["to both"]]);
});

Deno.test("a device that is let go gets nothing any more, and whoever is blocked is so on every device", () => {
  const { ana, phone, ben, all } = linked();
  ask(ben, chat.block(ana.peer));
  ask(phone, chat.write({ to: [ben.peer], text: "not shown" }));
  settle(all);
  assert.deepEqual(texts(ben), []);
  ask(ben, chat.unblock(ana.peer));
  ask(ana, chat.unlink(phone.peer));
  settle(all);
  assert.equal(told(phone, "unlinked").length, 1);
  ask(ben, chat.write({ to: [ana.peer], text: "for the computer" }));
  settle(all);
  assert.deepEqual(texts(ana), ["for the computer"]);
  assert.deepEqual(texts(phone), []);
  assert.deepEqual(told(ben, "devices").at(-1)!.devices, [ana.peer]);
});

Deno.test("a list counts as a whole: of its owner, newer, each device with its own consent", () => {
  const { ana, phone, ben } = room();
  const consent = consentTo(ana.peer, phone.identity, noble);
  const { keys } = phone.identity;
  const good = listed(1, [{ ...keys, consent }], ana.identity, noble);
  assert.ok(isBelieved(good, noble));
  const stolen = { ...ben.identity.keys, consent };
  const others = consentTo(ben.peer, phone.identity, noble);
  const bad = [
    { ...good, version: 2 },
    { ...good, devices: [] },
    listed(1, [stolen], ana.identity, noble),
    listed(1, [{ ...keys, consent: others }], ana.identity, noble),
    listed(1, [{ ...keys, consent }, { ...keys, consent }], ana.identity, noble),
    listed(1, [{ ...ana.identity.keys, consent }], ana.identity, noble),
  ];
  for (const list of bad) assert.equal(isBelieved(list, noble), false);
  const bytes = listBytes(good);
  const records = new Map([[`circle/${ana.peer}`, bytes.with(40, bytes[40]! ^ 1)]]);
  const damaged = desk("ben", records);
  assert.equal(told(damaged, "refused").length, 1);
  assert.deepEqual(told(damaged, "devices"), []);
});

Deno.test("a stranger copies nothing, and says of nothing that it was read", () => {
  const { ana, phone, ben } = linked();
  const circle = new Circle({ postTo() {}, correspondents: () => [] });
  const [record] = [...ana.saved].filter(([key]) => key.startsWith("circle/"));
  assert.ok(circle.restore(record![1], ana.ctx));
  const write = <Value>(schema: Schema<Value>, value: Value) => {
    const writer = new Writer();
    schema.write(writer, value);
    return writer.take();
  };
  const id = new Uint8Array(16), nothing = new Uint8Array(0);
  const speech = { deed: "says", about: undefined, text: "I paid" } as const;
  const letter = (purpose: "copied" | "seen", enclosed: Uint8Array) =>
    ({ id, purpose, toAll: false, who: "", ...speech, enclosed }) as const;
  const copy = letter(
    "copied",
    write(copySchema, { id, to: [ben.peer], toAll: false, enclosed: nothing }),
  );
  const seen = letter("seen", write(seenSchema, { peer: ben.peer, ids: [id] }));
  assert.equal(circle.tellCopy(copy, ben.peer, ana.ctx), false);
  circle.heard(seen, ben.peer, ana.ctx);
  ana.now += 2_000_000;
  assert.deepEqual(circle.again(ana.ctx), []);
  assert.equal(circle.tellCopy(copy, phone.peer, ana.ctx), true);
  circle.heard(seen, phone.peer, ana.ctx);
  assert.deepEqual(circle.again(ana.ctx), [], "not before the disk must have said what it refuses");
  ana.now += 2_000_000;
  assert.deepEqual(circle.again(ana.ctx).map(({ ids }) => ids), [["00".repeat(16)]]);
});

Deno.test("whoever has only ever written to this person is told of a new device, too", () => {
  const { ana, phone, ben, all } = room();
  ask(ben, chat.write({ to: [ana.peer], text: "hello" }));
  settle(all);
  ask(phone, chat.link(ana.peer));
  settle(all);
  ask(ana, chat.adopt(phone.peer));
  settle(all);
  ask(ben, chat.write({ to: [ana.peer], text: "to both" }));
  settle(all);
  assert.deepEqual(texts(phone), ["to both"]);
});

Deno.test("an older list does not come back: a device that was let go stays so", () => {
  const { ana, phone, ben } = linked();
  const consent = consentTo(ana.peer, phone.identity, noble);
  const { keys } = phone.identity;
  const circle = new Circle({ postTo() {}, correspondents: () => [] });
  const letter = (version: number, devices: Parameters<typeof listed>[1]) => ({
    id: new Uint8Array(16),
    purpose: "devices" as const,
    toAll: false,
    who: "",
    deed: "says" as const,
    about: undefined,
    text: "",
    enclosed: listBytes(listed(version, devices, ana.identity, noble)),
  });
  circle.heard(letter(1, [{ ...keys, consent }]), ana.peer, ben.ctx);
  assert.deepEqual(circle.devicesOf(ana.peer), [ana.peer, phone.peer]);
  circle.heard(letter(2, []), ana.peer, ben.ctx);
  circle.heard(letter(1, [{ ...keys, consent }]), phone.peer, ben.ctx);
  assert.deepEqual(circle.devicesOf(ana.peer), [ana.peer]);
  circle.heard(letter(3, [{ ...keys, consent }]), ben.peer, ben.ctx);
  assert.deepEqual(circle.devicesOf(ana.peer), [ana.peer], "and it is theirs to say");
});
