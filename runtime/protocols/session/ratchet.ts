/**
 * The Double Ratchet (Marlinspike and Perrin, revision 3): every message has a key of its own, which is
 * gone when it is used, and every answer makes new secrets, so that who has stolen a state is blind again
 * after one round trip.
 *
 * Pure: a state is never changed, each step gives the next one. What cannot be opened leaves nothing.
 */
import { type Crypto, KEY_BYTES, NONCE_BYTES, sameBytes } from "../../core/mod.ts";
import * as limits from "./limits.ts";
import { agreed } from "./primitives.ts";
import type { Envelope, Profile } from "./profile.ts";

/** One direction of a conversation between two turns. */
export interface Chain {
  readonly key: Uint8Array;
  /** Undefined where headings are not sealed. */
  readonly header: Uint8Array | undefined;
  readonly count: number;
}

/** The key of a message that has not come yet. */
export interface Skipped {
  /** What finds it: the chain's header key, or its ratchet key where headings are not sealed. */
  readonly chain: Uint8Array;
  readonly count: number;
  readonly message: Uint8Array;
}

export interface State {
  readonly root: Uint8Array;
  /** Our ratchet secret and its key, and their key as far as it is known. */
  readonly secret: Uint8Array;
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array | undefined;
  readonly sending: Chain | undefined;
  readonly receiving: Chain | undefined;
  /** Header keys of the chains that the next turns begin. */
  readonly nextSending: Uint8Array | undefined;
  readonly nextReceiving: Uint8Array | undefined;
  /** Messages of our chain before this one. */
  readonly previous: number;
  readonly skipped: readonly Skipped[];
}

/** What is needed besides the state. */
export interface Tools {
  readonly profile: Profile;
  readonly crypto: Crypto;
  /** Fresh bytes, never the same twice. */
  readonly chance: (length: number) => Uint8Array;
}

/** What both sides agreed on before the first message. */
export interface Agreed {
  readonly root: Uint8Array;
  /** Header keys of the first chain of who began, and of the first chain of who answers. */
  readonly first: Uint8Array | undefined;
  readonly second: Uint8Array | undefined;
}

/** Who begins knows the other's ratchet key: its signed prekey. Undefined for a key of low order. */
export function begun(start: Agreed, theirs: Uint8Array, tools: Tools): State | undefined {
  const secret = tools.chance(KEY_BYTES);
  const shared = agreed(secret, theirs, tools.crypto);
  if (shared === undefined) return undefined;
  const step = tools.profile.rootStep(start.root, shared);
  return {
    root: step.root,
    secret,
    ours: tools.crypto.ephemeralKey(secret),
    theirs,
    sending: { key: step.chain, header: start.first, count: 0 },
    receiving: undefined,
    nextSending: step.header,
    nextReceiving: start.second,
    previous: 0,
    skipped: [],
  };
}

/** Who answers waits for the first message. */
export function awaited(start: Agreed, secret: Uint8Array, crypto: Crypto): State {
  return {
    root: start.root,
    secret,
    ours: crypto.ephemeralKey(secret),
    theirs: undefined,
    sending: undefined,
    receiving: undefined,
    nextSending: start.second,
    nextReceiving: start.first,
    previous: 0,
    skipped: [],
  };
}

/** Undefined where this side cannot send yet, or its chain is used up. */
export function sealed(
  state: State,
  clear: Uint8Array,
  about: Uint8Array,
  tools: Tools,
): { readonly state: State; readonly bytes: Uint8Array } | undefined {
  const { sending, previous } = state;
  if (sending === undefined || sending.count >= limits.COUNT) return undefined;
  const { profile, crypto } = tools;
  const { chain, message } = profile.chainStep(sending.key);
  const heading = { key: state.ours, count: sending.count, previous };
  const keys = { message, header: sending.header };
  const bytes = profile.seal(keys, heading, clear, about, tools.chance(NONCE_BYTES), crypto);
  return {
    state: { ...state, sending: { ...sending, key: chain, count: sending.count + 1 } },
    bytes,
  };
}

/** Undefined where it is none of this conversation, was opened before, or was changed. */
export function opened(
  state: State,
  bytes: Uint8Array,
  about: Uint8Array,
  tools: Tools,
): { readonly state: State; readonly clear: Uint8Array } | undefined {
  const late = openSkipped(state, bytes, about, tools);
  if (late !== undefined) return late;
  const current = state.receiving &&
    tools.profile.read(bytes, state.receiving.header, tools.crypto);
  if (current !== undefined && isOurs(state, current, tools)) {
    return openNext(state, current, about, tools);
  }
  const next = tools.profile.read(bytes, state.nextReceiving, tools.crypto);
  const turned = next && turn(state, next, tools);
  return turned && openNext(turned, next, about, tools);
}

/** Where headings are not sealed, the ratchet key says whether it belongs to the chain at hand. */
function isOurs({ theirs }: State, { heading }: Envelope, { profile }: Tools): boolean {
  return profile.sealsHeadings || (theirs !== undefined && sameBytes(heading.key, theirs));
}

/** A message that others have overtaken: its key was kept. */
function openSkipped(
  state: State,
  bytes: Uint8Array,
  about: Uint8Array,
  tools: Tools,
): { readonly state: State; readonly clear: Uint8Array } | undefined {
  const { profile, crypto } = tools;
  let tried: Uint8Array | undefined, envelope: Envelope | undefined;
  for (let at = 0; at < state.skipped.length; at++) {
    const { chain, count, message } = state.skipped[at]!;
    if (tried === undefined || !sameBytes(chain, tried)) { // those of one chain stand together
      tried = chain;
      envelope = profile.read(bytes, profile.sealsHeadings ? chain : undefined, crypto);
    }
    if (envelope?.heading.count !== count) continue;
    if (!profile.sealsHeadings && !sameBytes(envelope.heading.key, chain)) continue;
    const clear = profile.open(message, envelope, about, crypto);
    if (clear === undefined) return undefined;
    return { state: { ...state, skipped: state.skipped.toSpliced(at, 1) }, clear };
  }
  return undefined;
}

function openNext(
  state: State,
  envelope: Envelope,
  about: Uint8Array,
  tools: Tools,
): { readonly state: State; readonly clear: Uint8Array } | undefined {
  const ready = skip(state, envelope.heading.count, tools);
  const receiving = ready?.receiving;
  if (ready === undefined || receiving?.count !== envelope.heading.count) return undefined;
  const { chain, message } = tools.profile.chainStep(receiving.key);
  const clear = tools.profile.open(message, envelope, about, tools.crypto);
  if (clear === undefined) return undefined;
  const next = { ...receiving, key: chain, count: receiving.count + 1 };
  return { state: { ...ready, receiving: next }, clear };
}

/** Keeps the keys of the messages before this one; undefined where they are too many. */
function skip(state: State, until: number, { profile }: Tools): State | undefined {
  const { receiving } = state;
  if (receiving === undefined || receiving.count >= until) return state;
  if (until - receiving.count > limits.SKIPPED_AT_ONCE) return undefined;
  const found = profile.sealsHeadings ? receiving.header! : state.theirs!;
  const skipped = [...state.skipped];
  let { key } = receiving;
  for (let count = receiving.count; count < until; count++) {
    const { chain, message } = profile.chainStep(key);
    skipped.push({ chain: found, count, message });
    key = chain;
  }
  if (skipped.length > limits.SKIPPED) skipped.splice(0, skipped.length - limits.SKIPPED);
  return { ...state, skipped, receiving: { ...receiving, key, count: until } };
}

/** They have a new ratchet key: so have we, after this. */
function turn(state: State, { heading }: Envelope, tools: Tools): State | undefined {
  const { profile, crypto } = tools;
  const ready = skip(state, heading.previous, tools);
  const heard = agreed(state.secret, heading.key, crypto);
  if (ready === undefined || heard === undefined) return undefined;
  const receiving = profile.rootStep(ready.root, heard);
  const secret = tools.chance(KEY_BYTES);
  const sending = profile.rootStep(receiving.root, crypto.agree(secret, heading.key)!);
  return {
    root: sending.root,
    secret,
    ours: crypto.ephemeralKey(secret),
    theirs: heading.key,
    sending: { key: sending.chain, header: ready.nextSending, count: 0 },
    receiving: { key: receiving.chain, header: ready.nextReceiving, count: 0 },
    nextSending: sending.header,
    nextReceiving: receiving.header,
    previous: ready.sending?.count ?? 0,
    skipped: ready.skipped,
  };
}
