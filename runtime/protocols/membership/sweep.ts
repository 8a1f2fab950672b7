/** Calling each host of a subnet, where beacons are not passed on: slowly, one sweep at a time. */
import { type Micros, second } from "../../core/mod.ts";
import type { Beacon } from "./beacon.ts";
import * as limits from "./limits.ts";
import { dotted, portOf, type Subnet, subnetOf } from "./places.ts";
import type { MembershipContext } from "./view.ts";

const EVERY: Micros = second / limits.SWEEP_PER_SECOND;

/** Asks every address of a subnet, a few at a time. */
export class SubnetSweep {
  #text = "";
  #subnet: Subnet | undefined;
  #next = 0;

  /** False where the text is not a subnet that may be swept. */
  start(text: string, ctx: MembershipContext): boolean {
    const subnet = subnetOf(text);
    if (subnet === undefined || subnet.hosts > limits.SWEPT_HOSTS) return false;
    this.#text = text;
    this.#subnet = subnet;
    this.#next = 0;
    ctx.wake("sweep", 0);
    return true;
  }

  /** Calls one host; the name of the subnet once all were called. */
  woke(beacon: Beacon, ctx: MembershipContext): string | undefined {
    const subnet = this.#subnet!;
    const address = dotted(subnet.first + this.#next++) + portOf(ctx.address);
    if (address !== ctx.address) beacon.call(address, ctx);
    if (this.#next < subnet.hosts) {
      ctx.wake("sweep", EVERY);
      return undefined;
    }
    this.#subnet = undefined;
    return this.#text;
  }
}
