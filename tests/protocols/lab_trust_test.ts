/** Who may open a session, and who is believed: by key, by secret, by having come first. */
import { assert } from "../../runtime/core/mod.ts";
import { bytesOfSession, sessionOf } from "../../runtime/protocols/lab/charter.ts";
import * as lab from "../../runtime/protocols/lab/mod.ts";
import { announcementOf, Forger, news } from "./lab_forge.ts";
import { force, lesson, NOTES, Room, same } from "./lab_room.ts";

Deno.test("only a device whose key is authorised may open, and no other is believed", () => {
  const room = lesson("ana", "ben");
  const trust = { authorities: [room.get("teacher").identity.keys.sign] };
  room.add("eve", { trust, near: ["ana"] });
  room.ask("eve", lab.open({ title: "Physics", who: "Ms Curie" }));
  const [refused] = room.events("eve", "refused");
  same([refused!.what, refused!.why], ["open", "unauthorised"], "refused at the source");
  room.crash("eve");
  room.get("eve").options = { trust: "first", near: ["ana"] }; // eve does as it likes
  const before = room.story("ana").length;
  room.start("eve");
  room.ask("eve", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.run(60);
  same(room.events("eve", "opened").length, 1, "eve believes in itself");
  room.ask("eve", lab.share(NOTES));
  room.run(5);
  same(room.isLinked("eve", "ana"), true, "who trusts otherwise is not to blame");
  same(news(room, "ana", before), [], "nobody else does");
});

Deno.test("who does not know the secret cannot open, announce or join", () => {
  const room = new Room();
  const trust = { secret: "correct horse battery" };
  room.add("teacher", { trust });
  room.add("ana", { trust });
  room.add("bob", { trust: { secret: "wrong horse battery" } });
  const eve = new Forger(room, (room.add("eve", { liar: true }), "eve"));
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.ask("ana", lab.join());
  room.ask("bob", lab.join());
  room.run(10);
  same(room.events("ana", "welcomed").length, 1, "ana knows it");
  same(room.events("bob", "announced").length, 0, "bob believes none of it");
  const { charter } = announcementOf(room, "teacher");
  room.datagram("ana", eve.announcement({ charter: eve.charter() }));
  room.datagram("ana", eve.announcement({ charter: { ...eve.charter(), proof: charter.proof } }));
  room.run(2);
  same(room.events("ana", "announced").length, 1, "neither without a proof nor with a stolen one");
  // Eve dials the teacher all the same, and says hello with what it has overheard.
  const session = bytesOfSession(sessionOf(charter, room.crypto));
  for (const proof of [undefined, charter.proof, new Uint8Array(16)]) {
    const hello = { kind: "hello", session, who: "Eve", address: "10.0.0.66:1", proof } as const;
    room.dial("eve", "teacher");
    room.ask("eve", force(room.peer("teacher"), hello));
    room.run(1);
  }
  same(room.events("teacher", "joined").length, 1, "eve is not let in");
  for (const machine of room.machines.values()) {
    for (const bytes of machine.spoken) {
      assert(!new TextDecoder().decode(bytes).includes("horse"), "the secret is never spoken");
    }
  }
});

Deno.test("a proof for one link is of no use on another", () => {
  const room = new Room();
  const trust = { secret: "correct horse battery" };
  room.add("teacher", { trust });
  room.add("ana", { trust });
  room.add("eve", { liar: true });
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.ask("ana", lab.join());
  room.run(10);
  assert(room.hellos.length > 0, "ana has said hello");
  room.dial("eve", "teacher");
  room.ask("eve", force(room.peer("teacher"), room.hellos[0]!));
  room.run(2);
  same(room.events("teacher", "joined").length, 1, "ana's hello is not eve's");
});

Deno.test("a secret too short to be one is refused, and then nobody is believed", () => {
  const room = new Room();
  room.add("teacher");
  room.add("ana", { trust: { secret: "short" } });
  same(room.events("ana", "refused").map(({ what }) => what), ["trust"], "told");
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.run(5);
  same(room.events("ana", "announced").length, 0, "nobody is believed");
  room.ask("ana", lab.trust({ secret: "short" }));
  room.ask("ana", lab.trust("first"));
  room.ask("ana", lab.join());
  room.run(5);
  same(room.events("ana", "refused").length, 2, "told again");
  same(room.events("ana", "welcomed").length, 1, "a choice helps");
});

Deno.test("the first teacher joined is remembered; another one is warned about, once", () => {
  const room = new Room();
  room.add("teacher");
  room.add("ana");
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.ask("ana", lab.join());
  room.run(5);
  room.add("eve");
  room.ask("eve", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.run(20);
  const [warned, ...more] = room.events("ana", "warned");
  same(more, [], "once");
  room.crash("ana");
  room.start("ana");
  room.run(30);
  same(room.events("ana", "welcomed").at(-1)!.peer, room.peer("teacher"), "after a restart, too");
  room.ask("ana", lab.leave());
  room.crash("teacher");
  room.crash("ana");
  room.start("ana");
  room.ask("ana", lab.join());
  room.run(10);
  same(
    room.events("ana", "welcomed").at(-1)!.peer,
    room.peer("teacher"),
    "and without the teacher",
  );
  room.ask("ana", lab.leave());
  room.ask("ana", lab.join({ session: warned!.session }));
  same(room.events("ana", "refused").at(-1)!.why, "unauthorised", "not without being asked");
  room.ask("ana", lab.join({ session: warned!.session, accept: true }));
  room.run(5);
  same(room.events("ana", "welcomed").at(-1)!.peer, room.peer("eve"), "a person may insist");
});

Deno.test("what a person chose to believe is remembered, and not changed within a session", () => {
  const room = new Room();
  room.add("teacher");
  room.add("eve");
  room.add("ana");
  room.ask("ana", lab.trust({ authorities: [room.get("teacher").identity.keys.sign] }));
  room.crash("ana");
  room.start("ana");
  room.ask("eve", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.ask("ana", lab.join());
  room.run(10);
  same(room.events("ana", "announced").length, 0, "eve is nobody, after a restart too");
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.run(10);
  same(
    room.events("ana", "welcomed").map(({ peer }) => peer),
    [room.peer("teacher")],
    "the teacher",
  );
  room.ask("ana", lab.trust({ authorities: [room.get("eve").identity.keys.sign] }));
  same(room.events("ana", "refused").map(({ what }) => what), ["trust"], "not now");
  room.ask("ana", lab.leave());
  room.ask("ana", lab.trust({ secret: "correct horse battery" }));
  room.ask("ana", lab.join());
  room.run(10);
  same(room.events("ana", "welcomed").length, 1, "a secret makes strangers of both");
});
