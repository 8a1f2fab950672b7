/** How links come about: SYN, SYN-ACK, and what happens where nobody answers. */
import { assert } from "../runtime/core/mod.ts";
import type { Clock, Handle } from "./clock.ts";
import { ANSWERED, CALLED, DIALLED, GAVE_UP, REFUSED } from "./kinds.ts";
import type { Lan } from "./lan.ts";
import type { Machine } from "./machine.ts";
import type { Oracle } from "./oracle.ts";
import type { Host, Paths } from "./paths.ts";
import type { Nanos } from "./units.ts";

/** SYNs are sent again after 1 s, then twice as long each time (RFC 6298). */
const SYN_NANOS: Nanos = 1_000_000_000;

interface Dial {
  readonly machine: Machine;
  readonly life: number;
  readonly from: Host;
  readonly address: string;
  readonly to: Host | undefined;
  readonly label: string;
  readonly deadline: Handle;
  wait: Nanos;
  /** The life of the listener that answered. */
  answeredBy: number;
  done: boolean;
}

interface DialsOptions {
  readonly clock: Clock;
  readonly lan: Lan;
  readonly paths: Paths;
  readonly oracle: Oracle;
  readonly machines: readonly Machine[];
  /** The link exists, as the dialler sees it. */
  readonly connect: (from: Host, to: Host) => void;
}

export class Dials {
  readonly #options: DialsOptions;
  /** Dials so far, by machine. */
  readonly #counts: number[] = [];

  constructor(options: DialsOptions) {
    this.#options = options;
  }

  dial(machine: Machine, address: string): void {
    const { clock, lan, paths } = this.#options;
    const count = this.#counts[machine.index] = (this.#counts[machine.index] ?? 0) + 1;
    const dial: { -readonly [Key in keyof Dial]: Dial[Key] } = {
      machine,
      life: machine.boots,
      from: paths.hosts[machine.index]!,
      address,
      to: paths.at(address),
      label: `dial/${machine.name}/${count}`,
      deadline: 0,
      wait: SYN_NANOS,
      answeredBy: 0,
      done: false,
    };
    dial.deadline = clock.at(clock.now + lan.dialTimeout, GAVE_UP, 0, 0, dial);
    this.#call(dial);
  }

  /** An event of a dial is due. */
  happened(kind: number, payload: unknown): void {
    const dial = payload as Dial;
    const { machine } = dial;
    if (dial.done || machine.power !== "on" || dial.life !== machine.boots) return; // it dialled in vain
    switch (kind) {
      case DIALLED:
        return this.#call(dial);
      case CALLED:
        return this.#called(dial);
      case ANSWERED:
        return this.#answered(dial);
      default:
        assert(kind === REFUSED || kind === GAVE_UP, "dials know each kind of their events");
        this.#end(dial);
        dial.machine.post({
          kind: "refused",
          order: "dial",
          key: dial.address,
          why: "unreachable",
        });
    }
  }

  /** Sends a SYN. */
  #call(dial: Dial): void {
    if (dial.to === undefined) return; // no such host: silence until the deadline
    const { clock, paths } = this.#options;
    if (this.#isLost(dial, dial.from, dial.to)) return this.#again(dial);
    clock.at(clock.now + paths.latency(dial.from, dial.to), CALLED, 0, 0, dial);
  }

  /** The SYN, or its answer, was lost. */
  #again(dial: Dial): void {
    const { clock } = this.#options;
    clock.at(clock.now + dial.wait, DIALLED, 0, 0, dial);
    dial.wait *= 2;
  }

  /** The SYN is where the listener should be. */
  #called(dial: Dial): void {
    const { clock, paths, machines } = this.#options;
    const to = dial.to!, listener = machines[to.index]!;
    const back = clock.now + paths.latency(to, dial.from);
    if (listener.power === "off") return this.#again(dial);
    if (this.#isLost(dial, to, dial.from)) return this.#again(dial);
    dial.answeredBy = listener.boots;
    clock.at(back, listener.power === "on" ? ANSWERED : REFUSED, 0, 0, dial);
  }

  /** The SYN-ACK is back. */
  #answered(dial: Dial): void {
    const listener = this.#options.machines[dial.to!.index]!;
    if (listener.boots !== dial.answeredBy || listener.power !== "on") return this.#again(dial);
    this.#end(dial);
    this.#options.connect(dial.from, dial.to!);
  }

  #end(dial: Dial): void {
    dial.done = true;
    this.#options.clock.cancel(dial.deadline);
  }

  #isLost(dial: Dial, from: Host, to: Host): boolean {
    const { paths, oracle } = this.#options;
    if (paths.isCut(from, to) || paths.isHeld(from, to)) return true;
    const loss = paths.loss(from, to);
    if (loss === 0) return false;
    const chance = oracle.stream(`${dial.label}/${from.index}/${dial.wait}`);
    return oracle.happens(chance, dial.label, loss);
  }
}
