/** How fast a session is: messages sealed and opened in one chain, and turns of the ratchet. */
import { identityFrom, Stream, utf8 } from "../../runtime/core/mod.ts";
import { noble } from "../../runtime/core/noble.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import type { Crypto } from "../../runtime/core/mod.ts";
import {
  aboutOf,
  initiated,
  opened,
  responded,
  sealed,
  signedPrekey,
  starling,
  type State,
  type Tools,
} from "../../runtime/protocols/session/mod.ts";
import { atLeast, type Bench } from "./row.ts";

const TEXT = utf8("x".repeat(100));
const MESSAGES = 4_000, TURNS = 1_000, RUNS = 5;

export const benches: readonly Bench[] = [
  atLeast("session-messages", 20_000, "/s", () => fastest(() => messages(noble))),
  atLeast("session-turns", 4_000, "/s", () => fastest(() => turns(nodeCrypto))),
];

/** Of several runs the fastest, for others use the machine too. */
function fastest(measure: () => number): number {
  return Math.max(...Array.from({ length: RUNS }, measure));
}

interface Pair {
  ana: State;
  ben: State;
  readonly about: Uint8Array;
  readonly tools: Tools;
}

function pair(crypto: Crypto): Pair {
  const stream = new Stream("bench");
  const tools = { profile: starling, crypto, chance: (length: number) => stream.bytes(length) };
  const [one, other] = ["ana", "ben"].map((name) =>
    identityFrom(crypto.sha256(utf8(name)), crypto)
  );
  const secret = tools.chance(32);
  const { sign, agree } = other!.keys;
  const signed = signedPrekey(1, crypto.ephemeralKey(secret), false, other!, crypto);
  const bundle = { sign, agree, signed, once: undefined, kem: undefined };
  const { state, opening } = initiated(one!, bundle, tools)!;
  const secrets = { signed: new Map([[1, secret]]), once: new Map(), kem: new Map() };
  const ben = responded(other!, one!.keys, opening, secrets, tools)!;
  return { ana: state, ben, about: aboutOf(one!.keys, other!.keys, crypto), tools };
}

function one(state: State, other: State, { about, tools }: Pair): readonly [State, State] {
  const sent = sealed(state, TEXT, about, tools)!;
  return [sent.state, opened(other, sent.bytes, about, tools)!.state];
}

/** Sealed and opened in a second, in one chain. */
function messages(crypto: Crypto): number {
  const two = pair(crypto);
  const began = performance.now();
  for (let nth = 0; nth < MESSAGES; nth++) [two.ana, two.ben] = one(two.ana, two.ben, two);
  return MESSAGES / (performance.now() - began) * 1000;
}

/** Messages in a second of which each one answers the last. */
function turns(crypto: Crypto): number {
  const two = pair(crypto);
  const began = performance.now();
  for (let nth = 0; nth < TURNS; nth++) {
    [two.ana, two.ben] = one(two.ana, two.ben, two);
    [two.ben, two.ana] = one(two.ben, two.ana, two);
  }
  return 2 * TURNS / (performance.now() - began) * 1000;
}
