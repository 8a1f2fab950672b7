/** A device's memory is copied at one moment, and everything that is sent is recorded: what opens. */
import assert from "node:assert/strict";
import { type State } from "../../../runtime/protocols/session/mod.ts";
import { conversation } from "./two.ts";

Deno.test("who steals a state reads nothing from before it, and is blind one round trip later", () => {
  const { ana, ben } = conversation();
  const recorded: { text: string; bytes: Uint8Array }[] = [];
  /** One writes and the other reads; the wire is recorded. */
  const say = (from: typeof ana, to: typeof ana, text: string) => {
    const bytes = from.write(text);
    recorded.push({ text, bytes });
    assert.equal(to.read(bytes), text);
  };
  say(ana, ben, "before 1");
  say(ben, ana, "before 2");
  say(ana, ben, "before 3");
  const stolen: State = ben.state;
  say(ana, ben, "same chain");
  say(ben, ana, "answer");
  say(ana, ben, "after the answer");
  say(ben, ana, "answer again");
  say(ana, ben, "healed");

  // The thief has Ben's state of then, and goes on with it as Ben would.
  const honest = ben.state;
  const opened: string[] = [];
  for (const from of recorded.keys()) {
    ben.state = stolen;
    for (const { text, bytes } of recorded.slice(from)) {
      if (ben.read(bytes) === text && !opened.includes(text)) opened.push(text);
    }
  }
  ben.state = honest;
  assert.deepEqual(opened, ["same chain", "after the answer"]);
  say(ben, ana, "the two go on");
});
