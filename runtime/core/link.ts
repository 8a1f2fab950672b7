/**
 * One link: a Noise handshake that proves both peers, then sealed frames in order.
 *
 * 1. A dialler that knows whom it dials uses IK (one round trip), else XX (one and a half).
 * 2. Nobody is told of a link before the other side has proved its key: the initiator waits for the
 *    responder's first sealed bytes, the responder for the initiator's. So a link that loses
 *    against a duplicate never carried a message.
 * 3. The prologue binds protocol version, network and transport: no downgrade, no splice.
 */
import { hex, joined, sameBytes, utf8 } from "./bytes.ts";
import { type Crypto, TAG_BYTES } from "./crypto.ts";
import { type Identity, type PeerId, type PeerKeys, peerOf } from "./identity.ts";
import type { Address, Frame, LinkId, Micros, Transport } from "./io.ts";
import { ADDRESS_BYTES, FRAMES_PER_KEY, KEY_MICROS } from "./limits.ts";
import { type CipherState, Handshake } from "./noise.ts";
import { Reader } from "./reader.ts";
import type { Reason } from "./reason.ts";
import { Slab } from "./slab.ts";
import { exactly, struct, textUpTo } from "./wire.ts";
import { Writer } from "./writer.ts";

const VERSION = "starling 1";
const PATTERNS = ["XX", "IK"] as const;
const EMPTY = new Uint8Array(0);
const NO_FLAGS = 0, REKEY_FLAG = 1;
/** What the heads of frames with bodies are cut from: they are gone as soon as they have arrived. */
const heads = new Slab();
/** Outboxes that no link uses now. One for each link would be cold memory whenever it is used. */
const spareOutboxes: Writer[] = [];

/** What each side says of itself inside the handshake. */
const hello = struct({
  sign: exactly(32),
  /** Differs with every start of a node: tells a restart from a second dial. */
  boot: exactly(8),
  /** Where the sender can be dialled. */
  address: textUpTo(ADDRESS_BYTES),
});

/** What a link needs to know of its node. */
export interface Self {
  readonly identity: Identity;
  readonly crypto: Crypto;
  readonly network: string;
  readonly address: Address;
  readonly bootMark: Uint8Array;
  ephemeral(): Uint8Array;
}

/** How far a link has come. `claimed`: the other side has said who it is, but not yet proved it. */
export type LinkState = "greeting" | "claimed" | "open" | "closed";

export class Link {
  state: LinkState = "greeting";
  peer: PeerId | undefined;
  keys: PeerKeys | undefined;
  /** The other node's boot mark, in hexadecimal digits. */
  theirBoot = "";
  theirAddress: Address = "";
  /** Bytes handed to the host and not known to have left. */
  queued = 0;
  /** When the last sealed frame came, and when the last one went. */
  heardAt: Micros = -1;
  saidAt: Micros = -1;
  /** Since when this link has been as it is now: greeting, or held by nobody here. */
  since: Micros = 0;
  /** Whether we have said that nobody here needs the link, and whether they have. */
  weReleased = false;
  theyReleased = false;
  readonly openedBy: "us" | "them";

  #self: Self;
  #handshake: Handshake | undefined;
  #send: CipherState | undefined;
  #receive: CipherState | undefined;
  #keyedAt: Micros = 0;
  #framesSealed = 0;
  #lastWord: "ours" | "theirs" = "ours";
  /** What this link still has to say in this step, not yet sealed. */
  #outbox: Writer | undefined;

  constructor(
    self: Self,
    readonly id: LinkId,
    readonly transport: Transport,
    readonly from: Address,
    readonly dialled: Address | undefined,
    readonly expected: PeerKeys | undefined,
    readonly expectedPeer: PeerId | undefined,
  ) {
    this.#self = self;
    this.openedBy = dialled === undefined ? "them" : "us";
  }

  /** The initiator's first frame. */
  begin(): Frame {
    const pattern = this.expected === undefined ? "XX" : "IK";
    this.#handshake = this.#shake(pattern, "initiator");
    const payload = pattern === "IK" ? this.#hello() : EMPTY;
    const first = this.#handshake.write(payload);
    return { head: joined(Uint8Array.of(PATTERNS.indexOf(pattern)), first) };
  }

  /** Takes a handshake frame: the frame to answer with if any, or why to hang up. */
  greet(frame: Frame, now: Micros): { readonly reply?: Frame } | Reason {
    if (frame.body !== undefined) return "malformed";
    let message = frame.head;
    if (this.#handshake === undefined) {
      const pattern = PATTERNS[message[0] ?? 255];
      if (pattern === undefined) return "malformed";
      this.#handshake = this.#shake(pattern, "responder");
      message = message.subarray(1);
    }
    const payload = this.#handshake.read(message);
    if (payload === undefined) return "handshake";
    if (this.#handshake.theirs === undefined) {
      if (payload.length > 0) return "malformed";
    } else {
      const refused = this.#meet(payload, this.#handshake.theirs);
      if (refused !== undefined) return refused;
    }
    let reply: Frame | undefined;
    if (!this.#handshake.done) reply = { head: this.#handshake.write(this.#hello()) };
    if (this.#handshake.done) {
      const { send, receive } = this.#handshake.split();
      this.#send = send;
      this.#receive = receive;
      this.#handshake = undefined;
      this.#keyedAt = now;
    }
    return reply === undefined ? {} : { reply };
  }

  /** True while the next frame belongs to the handshake. */
  get greeting(): boolean {
    return this.#receive === undefined;
  }

  /** True once the last word of the handshake was theirs: see rule 2. */
  get proven(): boolean {
    return this.#receive !== undefined && this.#lastWord === "theirs";
  }

  /** The messages of this step, and a body where the last of them has one, as one sealed frame. */
  seal(now: Micros, body?: Uint8Array): Frame {
    const send = this.#send!;
    const clear = this.openOutbox().lend();
    const rekey = ++this.#framesSealed >= FRAMES_PER_KEY || now - this.#keyedAt >= KEY_MICROS;
    clear[0] = rekey ? REKEY_FLAG : NO_FLAGS;
    let frame: Frame;
    if (body === undefined) frame = { head: send.seal(EMPTY, clear) };
    else {
      const bulk = send.sealBody(body);
      const sealed = send.seal(bulk.tag, clear);
      const head = heads.cut(TAG_BYTES + sealed.length);
      head.set(bulk.tag);
      head.set(sealed, TAG_BYTES);
      frame = { head, body: bulk.body };
    }
    this.dropOutbox();
    if (rekey) {
      send.rekey();
      this.#framesSealed = 0;
      this.#keyedAt = now;
    }
    return frame;
  }

  /** Starts the clear text of the next frame: one byte of flags, filled in by `seal`. */
  openOutbox(): Writer {
    if (this.#outbox === undefined) {
      this.#outbox = spareOutboxes.pop() ?? new Writer();
      this.#outbox.u8(NO_FLAGS);
    }
    return this.#outbox;
  }

  /** Whether there is anything to say, and nothing sealed of it yet. */
  get hasOutbox(): boolean {
    return this.#outbox !== undefined;
  }

  /** What was not sealed is not said. */
  dropOutbox(): void {
    if (this.#outbox === undefined) return;
    this.#outbox.lend();
    spareOutboxes.push(this.#outbox);
    this.#outbox = undefined;
  }

  /** The clear text and body of a sealed frame, or undefined where anything was changed. */
  unseal(frame: Frame): { readonly messages: Reader; readonly body?: Uint8Array } | undefined {
    const receive = this.#receive!;
    let sealed = frame.head;
    let body: Uint8Array | undefined;
    let tag: Uint8Array = EMPTY;
    if (frame.body !== undefined) {
      if (sealed.length < TAG_BYTES) return undefined;
      tag = sealed.subarray(0, TAG_BYTES);
      sealed = sealed.subarray(TAG_BYTES);
      body = receive.openBody(frame.body, tag);
      if (body === undefined) return undefined;
    }
    const clear = receive.open(tag, sealed);
    if (clear === undefined) return undefined;
    const messages = new Reader(clear);
    const flags = messages.u8();
    if (!messages.ok || flags > REKEY_FLAG) return undefined;
    if (flags === REKEY_FLAG) receive.rekey();
    return body === undefined ? { messages } : { messages, body };
  }

  #shake(pattern: "XX" | "IK", role: "initiator" | "responder"): Handshake {
    const { identity, crypto, network } = this.#self;
    this.#lastWord = (pattern === "XX") === (role === "responder") ? "theirs" : "ours";
    return new Handshake({
      pattern,
      role,
      crypto,
      prologue: utf8(`${VERSION}\n${network}\n${this.transport}`),
      secret: identity.agreeSecret,
      public: identity.keys.agree,
      ephemeral: this.#self.ephemeral(),
      ...(role === "initiator" && pattern === "IK" ? { theirs: this.expected!.agree } : {}),
    });
  }

  #hello(): Uint8Array {
    const { identity, bootMark, address } = this.#self;
    const writer = new Writer();
    hello.write(writer, { sign: identity.keys.sign, boot: bootMark, address });
    return writer.take();
  }

  /** Reads who the other side says it is; its static key is what the handshake proves. */
  #meet(payload: Uint8Array, agree: Uint8Array): Reason | undefined {
    const reader = new Reader(payload);
    const said = hello.read(reader);
    if (!reader.whole) return "malformed";
    // Copies: what was read is a view of a frame.
    const keys = { sign: said.sign.slice(), agree: agree.slice() };
    const { expected } = this;
    if (expected !== undefined && !sameBytes(expected.sign, keys.sign)) return "unexpected-peer";
    this.peer = peerOf(keys, this.#self.crypto);
    this.keys = keys;
    this.theirBoot = hex(said.boot);
    this.theirAddress = said.address;
    if (this.peer === this.#self.identity.peer) return "self";
    if (this.state === "greeting") this.state = "claimed";
    return undefined;
  }
}
