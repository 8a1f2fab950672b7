/** Disks that refuse for a while, or lose what they had: once they are well, so is everything else. */
import assert from "node:assert/strict";
import { lab, swarm } from "../../runtime/protocols/mod.ts";
import { crash, cut, diskFails, diskFull, isolate, restart, rot } from "../../sim/mod.ts";
import { played, session, shared } from "./stage.ts";

Deno.test("a teacher whose disk has failed for a while speaks again, without a restart", () => {
  const { broken } = played(session(["ana"], ({ at, between, expect }, { teacher, ana }) => {
    between("5s", "8s", diskFails(teacher!));
    at("6s", teacher!, lab.say("Is this on?"));
    at("20s", teacher!, lab.say("Good morning"));
    expect("it is refused at first", teacher!, lab.refused({ what: "record" }), { by: "7s" });
    expect("heard once", ana!, lab.said({ text: "Good morning" }), { times: 1 });
  }));
  assert.deepEqual(broken, []);
});

Deno.test("a question that the teacher's disk refuses is not confirmed, and comes again", () => {
  const { broken } = played(session(["ana"], ({ at, between, whenever, expect }, cast) => {
    const { teacher, ana } = cast;
    between("5s", "9s", diskFails(teacher!));
    at("6s", ana!, lab.ask("Why is the sky blue?"));
    whenever(teacher!, lab.question(), {
      of: teacher!,
      ask: (_, { peer, question }) => lab.answer({ peer, question, text: "Rayleigh" }),
    });
    expect("kept by ana", ana!, lab.accepted(), { by: "7s" });
    expect("not confirmed while it is nowhere else", ana!, lab.delivered(), { by: "9s", times: 0 });
    expect("confirmed later", ana!, lab.delivered());
    expect("answered", ana!, lab.answered({ text: "Rayleigh" }));
  }));
  assert.deepEqual(broken, []);
});

Deno.test("a question is accepted only on top of the record that leads back into the session", () => {
  const { broken } = played(session(["ana"], ({ at, between, when, whenever, expect }, cast) => {
    const { teacher, ana } = cast;
    between("45ms", "3s", diskFails(ana!)); // she is let in meanwhile, and that is not saved
    at("3100ms", ana!, lab.ask("Did I miss anything?"));
    between("3s", "5s", cut(ana!, teacher!)); // so that it is on her disk alone
    when(ana!, lab.accepted(), crash(ana!), { after: "500ms" });
    at("5s", restart(ana!));
    whenever(teacher!, lab.question(), {
      of: teacher!,
      ask: (_, { peer, question }) => lab.answer({ peer, question, text: "No" }),
    });
    expect("accepted", ana!, lab.accepted(), { by: "4s" });
    expect("answered", ana!, lab.answered({ text: "No" }));
  }));
  assert.deepEqual(broken, []);
});

Deno.test("blocks that a full disk has refused are fetched once there is room", () => {
  const run = played(session(["ana", "ben"], ({ at, between, file, expect }, cast) => {
    const { teacher, ana, ben } = cast;
    const film = file("film.mp4", "4MiB");
    at("1s", teacher!, shared(film));
    between("1100ms", "4s", diskFull(ana!));
    expect("both get it", [ana!, ben!], swarm.got(film));
  }));
  assert.deepEqual(run.broken, []);
  assert.ok(run.holdsAll("ana") && run.holdsAll("ben"));
});

Deno.test("who had a block and has lost it says so when asked, and gets it again", () => {
  const run = played(session(["ana", "ben", "eve"], ({ at, between, file, expect }, cast) => {
    const { teacher, ana, ben, eve } = cast;
    const film = file("film.mp4", "256KiB");
    at("1s", teacher!, shared(film));
    // Eve comes when the teacher is away, and some blocks have rotted wherever they are.
    between("900ms", "6s", crash(eve!));
    for (let time = 0; time < 12; time++) at("4s", rot([ana!, ben!]));
    between("5s", "25s", isolate(teacher!));
    at("50s", restart([ana!, ben!])); // finds out what nobody has asked for
    expect("eve gets it", eve!, swarm.got(film), { by: "45s" });
  }, "90s"));
  assert.deepEqual(run.broken, []);
  for (const name of ["ana", "ben", "eve"]) assert.ok(run.holdsAll(name), name);
});
