/**
 * Ten minutes in which machines come, go, crash, lose power, stand still and are cut off, while others
 * talk. Those who stay hear everything that those who stay say, exactly once; in the end all are one.
 */
import { membership } from "../runtime/protocols/membership/mod.ts";
import { isMeshEvent, mesh, say } from "../runtime/protocols/mesh/mod.ts";
import { crash, cut, type Fault, lan, leave, pause, powerOff, scenario } from "../sim/mod.ts";

const FAULTS = [crash, powerOff, leave, pause];

export default scenario({
  seed: 70,
  lasts: "10m",
  crypto: "accounted",
  settings: {
    steady: { default: 25, atLeast: 2 },
    fickle: { default: 25 },
    loss: { unit: "share", default: "1%" },
  },
  network: ({ loss }) => lan({ latency: "1ms..4ms", loss, duplication: "1%", reordering: "5%" }),
  protocols: () => [membership(), mesh()],

  play({ many, at, between, expect, expectValue, tally, random, settings }) {
    const steady = many("steady", settings.steady), fickle = many("fickle", settings.fickle);
    const pcs = [...steady, ...fickle];
    for (const pc of fickle) pc.set({ startsAt: `${random.below(60)}s` });

    // Each of the fickle has troubles of its own, one after another.
    for (const pc of fickle) {
      for (let time = 70 + random.below(40); time < 500; time += 20 + random.below(60)) {
        const fault: Fault = random.pick(FAULTS)(pc), lasts = 1 + random.below(15);
        between(`${time}s`, `${time + lasts}s`, fault);
        time += lasts;
      }
    }
    // Twice the network falls apart, somewhere.
    for (const time of [150, 350]) {
      const mixed = random.shuffled(pcs), half = 5 + random.below(pcs.length - 10);
      between(`${time}s`, `${time + 40}s`, cut(mixed.slice(0, half), mixed.slice(half)));
    }

    let said = 0;
    for (let time = 10; time < 540; time++, said++) {
      at(`${time}s`, steady[said % steady.length]!, say("talk", `${said}`));
    }
    const names = new Set(steady.map(({ peer }) => peer));
    const heard = tally(
      steady,
      (event) => isMeshEvent(event) && event.name === "heard" && names.has(event.origin),
    );
    expectValue("those who stay hear each other", () => heard.count / (steady.length - 1), {
      atLeast: said,
      atMost: said,
      unit: "messages",
    });
    at("570s", fickle[0] ?? steady[0]!, say("end", "Are we all here?"));
    const others = pcs.filter((pc) => pc !== (fickle[0] ?? steady[0]));
    expect(
      "in the end everybody hears everybody",
      others,
      (event) => isMeshEvent(event) && event.name === "heard" && event.topic === "end",
      {
        from: "570s",
        within: "1s",
        times: 1,
      },
    );
  },
});
