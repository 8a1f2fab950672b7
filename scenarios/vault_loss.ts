/** Files are locked over the devices of a room; some of the devices are lost, and they open all the same. */
import { all, vault } from "../runtime/protocols/mod.ts";
import {
  type Actor,
  crash,
  drawnLan,
  type Duration,
  lan,
  scenario,
  type StormKind,
  wipe,
} from "../sim/mod.ts";

const SECRET = new Uint8Array(32).fill(7);
/** Everything but what loses what was stored: of that, a code takes only so much. */
const HARMLESS: readonly StormKind[] = [
  ...["crash", "midway", "restart", "leave", "powerOff", "pause", "isolate", "cut", "oneWay"],
  ...["clog", "hold", "lossy", "slow", "diskFull", "diskFails"],
] as StormKind[];

export default scenario({
  seed: 1,
  lasts: ({ faults, storm }) => faults === "none" ? "3m" : `${storm + 240}s` as Duration,
  settings: {
    devices: { default: 6, atLeast: 2, atMost: 64 },
    size: { unit: "size", default: "3MB" },
    lost: { default: 2, atLeast: 0, atMost: 64 },
    faults: { choices: ["none", "drawn"], default: "none" },
    /** Seconds until the storm is over. */
    storm: { default: 180, atLeast: 20, atMost: 3_600 },
  },
  network: ({ faults }) =>
    faults === "none" ? lan({ latency: "1ms", bandwidth: "100Mbps" }) : drawnLan(),
  protocols: (_settings, { name }) =>
    all({ vault: { offers: name === "owner" ? 0 : 1e9, lostAfter: 40e6 } }),

  play({ named, many, file, at, every, when, whenever, storm, vary, expect, settings, random }) {
    const { owner } = named("owner");
    const devices = many("device", settings.devices);
    // As many may be lost as will be.
    const count = settings.devices, enough = Math.max(2, count - settings.lost);
    const shape = settings.faults === "none" || count <= enough ? {} : { count, enough };
    const badge = file("badge.png", settings.size);
    const lock = ({ handle, name: title, size: bytes }: typeof badge) =>
      vault.lock({ handle, title, bytes, ...shape });
    const weak = random.shuffled(devices).slice(0, settings.lost);
    const isOf = (title: string) => (event: Parameters<typeof vault.isLocked>[0], _actor: Actor) =>
      vault.isLocked(event) && event.title === title;

    if (settings.faults === "none") {
      at("1s", owner, vault.create(SECRET));
      at("5s", owner, lock(badge));
      if (weak.length > 0) {
        at("30s", crash(weak));
        at("31s", wipe(weak));
      }
      when(owner, vault.isLocked, { of: owner, ask: (_, { content }) => vault.open(content) }, {
        after: "40s",
      });
      expect("it is locked", owner, vault.isLocked, { by: "25s" });
      expect("it opens without the lost devices", owner, vault.isOpened, { by: "90s" });
      expect("what was lost is made anew", owner, vault.isRepaired, { by: "3m" });
      return;
    }

    const draft = file("draft.txt", "70KB");
    const over = settings.storm, calm = `${over + 10}s` as Duration;
    every("20s", owner, vault.create(SECRET), { from: "1s", until: `${over + 20}s` });
    every("30s", owner, lock(badge), { from: "5s", until: `${over + 120}s` });
    every("45s", owner, lock(draft), { from: "10s", until: `${over}s` });
    whenever(owner, isOf("draft.txt"), {
      of: owner,
      ask: (_, event) => vault.remove((event as unknown as { content: string }).content),
    }, { after: "20s" });
    whenever(owner, isOf("badge.png"), {
      of: owner,
      ask: (_, event) => vault.open((event as unknown as { content: string }).content),
    }, { after: "15s" });
    vary([owner, ...devices]);
    const bad = { to: `${over}s`, lasts: "8s" } as const;
    storm([owner, ...devices], { ...bad, from: "3s", every: "8s", kinds: HARMLESS });
    if (weak.length > 0) storm(weak, { ...bad, from: "8s", every: "20s", kinds: ["rot"] });
    expect("it is locked in the end", owner, vault.isLocked, { from: calm });
    expect("it opens in the end", owner, vault.isOpened, { from: calm });
  },
});
