/** A few nodes in one room: the smallest world in which the core's own claims can be tested. */
import {
  type Address,
  type AnyProtocol,
  type AppEvent,
  type Command,
  type Crypto,
  type Effect,
  type Frame,
  type Input,
  type LinkId,
  type Micros,
  Node,
  type Random,
  Stream,
  utf8,
} from "../../runtime/core/mod.ts";

interface Occupant {
  readonly name: string;
  readonly address: Address;
  node: Node;
  boot: number;
  up: boolean;
  records: Map<string, Uint8Array>;
  events: AppEvent[];
  wakeAt: Micros | undefined;
}

interface Wire {
  readonly ends: readonly [{ who: Occupant; link: LinkId }, { who: Occupant; link: LinkId }];
  open: boolean;
}

interface Due {
  readonly at: Micros;
  readonly run: () => void;
}

export class Room {
  now: Micros = 0;
  readonly occupants = new Map<string, Occupant>();
  /** In the order of time; of equal times, in the order of asking. */
  #due: Due[] = [];
  #done = 0;
  #links = 0;
  #wires = new Map<LinkId, Wire>();

  constructor(
    readonly random: Random,
    readonly crypto: Crypto,
    readonly protocols: () => readonly AnyProtocol[],
    /** Latency of each thing that travels. */
    readonly latency: () => Micros = () => 1000,
  ) {}

  add(name: string, network = "room"): Occupant {
    const occupant: Occupant = {
      name,
      address: `${name}:1`,
      node: this.#born(name, 0, network),
      boot: 0,
      up: true,
      records: new Map(),
      events: [],
      wakeAt: undefined,
    };
    this.occupants.set(name, occupant);
    this.step(occupant, { kind: "started", saved: { records: new Map(), kept: [] }, boot: 0 });
    return occupant;
  }

  ask(name: string, command: Command): void {
    this.step(this.occupants.get(name)!, { kind: "asked", command });
  }

  dial(from: string, to: string, knowing: boolean): void {
    const target = this.occupants.get(to)!;
    this.ask(from, {
      protocol: "probe",
      name: "dial",
      address: target.address,
      keys: knowing ? target.node.identity.keys : undefined,
    } as Command);
  }

  /** The process ends: its links break, its memory is gone; what it saved stays. */
  restart(name: string, network = "room"): void {
    const occupant = this.occupants.get(name)!;
    occupant.up = false;
    for (const [id, wire] of this.#wires) {
      if (wire.open && wire.ends.some((end) => end.who === occupant)) this.#hangUp(id, occupant);
    }
    occupant.node = this.#born(name, ++occupant.boot, network);
    occupant.up = true;
    const { records, boot } = occupant;
    this.step(occupant, { kind: "started", saved: { records, kept: [] }, boot });
  }

  run(until: Micros): void {
    while (this.#done < this.#due.length && this.#due[this.#done]!.at <= until) {
      const { at, run } = this.#due[this.#done++]!;
      this.now = at;
      run();
    }
    this.#due.splice(0, this.#done);
    this.#done = 0;
    this.now = until;
  }

  eventsOf(name: string): AppEvent[] {
    return this.occupants.get(name)!.events;
  }

  step(who: Occupant, input: Input): void {
    if (!who.up) return;
    const { effects, wakeAt } = who.node.step(this.now, input);
    for (const effect of effects) this.#perform(who, effect);
    if (wakeAt !== undefined && wakeAt !== who.wakeAt) {
      const { node } = who;
      this.#at(wakeAt, () => {
        if (who.node !== node || who.wakeAt !== wakeAt) return;
        who.wakeAt = undefined;
        this.step(who, { kind: "woke" });
      });
    }
    who.wakeAt = wakeAt;
  }

  #born(name: string, boot: number, network: string): Node {
    return new Node({
      network,
      seed: this.crypto.sha256(utf8(`seed of ${name}`)),
      address: `${name}:1`,
      random: new Stream(`${name}/${boot}`).fork("node"),
      crypto: this.crypto,
      protocols: this.protocols(),
    });
  }

  #perform(who: Occupant, effect: Effect): void {
    switch (effect.kind) {
      case "dial":
        return this.#dial(who, effect.address);
      case "send":
        return this.#send(who, effect.link, effect.frame);
      case "hang-up":
        return this.#hangUp(effect.link, who);
      case "save":
        if (effect.bytes === undefined) who.records.delete(effect.key);
        else who.records.set(effect.key, effect.bytes);
        return;
      case "tell":
        who.events.push(effect.event);
        return;
      case "cast":
        for (const other of this.occupants.values()) {
          if (other === who && effect.to === "everyone") continue;
          if (effect.to !== "everyone" && effect.to !== other.address) continue;
          const { bytes } = effect;
          this.#later(() => this.step(other, { kind: "overheard", from: who.address, bytes }));
        }
        return;
      default:
        throw new Error(`the room has no ${effect.kind}`);
    }
  }

  #dial(who: Occupant, address: Address): void {
    const target = [...this.occupants.values()].find((other) => other.address === address);
    if (target === undefined || !target.up) {
      this.#later(() =>
        this.step(who, { kind: "refused", order: "dial", key: address, why: "unreachable" })
      );
      return;
    }
    const dialler = ++this.#links, dialled = ++this.#links;
    const wire: Wire = {
      ends: [{ who, link: dialler }, { who: target, link: dialled }],
      open: true,
    };
    this.#wires.set(dialler, wire);
    this.#wires.set(dialled, wire);
    this.#later(() => {
      const transport = "tcp" as const;
      this.step(target, { kind: "linked", link: dialled, from: who.address, transport });
      this.#later(() =>
        this.step(who, {
          kind: "linked",
          link: dialler,
          dialled: address,
          from: address,
          transport,
        })
      );
    });
  }

  /** Frames of one direction never overtake each other. */
  #arrival = new Map<LinkId, Micros>();

  #onWire(link: LinkId, run: () => void): void {
    const at = Math.max(this.now + this.latency(), this.#arrival.get(link) ?? 0);
    this.#arrival.set(link, at);
    this.#at(at, run);
  }

  #send(who: Occupant, link: LinkId, frame: Frame): void {
    const wire = this.#wires.get(link);
    if (wire === undefined || !wire.open) return;
    const other = wire.ends.find((end) => end.who !== who)!;
    this.#onWire(link, () => this.step(other.who, { kind: "received", link: other.link, frame }));
  }

  #hangUp(link: LinkId, who: Occupant): void {
    const wire = this.#wires.get(link);
    if (wire === undefined || !wire.open) return;
    wire.open = false;
    const other = wire.ends.find((end) => end.who !== who)!;
    this.#onWire(
      link,
      () => this.step(other.who, { kind: "unlinked", link: other.link, why: "closed" }),
    );
  }

  #later(run: () => void): void {
    this.#at(this.now + this.latency(), run);
  }

  #at(at: Micros, run: () => void): void {
    let place = this.#due.length;
    while (place > this.#done && this.#due[place - 1]!.at > at) place--;
    this.#due.splice(place, 0, { at, run });
  }
}
