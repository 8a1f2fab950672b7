/** `say`, `ask` and `answer`: words in the session of the running node. */
import { lab } from "../../../protocols/mod.ts";
import type { Command } from "../../../core/mod.ts";
import { attachRunning } from "../attach.ts";
import { ordered } from "../order.ts";
import { Trouble } from "../trouble.ts";
import type { Errand, Verb } from "../verb.ts";

export const say: Verb = {
  name: "say",
  shape: "TEXT",
  summary: "say something to everybody in the session",
  examples: ['deno task node say "Please open page 12"'],
  flags: {},
  run: (errand) => spoken(errand, lab.say(textOf(errand)), "said"),
};

export const ask: Verb = {
  name: "ask",
  shape: "TEXT",
  summary: "ask the teacher something that nobody else sees",
  examples: ['deno task node ask "May I go to the whiteboard?"'],
  flags: {},
  run: (errand) => spoken(errand, lab.ask(textOf(errand)), "accepted"),
};

export const answer: Verb = {
  name: "answer",
  shape: "NUMBER TEXT",
  summary: "answer a question, to the one who asked it",
  examples: ['deno task node answer 3 "Please do"'],
  flags: {},
  async run(errand) {
    const [number, ...rest] = errand.words;
    if (!/^\d+$/.test(number ?? "") || rest.length === 0) {
      throw new Trouble("usage", 'Say which question, and the answer: answer 3 "Please do"');
    }
    const remote = await attachRunning(errand.settings);
    const { lines } = await (remote as import("../remote.ts").Remote).status();
    const question = Number(number);
    const asked = lines.findLast((each) => each.kind === "question" && each.question === question);
    if (asked?.peer === undefined) {
      throw new Trouble("refused", `Nobody has asked a question ${question}`);
    }
    const command = lab.answer({ peer: asked.peer, question, text: rest.join(" ") });
    return await spoken(errand, command, "accepted");
  },
};

function textOf({ words }: Errand): string {
  if (words.length === 0) throw new Trouble("usage", "Say what: the text is missing");
  return words.join(" ");
}

/** Until the node says that the words will not be lost, or why they cannot be. */
async function spoken(errand: Errand, command: Command, done: string): Promise<number> {
  return await ordered(await attachRunning(errand.settings), command, [done], errand);
}
