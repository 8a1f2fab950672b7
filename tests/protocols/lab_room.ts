/**
 * A tiny world for tests of the lab: real nodes and the real mesh on an ideal network, neighbours as
 * the test says, a swarm that only remembers what it was asked, and liars.
 */
import {
  type Address,
  type AnyProtocol,
  type AppEvent,
  assert,
  type Command,
  type Crypto,
  type Effect,
  type Identity,
  identityFrom,
  type Input,
  joined,
  type LinkId,
  type Micros,
  millisecond,
  Node,
  type PeerId,
  type Protocol,
  second,
  Stream,
  utf8,
} from "../../runtime/core/mod.ts";
import { accounted } from "../../runtime/core/accounted.ts";
import { noble } from "../../runtime/core/noble.ts";
import {
  join,
  lab,
  type LabEvent,
  type LabMessage,
  type LabOptions,
  open,
  TOPIC,
} from "../../runtime/protocols/lab/mod.ts";
import { isMeshEvent, mesh } from "../../runtime/protocols/mesh/mod.ts";
import { liar, memory, neighbours } from "./lab_actors.ts";

export { force } from "./lab_actors.ts";

const NETWORK = "lab test";
const LATENCY: Micros = millisecond;
export interface MachineOptions extends LabOptions {
  /** The machines it keeps links to as a neighbour, for the mesh. */
  readonly near?: readonly string[];
  /** Datagrams to everyone stay within a subnet. */
  readonly subnet?: number;
  /** Passes on everything, and sends what `force` says. */
  readonly liar?: boolean;
}

interface Machine {
  readonly name: string;
  readonly identity: Identity;
  /** Where it is from its next start on. */
  address: Address;
  options: MachineOptions;
  readonly records: Map<string, Uint8Array>;
  readonly links: Map<LinkId, { readonly to: Machine; readonly there: LinkId }>;
  readonly told: { readonly at: Micros; readonly event: AppEvent }[];
  readonly asked: Command[];
  /** Statements that have left it, and which frames of the lab. */
  readonly spoken: Uint8Array[];
  node: Node | undefined;
  boots: number;
  wakeAt: Micros | undefined;
  performed: number;
  crashBefore: number | undefined;
}

interface Due {
  readonly at: Micros;
  readonly turn: number;
  readonly run: () => void;
}

/** The world: machines, the network between them, and a clock. */
export class Room {
  now: Micros = 0;
  readonly machines = new Map<string, Machine>();
  /** Pairs of machines that cannot hear each other. */
  readonly #cuts = new Set<string>();
  /** What nodes have said hello with, and the tickets they got: for attackers. */
  readonly hellos: LabMessage[] = [];
  readonly tickets = new Map<PeerId, unknown>();
  /** Every statement that has reached another machine. */
  readonly statements: Uint8Array[] = [];
  /** What liars were told, and the addresses that anybody has dialled. */
  readonly heardByLiars: LabMessage[] = [];
  readonly dialled: Address[] = [];
  readonly #queue: Due[] = [];
  #turns = 0;
  #links = 1;

  constructor(readonly crypto: Crypto = accounted(noble)) {}

  /** Switches on a new machine. */
  add(name: string, options: MachineOptions = {}): Machine {
    const seed = this.crypto.sha256(utf8(name));
    const machine: Machine = {
      name,
      identity: identityFrom(seed, this.crypto),
      address: `10.0.${options.subnet ?? 0}.${this.machines.size + 1}:4545`,
      options,
      records: new Map(),
      links: new Map(),
      told: [],
      asked: [],
      spoken: [],
      node: undefined,
      boots: 0,
      wakeAt: undefined,
      performed: 0,
      crashBefore: undefined,
    };
    this.machines.set(name, machine);
    this.start(name);
    return machine;
  }

  peer(name: string): PeerId {
    return this.get(name).identity.peer;
  }

  get(name: string): Machine {
    return this.machines.get(name)!;
  }

  start(name: string): void {
    const machine = this.get(name);
    const boot = machine.boots++;
    machine.node = new Node({
      network: NETWORK,
      seed: this.crypto.sha256(utf8(name)),
      address: machine.address,
      random: new Stream(`${name}/${boot}`),
      crypto: this.crypto,
      protocols: this.#protocolsOf(machine),
    });
    const saved = { records: new Map(machine.records), kept: [] };
    this.#step(machine, { kind: "started", saved, boot });
  }

  /** The disk says that it has not taken a record. */
  refuseSave(name: string, key: string): void {
    this.#step(this.get(name), { kind: "refused", order: "save", key, why: "disk-full" });
  }

  crash(name: string): void {
    const machine = this.get(name);
    machine.node = undefined;
    machine.wakeAt = undefined;
    for (const [link, { to, there }] of [...machine.links]) {
      machine.links.delete(link);
      this.#after(LATENCY, () => this.#unlink(to, there, "crashed"));
    }
  }

  /** Crashes the machine just before it performs so many more orders. */
  crashAfter(name: string, orders: number): void {
    const machine = this.get(name);
    machine.crashBefore = machine.performed + orders;
  }

  /** Starts again as a liar, with the same identity. */
  turnLiar(name: string): void {
    this.crash(name);
    this.get(name).options = { ...this.get(name).options, liar: true };
    this.start(name);
  }

  /** A liar dials somebody. */
  dial(liar: string, to: string): void {
    const { address, identity: { keys } } = this.get(to);
    this.ask(liar, { protocol: "lab", name: "dial", address, keys } as Command);
    this.run(0.1);
  }

  cut(one: string, other: string): void {
    this.#cuts.add(`${one} ${other}`).add(`${other} ${one}`);
    const machine = this.get(one);
    for (const [link, { to, there }] of [...machine.links]) {
      if (to.name !== other) continue;
      this.#unlink(machine, link, "silent");
      this.#unlink(to, there, "silent");
    }
  }

  heal(): void {
    this.#cuts.clear();
  }

  ask(name: string, command: Command): void {
    this.#step(this.get(name), { kind: "asked", command });
  }

  /** A datagram of the lab, from wherever the test says. */
  datagram(to: string, bytes: Uint8Array, from: Address = "10.9.9.9:9"): void {
    const mark = joined(utf8("STARLING1"), this.crypto.sha256(utf8(NETWORK)).subarray(0, 4));
    const framed = joined(mark, Uint8Array.of(3), bytes);
    this.#step(this.get(to), { kind: "overheard", from, bytes: framed });
  }

  /** Lets the world go on for a while. */
  run(seconds: number): void {
    const until = this.now + Math.round(seconds * second);
    while (this.#queue.length > 0 && this.#queue[0]!.at <= until) {
      const { at, run } = this.#queue.shift()!;
      this.now = Math.max(this.now, at);
      run();
    }
    this.now = until;
  }

  /** What a machine's lab has told, of one name if given. */
  events<Name extends LabEvent["name"]>(
    machine: string,
    name: Name,
  ): Extract<LabEvent, { readonly name: Name }>[] {
    return this.get(machine).told.map(({ event }) => event)
      .filter((event) => event.protocol === "lab" && event.name === name) as never;
  }

  /** Every event of the lab at a machine, one word and a half each. */
  story(machine: string): string[] {
    return this.get(machine).told.map(({ event }) => event)
      .filter((event) => event.protocol === "lab")
      .map((event) => `${event.name}: ${(event as LabEvent).words}`);
  }

  isLinked(one: string, other: string): boolean {
    for (const { to } of this.get(one).links.values()) if (to.name === other) return true;
    return false;
  }

  #protocolsOf(machine: Machine): AnyProtocol[] {
    const { options } = machine;
    return [
      neighbours(options.near?.map((name) => () => this.machines.get(name))),
      mesh({ guarded: [TOPIC] }),
      options.liar ? liar(this.heardByLiars) : this.#tapped(lab(options), machine),
      memory(machine.asked),
    ];
  }

  /** The same lab; what reaches it is noted down. */
  #tapped(honest: Protocol<LabMessage>, { identity }: Machine): Protocol<LabMessage> {
    return {
      ...honest,
      received: (message, from, body, ctx) => {
        if (message.kind === "hello") this.hellos.push(message);
        if (message.kind === "welcome") this.tickets.set(identity.peer, message.ticket);
        if (message.kind === "welcome") this.statements.push(message.statement.slice());
        if (message.kind === "catchUp") {
          for (const bytes of message.statements) this.statements.push(bytes.slice());
        }
        honest.received(message, from, body, ctx);
      },
      heard: (event, ctx) => {
        if (isMeshEvent(event) && event.name === "judge") this.statements.push(event.payload);
        honest.heard!(event, ctx);
      },
    };
  }

  #step(machine: Machine, input: Input): void {
    if (machine.node === undefined) return;
    const { effects, wakeAt } = machine.node.step(this.now, input);
    if (wakeAt !== undefined && wakeAt !== machine.wakeAt) {
      this.#after(Math.max(0, wakeAt - this.now), () => {
        if (machine.wakeAt === wakeAt) this.#step(machine, { kind: "woke" });
      });
    }
    machine.wakeAt = wakeAt;
    for (const effect of effects) {
      if (machine.performed++ === machine.crashBefore) {
        machine.crashBefore = undefined;
        return this.crash(machine.name);
      }
      this.#perform(machine, effect);
    }
  }

  #perform(machine: Machine, effect: Effect): void {
    switch (effect.kind) {
      case "save":
        if (effect.bytes === undefined) machine.records.delete(effect.key);
        else machine.records.set(effect.key, effect.bytes);
        return;
      case "dial":
        this.dialled.push(effect.address);
        return this.#after(LATENCY, () => this.#dial(machine, effect.address));
      case "hang-up": {
        const end = machine.links.get(effect.link);
        machine.links.delete(effect.link);
        if (end) this.#after(LATENCY, () => this.#unlink(end.to, end.there, "closed"));
        return;
      }
      case "send": {
        const end = machine.links.get(effect.link);
        if (end === undefined) return;
        const { frame } = effect;
        return this.#after(LATENCY, () => {
          if (!end.to.links.has(end.there)) return;
          this.#step(end.to, { kind: "received", link: end.there, frame });
        });
      }
      case "cast":
        return this.#cast(machine, effect.bytes);
      case "tell":
        machine.told.push({ at: this.now, event: effect.event });
    }
  }

  #cast(machine: Machine, bytes: Uint8Array): void {
    machine.spoken.push(bytes.slice(14));
    this.statements.push(bytes.slice(14));
    for (const other of this.machines.values()) { // the sender hears itself, as on a real network
      if ((other.options.subnet ?? 0) !== (machine.options.subnet ?? 0)) continue;
      if (this.#cuts.has(`${machine.name} ${other.name}`)) continue;
      this.#after(LATENCY, () => {
        this.#step(other, { kind: "overheard", from: machine.address, bytes });
      });
    }
  }

  #dial(machine: Machine, address: Address): void {
    if (machine.node === undefined) return;
    const to = [...this.machines.values()].find((each) => each.address === address);
    if (to?.node === undefined || this.#cuts.has(`${machine.name} ${to.name}`)) {
      return this.#step(machine, {
        kind: "refused",
        order: "dial",
        key: address,
        why: "unreachable",
      });
    }
    const here = this.#links++;
    const there = this.#links++;
    machine.links.set(here, { to, there });
    to.links.set(there, { to: machine, there: here });
    const from = `${machine.address.slice(0, machine.address.lastIndexOf(":"))}:${50000 + here}`;
    this.#step(to, { kind: "linked", link: there, from, transport: "tcp" });
    this.#step(machine, {
      kind: "linked",
      link: here,
      from: address,
      dialled: address,
      transport: "tcp",
    });
  }

  #unlink(machine: Machine, link: LinkId, why: "closed" | "crashed" | "silent"): void {
    if (machine.links.delete(link)) this.#step(machine, { kind: "unlinked", link, why });
  }

  #after(delay: Micros, run: () => void): void {
    const due = { at: this.now + delay, turn: this.#turns++, run };
    let at = this.#queue.length;
    while (at > 0 && this.#queue[at - 1]!.at > due.at) at--;
    this.#queue.splice(at, 0, due);
  }
}

/** Fails with both values unless they are written the same. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  assert(is === should, `${what}: ${is} should be ${should}`);
}

export const NOTES = {
  title: "notes.pdf",
  handle: "notes",
  files: [{ path: "notes.pdf", bytes: 4096 }],
};

/** A teacher and students on one subnet, all of them in the teacher's session. */
export function lesson(...students: string[]): Room {
  return lessonIn(new Room(), ...students);
}

/** The same in a world of one's own. */
export function lessonIn(room: Room, ...students: string[]): Room {
  room.add("teacher");
  const trust = { authorities: [room.get("teacher").identity.keys.sign] };
  for (const student of students) room.add(student, { trust });
  room.ask("teacher", open({ title: "Physics", who: "Ms Curie" }));
  for (const student of students) room.ask(student, join({ who: student }));
  room.run(5);
  return room;
}
