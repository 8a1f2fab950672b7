/** The links' own messages: handshakes, what each side says of itself in them, and sealed frames. */
import {
  type Crypto,
  type Frame,
  type Identity,
  identityFrom,
  joined,
  sameBytes,
  utf8,
} from "../../runtime/core/mod.ts";
import { Link, type Self } from "../../runtime/core/link.ts";
import { Handshake } from "../../runtime/core/noise.ts";
import type { Target } from "./target.ts";

const NETWORK = "fuzz";
/** What both sides bind their handshake to, as link.ts writes it. */
const PROLOGUE = utf8(`starling 1\n${NETWORK}\ntcp`);

/** Two peers whose every handshake is the same: chance stands still, so that only the input differs. */
interface Pair {
  readonly crypto: Crypto;
  readonly ana: Self;
  readonly ben: Self;
}

function pairOf(crypto: Crypto): Pair {
  const self = (name: string): Self => {
    const identity: Identity = identityFrom(crypto.sha256(utf8(name)), crypto);
    const ephemeral = crypto.sha256(utf8(`${name} ephemeral`));
    return {
      identity,
      crypto,
      network: NETWORK,
      address: `${name}:1`,
      bootMark: utf8("bootmark"),
      ephemeral: () => ephemeral,
    };
  };
  return { crypto, ana: self("ana"), ben: self("ben") };
}

function dialling({ ana, ben }: Pair, knows: boolean): { link: Link; first: Uint8Array } {
  const { keys, peer } = knows ? ben.identity : { keys: undefined, peer: undefined };
  const link = new Link(ana, 1, "tcp", "ben:1", "ben:1", keys, peer);
  return { link, first: link.begin().head };
}

function dialled({ ben }: Pair): Link {
  return new Link(ben, 1, "tcp", "ana:1", undefined, undefined, undefined);
}

/** True where the other side goes on with the handshake. */
function goesOn(link: Link, head: Uint8Array): boolean {
  return typeof link.greet({ head }, 0) !== "string";
}

function replyTo(link: Link, head: Uint8Array): Uint8Array {
  const outcome = link.greet({ head }, 0);
  if (typeof outcome === "string" || outcome.reply === undefined) throw new Error("no reply");
  return outcome.reply.head;
}

/**
 * Anything but the genuine bytes must end the handshake, unless it `isOther`: bytes that begin another
 * handshake, in which nothing is believed yet.
 */
function message(
  name: string,
  genuine: Uint8Array,
  reads: () => Link,
  isOther: (bytes: Uint8Array) => boolean = () => false,
): Target {
  return {
    name,
    cap: genuine.length,
    valid: () => genuine,
    accepts(bytes) {
      const isAccepted = goesOn(reads(), bytes);
      if (isAccepted && !sameBytes(bytes, genuine) && !isOther(bytes)) {
        throw new Error("changed bytes are believed");
      }
      return isAccepted;
    },
  };
}

/** The first message of XX: a number that says so, and a key. */
function beginsXX(bytes: Uint8Array): boolean {
  return bytes.length === 33 && bytes[0] === 0;
}

/** Each message of both patterns, as whoever it is for reads it. */
function handshakes(pair: Pair): Target[] {
  const unknown = dialling(pair, false), known = dialling(pair, true);
  const second = replyTo(dialled(pair), unknown.first);
  const third = replyTo(dialling(pair, false).link, second);
  const answer = replyTo(dialled(pair), known.first);
  const asked = () => {
    const link = dialled(pair);
    link.greet({ head: unknown.first }, 0);
    return link;
  };
  return [
    {
      name: "link XX first",
      cap: unknown.first.length,
      valid: (random) => joined(Uint8Array.of(0), random.bytes(32)),
      // Any 32 bytes are somebody's key: nothing is believed yet.
      accepts: (bytes) => goesOn(dialled(pair), bytes),
    },
    message("link XX second", second, () => dialling(pair, false).link),
    message("link XX third", third, asked),
    message("link IK first", known.first, () => dialled(pair), beginsXX),
    message("link IK second", answer, () => dialling(pair, true).link),
  ];
}

/** What a peer says of itself, inside a handshake that is otherwise genuine. */
function hello(pair: Pair): Target {
  const { ana, ben, crypto } = pair;
  return {
    name: "link hello",
    cap: 32 + 8 + 8 + 96,
    valid: (random) =>
      joined(random.bytes(40), lettered(random.pick(["", "a:1", "\u00e9", "x".repeat(96)]))),
    accepts(bytes) {
      const handshake = new Handshake({
        ...{ pattern: "IK", role: "initiator", prologue: PROLOGUE, crypto },
        secret: ana.identity.agreeSecret,
        public: ana.identity.keys.agree,
        ephemeral: ana.ephemeral(),
        theirs: ben.identity.keys.agree,
      });
      const link = dialled(pair);
      if (!goesOn(link, joined(Uint8Array.of(1), handshake.write(bytes)))) return false;
      const said = joined(link.keys!.sign, fromHex(link.theirBoot), lettered(link.theirAddress));
      if (!sameBytes(said, bytes)) throw new Error("it can be written otherwise");
      return true;
    },
  };
}

function lettered(text: string): Uint8Array {
  const bytes = utf8(text);
  return joined(Uint8Array.of(bytes.length), bytes);
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

/** Two ends of an open link. */
export function opened(pair: Pair): { readonly here: Link; readonly there: Link } {
  const { link, first } = dialling(pair, true);
  const there = dialled(pair);
  if (!goesOn(link, replyTo(there, first))) throw new Error("the link opens");
  return { here: link, there };
}

/** Sealed frames, with a body and without one: one changed byte, and the whole frame is refused. */
function sealed(pair: Pair): Target[] {
  const clear = utf8("what is said");
  const say = (link: Link, body?: Uint8Array): Frame => {
    link.openOutbox().raw(clear);
    return link.seal(0, body);
  };
  const target = (name: string, clearBody: Uint8Array | undefined): Target => {
    const { here, there } = opened(pair);
    const { head, body } = say(here, clearBody);
    return {
      name,
      cap: head.length,
      valid: () => head,
      accepts(bytes, isValid) {
        // A frame that is taken moves the link on: for what is genuine another link is opened.
        if (isValid || sameBytes(bytes, head)) return isTaken(head, body);
        const taken = there.unseal(body === undefined ? { head: bytes } : { head: bytes, body });
        if (taken !== undefined) throw new Error("changed bytes are believed");
        return false;
      },
    };
  };
  const isTaken = (head: Uint8Array, body: Uint8Array | undefined) => {
    const { there } = opened(pair);
    return there.unseal(body === undefined ? { head } : { head, body }) !== undefined;
  };
  return [target("sealed frame", undefined), target("sealed frame with a body", utf8("a body"))];
}

/** All that is read before a link is open, and the seal of what comes then. */
export function linkTargets(crypto: Crypto): Target[] {
  const pair = pairOf(crypto);
  return [...handshakes(pair), hello(pair), ...sealed(pair)];
}
