/** Vaults: files that no device has, and that no lost device takes along. */
import type { AppEvent, Micros, PeerId, Protocol } from "../../core/mod.ts";
import { isMembershipEvent } from "../membership/mod.ts";
import type { VaultCommand } from "./commands.ts";
import type { Mixer } from "./erasure.ts";
import type { VaultContext } from "./job.ts";
import { Keeper } from "./keeper.ts";
import * as limits from "./limits.ts";
import { Owner } from "./owner.ts";
import { TICK, Vaults } from "./vaults.ts";
import { type VaultMessage, vaultWire } from "./wire.ts";

export interface VaultOptions {
  /** Bytes that this device offers to others' vaults. Default 4 GiB; 0 offers none. */
  readonly offers?: number;
  /** Devices that name the same are lost together: none is given as many shares as open anything. */
  readonly domain?: string;
  /** A device that is away for so long is counted as lost. */
  readonly lostAfter?: Micros;
  /** Computes sums of shards faster than TypeScript does, to the same bytes. */
  readonly mixer?: Mixer;
}

const WATCH = "watch", SCRUB = "scrub";

/** Holds shares for others, and has its own file's shares held by them. */
export function vault(options: VaultOptions = {}): Protocol<VaultMessage> {
  const { offers = limits.OFFERED_BYTES, domain = "", lostAfter = limits.LOST_AFTER } = options;
  let keeper: Keeper, vaults: Vaults;
  return {
    name: "vault",
    code: 9,
    wire: vaultWire,
    started({ records, kept }, ctx) {
      keeper = new Keeper(offers, domain);
      keeper.started(records, kept, ctx);
      vaults = new Vaults(new Owner(options.mixer), lostAfter);
      vaults.owner.started(records, ctx);
      vaults.resume(ctx);
      if (keeper.isServing) ctx.wake(SCRUB, limits.SCRUB_EVERY);
      if (vaults.owner.keys !== undefined) ctx.wake(WATCH, limits.WATCH_EVERY);
    },
    joined: (peer, ctx) => keeper.joined(peer, ctx),
    left(peer, why, ctx) {
      keeper.left(peer);
      vaults.left(peer, why, ctx);
    },
    received(message, from, body, ctx) {
      if (!heldFor(keeper, from, message, body, ctx)) vaults.received(from, message, body, ctx);
    },
    loaded(key, bytes, ctx) {
      if (key.startsWith("file/")) vaults.job?.loaded?.(key, bytes, ctx);
      else keeper.loaded(key, bytes, ctx);
      vaults.next(ctx);
    },
    settled(name, why, ctx) {
      keeper.settled(name, why, ctx);
      vaults.job?.settled?.(name, why, ctx);
      vaults.next(ctx);
    },
    refused(key, why, ctx) {
      keeper.refused(key, why, ctx);
      vaults.owner.refused(key, why, ctx);
      vaults.job?.refused?.(key, why, ctx);
      vaults.next(ctx);
    },
    woke(timer, ctx) {
      if (timer === TICK) return vaults.tick(ctx);
      if (timer === SCRUB) {
        keeper.scrub(ctx);
        keeper.tidy(ctx);
        return ctx.wake(SCRUB, limits.SCRUB_EVERY);
      }
      vaults.watch(ctx);
      ctx.wake(WATCH, limits.WATCH_EVERY);
    },
    heard(event: AppEvent) {
      if (isMembershipEvent(event) && event.name === "found") {
        vaults.owner.devices.heard(event.peer, event.address);
      }
    },
    asked(command, ctx) {
      vaults.asked(command as VaultCommand, ctx);
      if (vaults.owner.keys !== undefined) ctx.wake(WATCH, limits.WATCH_EVERY);
    },
  };
}

/** True where the message is for a device that holds shares. */
function heldFor(
  keeper: Keeper,
  from: PeerId,
  message: VaultMessage,
  body: Uint8Array | undefined,
  ctx: VaultContext,
): boolean {
  switch (message.kind) {
    case "enter":
      keeper.enter(from, message.vault, message.pass, ctx);
      return true;
    case "begin":
    case "finish":
    case "get":
    case "audit":
    case "drop":
    case "recall":
      keeper[message.kind](from, message as never, ctx);
      return true;
    case "put":
    case "witness":
      keeper[message.kind](from, message as never, body, ctx);
      return true;
    default:
      return false;
  }
}
