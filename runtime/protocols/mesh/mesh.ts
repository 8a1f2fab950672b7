/**
 * A broadcast to everybody in the network, over membership's neighbours: each message is signed by who
 * said it, checked before it is passed on, and told exactly once.
 */
import {
  type AppEvent,
  type Command,
  hex,
  millisecond,
  type PeerId,
  type Protocol,
  type Saved,
  second,
} from "../../core/mod.ts";
import { isMembershipEvent } from "../membership/mod.ts";
import { type MeshCommand, tell } from "./events.ts";
import * as limits from "./limits.ts";
import { Rates } from "./rates.ts";
import { Seen } from "./seen.ts";
import { Sequence } from "./sequence.ts";
import { type MeshContext, Spread } from "./spread.ts";
import { idOf, isGenuine, originOf, stated, type Statement } from "./statement.ts";
import { type MeshMessage, meshWire } from "./wire.ts";

export interface MeshOptions {
  /** Topics of which a sibling judges each message before it is told or passed on. */
  readonly guarded?: readonly string[];
}

type Passed = MeshMessage & { kind: "message" | "parcel" };

class Mesh {
  readonly #guarded: ReadonlySet<string>;
  readonly #spread = new Spread();
  readonly #seen = new Seen();
  readonly #sequence = new Sequence();
  readonly #rates = new Rates();
  /** Messages that a sibling has been told to judge. */
  readonly #judged = new Map<string, Statement>();

  constructor({ guarded = [] }: MeshOptions) {
    this.#guarded = new Set(guarded);
  }

  started(saved: Saved): void {
    this.#sequence.start(saved);
  }

  received(
    message: MeshMessage,
    from: PeerId,
    body: Uint8Array | undefined,
    ctx: MeshContext,
  ): void {
    switch (message.kind) {
      case "message":
        return this.#receive(message, message.payload, from, ctx);
      case "parcel":
        if (body === undefined || body.length <= limits.INLINE_BYTES) {
          return ctx.ban(from, "malformed");
        }
        return this.#receive(message, body, from, ctx);
      case "announce":
        return this.#spread.announced(message, from, ctx);
      case "graft":
        return this.#spread.grafted(message, from, ctx);
      case "prune":
        return this.#spread.pruned(message.origins, from);
      case "digest":
        return this.#spread.compared(message.count, message.folded, from, ctx);
    }
  }

  asked(command: Command, ctx: MeshContext): void {
    const asked = command as MeshCommand;
    switch (asked.name) {
      case "say":
        return this.#say(asked.topic, asked.payload, ctx);
      case "pass": {
        const statement = this.#take(asked.id);
        if (statement !== undefined) this.#accept(statement, ctx);
        return;
      }
      case "refuse": {
        const statement = this.#take(asked.id);
        if (statement === undefined) return;
        this.#note(statement);
        if (asked.ban !== undefined) ctx.ban(statement.from!, asked.ban);
      }
    }
  }

  heard(event: AppEvent, ctx: MeshContext): void {
    if (!isMembershipEvent(event)) return;
    switch (event.name) {
      case "found":
        return this.#rates.found(event.peer);
      case "gone":
        return this.#rates.gone(event.peer);
      case "up":
        return this.#spread.up(event.peer, ctx);
      case "down":
        return this.#spread.down(event.peer, event.why === "released", ctx);
      case "wavering":
        return this.#spread.waver(event.peer, ctx);
    }
  }

  woke(timer: string, ctx: MeshContext): void {
    if (timer === "judge") this.#judged.clear(); // nobody judges: they were not for us
    else this.#spread.woke(timer, ctx);
  }

  #say(topic: string, payload: Uint8Array, ctx: MeshContext): void {
    if (payload.length > limits.PAYLOAD_BYTES || topic.length > limits.TOPIC_BYTES) {
      return tell(ctx, { name: "refused", topic, why: "too-large" });
    }
    if (!this.#rates.maySay(ctx.now)) return tell(ctx, { name: "refused", topic, why: "too-many" });
    const { sign, agree } = ctx.identity.keys;
    const heading = { sign, agree, boot: ctx.boot, sequence: this.#sequence.next(ctx), topic };
    const statement = stated(heading, payload, ctx.identity, ctx.crypto, ctx.now);
    this.#note(statement);
    tell(ctx, { name: "sent", id: statement.name, topic });
    this.#spread.store.add(statement, ctx.now);
    this.#spread.pass(statement, ctx);
  }

  #receive(message: Passed, payload: Uint8Array, from: PeerId, ctx: MeshContext): void {
    const { heading, signature } = message;
    if (payload.length > limits.PAYLOAD_BYTES) return ctx.ban(from, "too-large");
    const origin = originOf(heading, ctx.crypto);
    if (this.#seen.has(origin, heading.boot, heading.sequence)) {
      const id = hex(idOf(heading, ctx.crypto));
      tell(ctx, { name: "repeated", id, topic: heading.topic });
      return this.#spread.repeated(origin, from, ctx);
    }
    if (!this.#rates.mayBeChecked(origin, ctx.now)) return;
    if (!isGenuine(heading, payload, signature, ctx.crypto)) return ctx.ban(from, "tampered");
    if (!this.#rates.mayBeHeard(origin, ctx.now)) return;
    const id = idOf(heading, ctx.crypto);
    const statement: Statement = {
      id,
      name: hex(id),
      origin,
      heading,
      payload,
      signature,
      hops: Math.min(message.hops, limits.HOPS) + 1,
      saidAt: ctx.now - message.age * millisecond,
      from,
    };
    if (origin === ctx.self) this.#note(statement); // of an earlier boot: we have said it already
    else if (this.#guarded.has(heading.topic)) this.#judge(statement, ctx);
    else this.#accept(statement, ctx);
  }

  #judge(statement: Statement, ctx: MeshContext): void {
    if (this.#judged.size >= limits.JUDGED) return;
    if (this.#judged.size === 0) ctx.wake("judge", second);
    this.#judged.set(statement.name, statement);
    const { name: id, origin, payload, heading: { topic } } = statement;
    tell(ctx, { name: "judge", id, topic, payload, origin, from: statement.from! });
  }

  #take(id: string): Statement | undefined {
    const statement = this.#judged.get(id);
    this.#judged.delete(id);
    return statement;
  }

  #accept(statement: Statement, ctx: MeshContext): void {
    if (this.#seen.has(statement.origin, statement.heading.boot, statement.heading.sequence)) {
      return;
    }
    this.#note(statement);
    const { name: id, origin, payload, hops, heading: { topic } } = statement;
    tell(ctx, { name: "heard", peer: origin, origin, id, topic, payload, hops });
    this.#spread.store.add(statement, ctx.now);
    this.#spread.pass(statement, ctx);
  }

  #note({ origin, heading: { boot, sequence }, name }: Statement): void {
    this.#seen.add(origin, boot, sequence);
    this.#spread.settled(name);
  }
}

/** Says to everybody what one node says, along trees over membership's neighbours. */
export function mesh(options: MeshOptions = {}): Protocol<MeshMessage> {
  const network = new Mesh(options);
  return {
    name: "mesh",
    code: 2,
    wire: meshWire,
    started: (saved) => network.started(saved),
    received: (message, from, body, ctx) => network.received(message, from, body, ctx),
    asked: (command, ctx) => network.asked(command, ctx),
    heard: (event, ctx) => network.heard(event, ctx),
    woke: (timer, ctx) => network.woke(timer, ctx),
  };
}
