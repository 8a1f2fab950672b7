/** People find each other by fifteen digits, and a directory that lies to some of them is caught. */
import { all, chat, directory } from "../runtime/protocols/mod.ts";
import {
  type Actor,
  crash,
  lan,
  type Lie,
  type RunFacts,
  saying,
  scenario,
  twoFaced,
  wipe,
} from "../sim/mod.ts";

const LIES = ["none", "two-faced", "swap", "forget"] as const;

export default scenario({
  seed: 1,
  lasts: "120s",
  settings: {
    people: { default: 12, atLeast: 4, atMost: 200 },
    lie: { choices: LIES, default: "two-faced" },
  },
  network: lan({ latency: "1ms", bandwidth: "100Mbps" }),
  protocols({ lie }, actor) {
    const { name } = actor;
    const list = all({ chat: { who: name }, directory: optionsOf(actor) });
    if (name !== "directory") return list;
    return list.map((each) => each.name === "directory" ? liar(lie, actor) : each);
  },

  play({ named, many, at, whenever, between, expect, expectValue, settings }) {
    const { directory: office } = named("directory");
    const people = many("p", settings.people);
    const next = (self: Actor) => people[(people.indexOf(self) + 1) % people.length]!;
    at("1s", people, directory.use(office.address));
    // Each looks for the next by the number alone, and writes to whoever is found.
    at("10s", people, (self) => directory.find(numberOf(next(self))));
    for (const seeker of people) {
      whenever([seeker], directory.found(), {
        of: seeker,
        ask: () => chat.write({ to: [next(seeker).peer], text: "Found you" }),
      });
    }
    if (settings.lie === "forget") {
      between("40s", "42s", crash(office));
      at("41s", wipe(office));
    }
    at("60s", people.slice(0, 2), (self) => directory.find(numberOf(next(next(self)))));

    if (settings.lie !== "two-faced") {
      expect("everybody is registered", people, directory.registered(), { by: "10s" });
    }
    expect("everybody is found", people, directory.found());
    expectValue(
      "whom they write to is whom they meant",
      (run: RunFacts) => run.letters?.delivered ?? 0,
      { atLeast: settings.people },
    );
    if (settings.lie === "two-faced" || settings.lie === "forget") {
      expect("somebody learns what the directory did", people, directory.lied(), { enough: 1 });
    } else {
      expect("nobody accuses it of more than it did", people, directory.lied(), { times: 0 });
    }
  },
});

function optionsOf({ name, keys }: Actor) {
  const { modifier } = directory.claimed(keys, directory.TOY);
  return { who: name, cost: directory.TOY, modifier };
}

function numberOf({ keys }: Actor) {
  return directory.claimed(keys, directory.TOY).id;
}

function liar(lie: typeof LIES[number], actor: Actor) {
  const honest = () => directory.directory({ ...optionsOf(actor), serves: "records" });
  if (lie === "two-faced") return twoFaced(honest, (peer) => /[0-7]$/.test(peer) ? 0 : 1);
  return lie === "swap" ? saying(honest(), swapping()) : honest();
}

/** Answers with whom somebody else was looking for. */
function swapping(): Lie {
  let last: object | undefined;
  return (message, body) => {
    if (message.kind !== "found" || !("entry" in message)) return { message, body };
    const entry = last ?? message.entry;
    last = message.entry as object;
    return { message: { ...message, entry } as typeof message, body };
  };
}
