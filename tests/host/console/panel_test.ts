/** The panel of numbers: what it shows, what it asks the node, and that nothing others say moves the cursor. */
import assert from "node:assert/strict";
import type { AppEvent, PeerId } from "../../../runtime/core/mod.ts";
import { Board } from "../../../runtime/host/console/board.ts";
import { lineText } from "../../../runtime/host/console/talk.ts";
import { Panel } from "../../../runtime/host/console/panel.ts";
import { chat, groups, membership } from "../../../runtime/protocols/mod.ts";

const ME = "0".repeat(64) as PeerId, BEN = "b".repeat(64) as PeerId, EVE = "e".repeat(64) as PeerId;
const ID = "1".repeat(32);

function opened() {
  const board = new Board(ME);
  const panel = new Panel(board, () => 60_000);
  const told = (fields: object) => {
    const told = { wall: 0, at: 0, event: fields as AppEvent };
    board.told(told);
    return panel.told(told);
  };
  const found = (peer: PeerId, who: string) => {
    told({ protocol: "membership", name: "found", peer, address: "10.0.0.2:45454" });
    told({ protocol: "chat", name: "named", peer, who });
  };
  const letter = (peer: PeerId, text: string, more = {}) =>
    told({ protocol: "chat", name: "received", id: ID, peer, who: "Ben", text, ...more });
  const type = (...lines: string[]) => lines.map((line) => panel.take(line)).at(-1)!;
  return { board, panel, told, found, letter, type };
}

Deno.test("every option of the older menu is there, and a wrong one is named", () => {
  const { panel, type } = opened();
  const options = panel.begin().say.filter((line) => /^ \d {2}/.test(line));
  assert.deepEqual(options.map((line) => line[1]), ["1", "2", "3", "4", "5", "6", "7", "0"]);
  assert.match(type("9").say[0]!, /no option "9"/);
  assert.equal(type("0").isOver, true);
});

Deno.test("a chat with somebody: lines are letters until exit, and their state is shown", () => {
  const { panel, told, found, type } = opened();
  found(BEN, "Ben");
  type("1", "1");
  assert.equal(panel.prompt, "You: ");
  assert.deepEqual(type("hello").ask, [chat.write({ to: [BEN], text: "hello" })]);
  assert.deepEqual(type("exit now?").ask, [chat.write({ to: [BEN], text: "exit now?" })]);
  told({ protocol: "chat", name: "accepted", id: ID, peer: BEN, text: "hello", toAll: false });
  const shown = told({ protocol: "chat", name: "delivered", id: ID, peer: BEN, words: "" }).say;
  assert.deepEqual(shown, ["  (delivered) hello"]);
  type("EXIT");
  assert.equal(panel.prompt, "Select option: ");
});

Deno.test("people are listed with when they were last seen, and found by number, name or digits", () => {
  const { found, type } = opened();
  found(BEN, "Ben");
  found(EVE, "Eve");
  assert.match(type("2").say.join("\n"), /Ben.*here, seen 60 seconds ago/);
  for (const name of ["ben", "bbbb"]) {
    const { ask } = type("3", name);
    assert.deepEqual(ask, [chat.befriend(BEN)]);
  }
  assert.match(type("3", "Nora").say[0]!, /Nobody here is called "Nora"/);
  type("");
  const { ask } = type("3", "10.0.0.9:45454");
  assert.deepEqual(ask, [membership.meet(["10.0.0.9:45454"])]);
});

Deno.test("a broadcast goes to whoever is here, and an empty one to nobody", () => {
  const { told, found, type } = opened();
  assert.match(type("4").say[0]!, /Nobody is here/);
  found(BEN, "Ben");
  found(EVE, "Eve");
  told({ protocol: "membership", name: "gone", peer: EVE, why: "left" });
  assert.deepEqual(type("4", "fire drill").ask, [chat.write({ to: [BEN], text: "fire drill" })]);
  assert.deepEqual(type("4", "").ask, []);
});

Deno.test("friends are messaged, others are not offered; who is removed is told so", () => {
  const { told, found, type } = opened();
  found(BEN, "Ben");
  assert.match(type("5").say[0]!, /no friends here yet/);
  told({ protocol: "chat", name: "befriended", peer: BEN, who: "Ben", again: false, words: "" });
  assert.deepEqual(type("5", "1", "psst").ask, [chat.write({ to: [BEN], text: "psst" })]);
  assert.deepEqual(type("6", "1").ask, [chat.remove(BEN)]);
});

Deno.test("what comes is shown once, marked as read, and cannot move the cursor", () => {
  const { board, letter } = opened();
  const { say, ask } = letter(BEN, "\x1b[2Jboo", { isFriend: true });
  assert.deepEqual(say, ["Ben: \\u{1b}[2Jboo"]);
  assert.deepEqual(ask, [chat.read({ peer: BEN, ids: [ID] })]);
  board.talk.mark(`${BEN}/${ID}`, ME, "read");
  assert.deepEqual(letter(BEN, "boo", { again: true }).say, [], "a restart tells it again");
  assert.equal(board.talk.lines.length, 1);
});

Deno.test("in a talk, the last message is answered, changed or taken back by a word", () => {
  const { panel, board, told, found, letter, type } = opened();
  found(BEN, "Ben");
  type("1", "1");
  assert.match(type("/edit soon").say[0]!, /no such message/);
  letter(BEN, "at nine", { deed: "says" });
  const own = "2".repeat(32);
  told({ protocol: "chat", name: "accepted", id: own, peer: BEN, text: "hello", toAll: false });
  const to = [BEN];
  assert.deepEqual(type("/reply why?").ask, [chat.write({ to, text: "why?", about: ID })]);
  assert.deepEqual(type("/edit soon").ask, [chat.edit({ to, about: own, text: "soon" })]);
  assert.deepEqual(type("/unsend").ask, [chat.unsend({ to, about: own })]);
  assert.match(type("/edit").say.join(), /\/edit TEXT/);
  assert.match(type("/what").say.join(), /\/unsend/);
  assert.deepEqual(type("/block").ask, [chat.block(BEN)]);
  assert.equal(panel.prompt, "Select option: ");
  assert.equal(board.talk.lines.length, 2);
});

Deno.test("a file goes along by a word, in a talk and in a group; in a group messages are changed too", () => {
  const { panel, board, told, found, type } = opened();
  found(BEN, "Ben");
  const attachment = { name: "map.png" } as never, made = { text: "map.png, 2 kB", attachment };
  type("1", "1");
  const { say, ask, file } = type("/file  my maps/map.png ");
  assert.deepEqual([say, ask, file!.path], [[], [], "my maps/map.png"]);
  assert.deepEqual(file!.asking(made), chat.write({ to: [BEN], ...made }));
  assert.match(type("/file").say.join(), /\/file PATH/);
  type("exit");

  const group = "5".repeat(32),
    roster = { protocol: "groups", name: "roster", group, title: "Room" };
  told(
    { ...roster, members: [ME, BEN], admins: [ME], isIn: true, again: false, words: "" } as never,
  );
  type("7", "1");
  assert.deepEqual(
    type("/file map.png").file!.asking(made),
    groups.write(group, made.text, { attachment }),
  );
  assert.match(type("/unsend").say[0]!, /no such message/);
  const said = {
    protocol: "groups",
    name: "accepted",
    group,
    title: "Room",
    text: "hello",
    words: "",
  };
  told({ ...said, id: "6".repeat(32), deed: "says", about: undefined } as never);
  assert.equal(board.talk.lines.at(-1)!.group, group);
  assert.deepEqual(type("/edit hi").ask, [groups.edit(group, "6".repeat(32), "hi")]);
  assert.deepEqual(type("/unsend").ask, [groups.unsend(group, "6".repeat(32))]);
  assert.deepEqual(type("hello all").ask, [groups.write(group, "hello all")]);
  assert.match(panel.prompt, /./);
});

Deno.test("a changed message is one line with its new words, and one taken back has none", () => {
  const { board, told, found, letter } = opened();
  found(BEN, "Ben");
  const { talk } = board;
  letter(BEN, "at nine", { deed: "says" });
  letter(BEN, "at ten", { deed: "edits", about: ID, id: "3".repeat(32) });
  const own = { protocol: "chat", name: "accepted", peer: BEN, toAll: false } as const;
  told({ ...own, id: "4".repeat(32), deed: "says", about: ID, text: "why?" });
  const shown = () => talk.lines.map((line) => lineText(line, talk).slice("00:00:00  ".length));
  assert.deepEqual(shown(), [
    "Ben: at ten  (changed)",
    'You to Ben (to "at ten"): why?  (waiting)',
  ]);
  letter(BEN, "", { deed: "deletes", about: ID, id: "5".repeat(32) });
  told({ ...own, id: "6".repeat(32), deed: "deletes", about: "4".repeat(32), text: "" });
  assert.deepEqual(shown(), ["Ben: (taken back)", "You to Ben: (taken back)  (waiting)"]);
  // Nobody changes what somebody else has written.
  letter(EVE, "I am Ben", { deed: "edits", about: ID, id: "7".repeat(32) });
  assert.equal(talk.lines[0]!.text, "");
});

Deno.test("what a history kept of a change is there again", () => {
  const { board, found, letter } = opened();
  const kept: unknown[] = [];
  board.talk.onNews = (entry) => kept.push(JSON.parse(JSON.stringify(entry)));
  found(BEN, "Ben");
  letter(BEN, "at nine", { deed: "says" });
  letter(BEN, "at ten", { deed: "edits", about: ID, id: "3".repeat(32) });
  letter(BEN, "", { deed: "deletes", about: ID, id: "5".repeat(32) });
  const again = new Board(ME).talk;
  for (const entry of kept.slice(0, 2)) again.restore(entry);
  assert.equal(again.lines[0]!.text, "at ten");
  again.restore(kept[2]);
  assert.equal(again.lines[0]!.isGone, true);
});

Deno.test("one person's devices are one person: in lists, lines, states and changes", () => {
  const { board, told, found, letter, type } = opened();
  found(BEN, "Ben");
  found(EVE, "phone");
  told({ protocol: "chat", name: "devices", peer: BEN, devices: [BEN, EVE], again: false });
  assert.equal(type("2").say.filter((line) => /, seen /.test(line)).length, 1);
  letter(BEN, "at nine", { deed: "says" });
  letter(EVE, "at ten", { deed: "edits", about: ID, id: "3".repeat(32) });
  assert.deepEqual(board.talk.lines.map(({ who, text }) => [who, text]), [["Ben", "at ten"]]);
  const own = { id: "4".repeat(32), deed: "says", text: "fine", toAll: false };
  for (const peer of [BEN, EVE]) told({ protocol: "chat", name: "accepted", peer, ...own });
  told({ protocol: "chat", name: "delivered", id: own.id, peer: EVE });
  assert.match(lineText(board.talk.lines[1]!), /You to Ben: fine {2}\(delivered\)/);
  const shown = told({
    protocol: "chat",
    name: "copied",
    id: "5".repeat(32),
    letter: "6".repeat(32),
    peer: EVE,
    to: [BEN],
    deed: "says",
    text: "elsewhere",
  });
  assert.match(shown.say[0]!, /You, elsewhere, to Ben: elsewhere/);
  assert.match(lineText(board.talk.lines[2]!), /You to Ben: elsewhere {2}\(sent\)/);
});

Deno.test("in a group lines go to everybody in it, until exit", () => {
  const { panel, told, found, type } = opened();
  assert.match(type("7").say[0]!, /No groups yet/);
  found(BEN, "Ben");
  const group = "9".repeat(32), title = "Hiking";
  told({
    protocol: "groups",
    name: "roster",
    group,
    title,
    members: [ME, BEN],
    isIn: true,
    words: "",
  });
  assert.match(type("7").say[0]!, /1 {2}Hiking .* 2 members/);
  assert.match(type("cooking").say[0]!, /no one group "cooking"/);
  assert.match(type("hiking").say[0]!, /In Hiking with Ben; "exit" ends it/);
  assert.deepEqual(type("at nine").ask, [groups.write(group, "at nine")]);
  type("exit");
  assert.equal(panel.prompt, "Select option: ");
});
