/** Networks of this machine that only reach each other, and what their nodes would have been told. */
import type { Frame, Input, LinkId } from "../../../runtime/core/mod.ts";
import {
  type LiveNetwork,
  type NetworkOptions,
  openNetwork,
} from "../../../runtime/host/net/mod.ts";

export type Fact<Kind extends Input["kind"]> = Extract<Input, { kind: Kind }>;

/** A network, its facts in their order, and how to wait for one. */
export class Actor {
  readonly facts: Input[] = [];
  /** What a node does with a fact; later, as a host does. */
  heard: (fact: Input) => void = () => {};
  network!: LiveNetwork;
  readonly #waiting = new Set<() => void>();

  static async open(options: Partial<NetworkOptions> = {}): Promise<Actor> {
    const actor = new Actor();
    actor.network = await openNetwork({
      port: 0,
      bind: ["127.0.0.1"],
      micros: () => Math.floor(performance.now() * 1_000),
      post: (input) => actor.#post(input),
      ...options,
    });
    return actor;
  }

  get address(): string {
    return this.network.address;
  }

  of<Kind extends Input["kind"]>(kind: Kind): Fact<Kind>[] {
    return this.facts.filter((fact): fact is Fact<Kind> => fact.kind === kind);
  }

  /** The first of such facts, as soon as there are so many. */
  async told<Kind extends Input["kind"]>(kind: Kind, count = 1): Promise<Fact<Kind>> {
    await this.until(() => this.of(kind).length >= count, `${count} times ${kind}`);
    return this.of(kind)[count - 1]!;
  }

  async until(isSo: () => boolean, what = "what was expected", millis = 10_000): Promise<void> {
    const deadline = performance.now() + millis;
    while (!isSo()) {
      if (performance.now() > deadline) {
        const last = this.facts.slice(-20).map(({ kind }) => kind);
        throw new Error(`Not told: ${what}; but at last ${last.join(" ")}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 20);
        this.#waiting.add(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  /** A link to another, as both ends name it. */
  async link(
    other: Actor,
    first: Frame = frame("hello"),
  ): Promise<{ here: LinkId; there: LinkId }> {
    const before = other.of("linked").length, own = this.of("linked").length;
    this.network.dial(other.address);
    const here = (await this.told("linked", own + 1)).link;
    this.network.send(here, first);
    return { here, there: (await other.told("linked", before + 1)).link };
  }

  /** What a link has carried, in order. */
  received(link: LinkId): Frame[] {
    return this.of("received").filter((fact) => fact.link === link).map((fact) => fact.frame);
  }

  #post(input: Input): void {
    this.facts.push(input);
    queueMicrotask(() => this.heard(input));
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** Runs a test with actors that are closed afterwards, whatever happens. */
export async function staged(
  count: number,
  body: (...actors: Actor[]) => Promise<void>,
  options: Partial<NetworkOptions> = {},
): Promise<void> {
  const discoveryPort = freePort();
  const actors: Actor[] = [];
  try {
    while (actors.length < count) actors.push(await Actor.open({ discoveryPort, ...options }));
    await body(...actors);
  } finally {
    for (const { network } of actors) await network.close(true);
  }
}

const text = new TextEncoder();

/** A frame of these words, with a body of so many bytes. */
export function frame(words: string, bodyBytes?: number): Frame {
  const head = text.encode(words);
  return bodyBytes === undefined ? { head } : { head, body: bytesOf(bodyBytes) };
}

/** So many bytes that are not all the same. */
export function bytesOf(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at++) bytes[at] = at * 7 + (at >> 8);
  return bytes;
}

/** A port that nobody uses, and nobody else asks for: tests of other files run at the same time. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

export function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

/** A stranger's connection, which says what it is told to. */
export async function stranger(actor: Actor): Promise<Deno.TcpConn> {
  return await Deno.connect({ hostname: "127.0.0.1", port: actor.network.port });
}

/** Reads until the other side ends: what came, and how it ended. */
export async function readToEnd(conn: Deno.Conn): Promise<{ bytes: number; end: string }> {
  const buffer = new Uint8Array(65_536);
  let bytes = 0;
  for (;;) {
    try {
      const count = await conn.read(buffer);
      if (count === null) return { bytes, end: "closed" };
      bytes += count;
    } catch (error) {
      return { bytes, end: (error as Error).name };
    }
  }
}
