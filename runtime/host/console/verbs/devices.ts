/** `devices`, `link`, `adopt` and `unlink`: one person, several devices. */
import type { PeerId } from "../../../core/mod.ts";
import { chat } from "../../../protocols/mod.ts";
import { defused } from "../../text.ts";
import { attachRunning } from "../attach.ts";
import { shortName } from "../names.ts";
import { ordered } from "../order.ts";
import type { Remote } from "../remote.ts";
import { Trouble } from "../trouble.ts";
import type { Verb } from "../verb.ts";
import { aboutSomebody } from "./letters.ts";

export const devices: Verb = {
  name: "devices",
  shape: "",
  summary: "your other devices, and those that ask to be one",
  examples: ["deno task node devices"],
  flags: {},
  async run({ settings, terminal }) {
    const status = await (await attachRunning(settings) as Remote).status();
    for (const peer of status.devices) {
      terminal.data("device", { peer });
      if (!terminal.json) terminal.say(`${shortName(peer)}  yours`);
    }
    for (const { peer, who } of status.asking) {
      terminal.data("asking", { peer, who });
      if (terminal.json) continue;
      terminal.say(
        `${shortName(peer)}  ${defused(who)} asks: deno task node adopt ${shortName(peer)}`,
      );
      terminal.say(
        `          first compare the digits: deno task node id --with ${shortName(peer)}`,
      );
    }
    if (status.devices.length + status.asking.length === 0) {
      terminal.note("This is the only one. At a new one: deno task node link YOUR-NAME");
    }
    return 0;
  },
};

export const link = aboutSomebody(
  "link",
  "at a new device: ask your first one, near by, to count it as yours",
  chat.link,
  [],
);

export const adopt: Verb = {
  name: "adopt",
  shape: "DIGITS",
  summary: "at your first device: count one that has asked as yours",
  examples: ["deno task node devices", "deno task node adopt 62baea02"],
  flags: {},
  run: (errand) => aboutDevice(errand, "asking", chat.adopt),
};

export const unlink: Verb = {
  name: "unlink",
  shape: "DIGITS",
  summary: "at your first device: a lost or sold one is yours no longer",
  examples: ["deno task node unlink 62baea02"],
  flags: {},
  run: (errand) => aboutDevice(errand, "devices", chat.unlink),
};

async function aboutDevice(
  errand: Parameters<Verb["run"]>[0],
  where: "asking" | "devices",
  commandOf: (peer: PeerId) => ReturnType<typeof chat.adopt>,
): Promise<number> {
  const [digits = ""] = errand.words;
  const remote = await attachRunning(errand.settings) as Remote;
  const status = await remote.status();
  const all = where === "devices" ? status.devices : status.asking.map(({ peer }) => peer);
  const found = all.filter((peer) => digits.length >= 4 && peer.startsWith(digits));
  if (found.length !== 1) {
    throw new Trouble("usage", `No such device: deno task node devices lists them`);
  }
  return await ordered(remote, commandOf(found[0]!), ["devices"], errand);
}
