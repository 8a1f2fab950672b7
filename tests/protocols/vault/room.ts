/** An owner and some devices in one room: what their vaults tell, and what lies on their disks. */
import type { AnyProtocol, AppEvent } from "../../../runtime/core/mod.ts";
import { all, vault } from "../../../runtime/protocols/mod.ts";
import {
  type Actor,
  type FileHandle,
  lan,
  scenario,
  type Size,
  type Stage,
} from "../../../sim/mod.ts";
import { World } from "../../../sim/world.ts";
import { light } from "../../sim/watched.ts";

export const SECRET = new Uint8Array(32).fill(5);

export interface Said {
  /** Seconds. */
  readonly at: number;
  readonly who: string;
  readonly event: vault.VaultEvent;
}

/** What a story is told with. */
export interface Room {
  readonly stage: Stage<never>;
  readonly owner: Actor;
  readonly heir: Actor;
  readonly devices: readonly Actor[];
}

interface RoomOptions {
  readonly devices?: number;
  /** One more device, called "small", with a disk of so much. */
  readonly small?: Size;
  readonly seed?: number;
  /** Of each device. */
  readonly options?: (name: string) => vault.VaultOptions;
  readonly change?: (protocol: AnyProtocol, name: string) => AnyProtocol;
}

export interface Played {
  readonly world: World;
  readonly said: readonly Said[];
  /** Events of one name, of one machine. */
  of<Name extends vault.VaultEvent["name"]>(
    who: string,
    name: Name,
  ): (vault.VaultEvent & { readonly name: Name })[];
  /** Keys of shares on the disk of a machine, without their offsets, each once. */
  sharesAt(who: string): string[];
  /** What is always claimed, and was not so. */
  readonly wrong: string[];
}

/** Plays a story of so many seconds; the owner's vault is open after one. */
export function played(
  seconds: number,
  play: (room: Room) => void,
  { devices = 4, small, seed = 1, options = () => ({}), change = (each) => each }: RoomOptions = {},
): Played {
  const said: Said[] = [];
  const story = scenario({
    seed,
    lasts: `${seconds}s`,
    network: () => lan({ latency: "1ms", bandwidth: "100Mbps" }),
    protocols: (_settings, { name }) =>
      all({
        vault: { offers: /owner|heir/.test(name) ? 0 : 1e8, lostAfter: 20e6, ...options(name) },
      }).map((each) => each.name === "vault" ? change(each, name) : each),
    play(stage) {
      const { owner, heir } = stage.named("owner", "heir");
      const others = stage.many("device", devices);
      if (small !== undefined) {
        others.push(stage.named("small", { disk: { capacity: small } }).small);
      }
      stage.at("1s", owner, vault.create(SECRET));
      play({ stage: stage as unknown as Stage<never>, owner, heir, devices: others });
    },
  });
  const world = new World({
    scenario: story,
    crypto: light(),
    watch: {
      told(now, { name: who }: Actor, event: AppEvent) {
        if (vault.isVaultEvent(event)) said.push({ at: now / 1e9, who, event });
      },
    },
  });
  world.run();
  return {
    world,
    said,
    of: (who, name) =>
      said.flatMap(({ who: by, event }) =>
        by === who && event.name === name ? [event as never] : []
      ),
    sharesAt(who) {
      const { disk } = world.machines.find((machine) => machine.name === who)!;
      const names = disk.pieces().filter((key) => key.startsWith("vault/"))
        .map((key) => key.split("/")[1]!);
      return [...new Set(names)];
    },
    wrong: world.always().filter(({ ok }) => !ok).map(({ name, actual }) => `${name}: ${actual}`),
  };
}

/** Locks a file. */
export function locking(
  { handle, name: title, size: bytes }: FileHandle,
  shape: { readonly count?: number; readonly enough?: number } = {},
) {
  return vault.lock({ handle, title, bytes, ...shape });
}

/** Opens what was locked last, so long after. */
export function opensLater({ stage, owner }: Room, after: `${number}s`, by: Actor = owner): void {
  stage.whenever(owner, vault.isLocked, { of: by, ask: (_, { content }) => vault.open(content) }, {
    after,
  });
}
