/** A few people in one room, each of whom can write: what they tell, in the order in which they do. */
import type { AppEvent } from "../../../runtime/core/mod.ts";
import { accounted } from "../../../runtime/core/accounted.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import { all, chat } from "../../../runtime/protocols/mod.ts";
import { type Actor, type ActorOptions, lan, scenario, type Stage } from "../../../sim/mod.ts";
import { World } from "../../../sim/world.ts";

export interface Said {
  /** Seconds. */
  readonly at: number;
  readonly who: string;
  readonly event: chat.ChatEvent;
}

/** Plays a story of so many seconds with ana, ben and cleo: everything that their chats told. */
export function told(
  seconds: number,
  play: (stage: Stage<never>, people: Record<"ana" | "ben" | "cleo", Actor>) => void,
  ben: ActorOptions = {},
): readonly Said[] {
  const said: Said[] = [];
  const story = scenario({
    seed: 1,
    lasts: `${seconds}s`,
    network: () => lan({ latency: "1ms", bandwidth: "100Mbps" }),
    protocols: (_settings, { name }) => all({ chat: { who: name } }),
    play(stage) {
      const people = { ...stage.named("ana", "cleo"), ...stage.named("ben", ben) };
      play(stage as unknown as Stage<never>, people);
    },
  });
  const world = new World({
    scenario: story,
    crypto: accounted(nodeCrypto),
    watch: {
      told(now, { name: who }: Actor, event: AppEvent) {
        if (chat.isChatEvent(event) && event.name !== "named") {
          said.push({ at: now / 1e9, who, event });
        }
      },
    },
  });
  world.run();
  return said;
}

/** What one of them was told, in short: `received ana: hello`. */
export function wordsOf(said: readonly Said[], name: string): string[] {
  return said.filter(({ who }) => who === name).map(({ event }) => {
    const again = "again" in event && event.again ? " again" : "";
    const text = "text" in event ? ` ${event.text}` : "";
    const whom = event.name === "refused" ? ` ${event.why}` : "";
    return `${event.name}${again}${text}${whom}`;
  });
}
