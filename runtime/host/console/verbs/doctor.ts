/** `doctor`: why can't I see the other device. */
import { examine } from "../../doctor/evidence.ts";
import { findingsOf } from "../../doctor/findings.ts";
import { findRunning } from "../remote.ts";
import { listOf } from "../settings.ts";
import { exits, Trouble } from "../trouble.ts";
import type { Verb } from "../verb.ts";

const SECONDS = 4;
const SIGNS = { good: "ok  ", note: "look", trouble: "BAD " } as const;

export const doctor: Verb = {
  name: "doctor",
  shape: "",
  summary: "why others cannot be seen, and what to do about it",
  examples: ["deno task node doctor", "deno task node doctor --json"],
  flags: {},
  async run({ settings, terminal }) {
    const { folder, port, bind } = settings;
    terminal.note(`Listening for ${SECONDS} seconds`);
    const evidence = await examine({
      folder: folder.value,
      port: Number(port.value),
      discoveryPort: Number(settings["discovery-port"].value),
      bind: bind.value === "" ? undefined : listOf(bind.value),
      isRunning: await findRunning(folder.value) !== undefined,
      seconds: SECONDS,
    }).catch((error: Error) => {
      throw new Trouble("unreachable", `Cannot look at the network: ${error.message}`);
    });
    const findings = findingsOf(evidence);
    for (const finding of findings) {
      const { kind, what, advice } = finding;
      terminal.data("finding", finding);
      if (terminal.json) continue;
      terminal.say(`${SIGNS[kind]}  ${what}`);
      for (const line of wrapped(advice ?? "", terminal.width - 7)) terminal.say(`      ${line}`);
    }
    return findings.some(({ kind }) => kind === "trouble") ? exits.unreachable : 0;
  },
};

/** Whole words, as many to a line as fit. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").filter((each) => each !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
