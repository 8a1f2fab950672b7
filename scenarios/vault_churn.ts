/**
 * Devices come and go, each by itself: how often a file can be opened is what the binomial distribution
 * says, neither more nor less. Every slot is an hour of a month, told in as many seconds as it takes.
 */
import { all, vault } from "../runtime/protocols/mod.ts";
import { type Actor, crash, type Duration, lan, scenario } from "../sim/mod.ts";

const SECRET = new Uint8Array(32).fill(3);
/** Seconds of a slot: devices that are up are found again within the first half. */
const SLOT = 40;
const BEGIN = 60;

export default scenario({
  seed: 1,
  lasts: ({ slots }) => `${BEGIN + SLOT * slots + 10}s` as Duration,
  settings: {
    enough: { default: 4, atLeast: 2, atMost: 20 },
    count: { default: 7, atLeast: 3, atMost: 30 },
    /** In a hundred slots, how many a device is up for. */
    up: { default: 90, atLeast: 50, atMost: 99 },
    slots: { default: 720, atLeast: 10, atMost: 8_760 },
  },
  network: lan({ latency: "1ms", bandwidth: "100Mbps" }),
  // Nothing is made anew: what is measured is the code alone.
  protocols: (_settings, { name }) =>
    all({ vault: { offers: name === "owner" ? 0 : 1e9, lostAfter: 1e15 } }),

  play({ named, many, file, at, between, whenever, tally, expect, expectValue, settings, random }) {
    const { enough, count, slots } = settings;
    const { owner } = named("owner");
    const devices = many("device", count);
    const { handle, name: title, size: bytes } = file("badge.png", "20KB");
    at("1s", owner, vault.create(SECRET));
    at("10s", owner, vault.lock({ handle, title, bytes, count, enough }));
    let content = "";
    whenever(owner, vault.isLocked, {
      of: owner,
      ask: (_, event) => (content = event.content, vault.list()),
    });
    let openable = 0;
    for (let slot = 0; slot < slots; slot++) {
      const from = BEGIN + SLOT * slot;
      const down: Actor[] = devices.filter(() => random.below(100) >= settings.up);
      if (down.length > 0) between(`${from}s`, `${from + SLOT - 15}s`, crash(down));
      if (count - down.length >= enough) openable++;
      at(`${from + 8}s`, owner, () => vault.open(content));
    }
    expect("it is locked", owner, vault.isLocked, { by: "50s" });
    const opened = tally(owner, vault.isOpened), failed = tally(owner, vault.isFailed);
    expectValue(
      "slots in which it opened, and should not, or the other way round",
      () => Math.abs(opened.count - openable) + Math.abs(failed.count - (slots - openable)),
      { atMost: 0 },
    );
    const { mean, sigma } = expected(slots, enough, count, settings.up / 100);
    expectValue(
      "away from the binomial distribution, in standard deviations",
      () => Math.abs(failed.count - mean) / sigma,
      { atMost: 3.5 },
    );
  },
});

/** Slots in which fewer than `enough` of `count` are up: how many on average, and how far from that as a rule. */
function expected(slots: number, enough: number, count: number, up: number) {
  let unavailable = 0;
  for (let there = 0, ways = 1; there < enough; there++) {
    let chance = ways;
    for (let each = 0; each < count; each++) chance *= each < there ? up : 1 - up;
    unavailable += chance;
    ways = ways * (count - there) / (there + 1);
  }
  const variance = slots * unavailable * (1 - unavailable);
  return { mean: slots * unavailable, sigma: Math.sqrt(Math.max(variance, 1e-9)) };
}
