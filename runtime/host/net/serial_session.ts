/**
 * What two ends of a serial line agree on: from when to when a stream of bytes is whole.
 *
 * 1. Each end has an epoch, a number that it draws anew whenever it begins anew. A session is open once
 *    both know both epochs. Packets of other epochs are left over from before.
 * 2. A packet that is missing or changed ends the session on both ends: the stream is not whole any more.
 *    Both then begin anew by themselves.
 * 3. Whoever wants a link most is the one that has dialled; of two that want it equally, the smaller epoch.
 *    An epoch stands for what its end wants, so both see it alike.
 */
import type { Reason } from "../../core/mod.ts";
import type { Packet } from "./serial_packets.ts";

/** What comes of it. */
export interface SessionOwner {
  say(packet: Packet): void;
  opened(isDialler: boolean): void;
  received(payload: Uint8Array): void;
  closed(why: Reason): void;
  /** Not zero, and never drawn before. */
  draw(): number;
}

/** Nothing: answers who asks. Whatever comes: has just been opened, or was interrupted. A link: was told to dial. */
const NOTHING = 0, WHATEVER = 1, A_LINK = 2;
/** Said in a hello by an end that is open. */
const OPEN = 0x80;

const HELLO_MILLIS = 300;
const BEAT_MILLIS = 1_000;
const SILENCE_MILLIS = 5_000;
const NONE = new Uint8Array(0);

export class SerialSession {
  isOpen = false;
  readonly #owner: SessionOwner;
  #mine: number;
  /** The epoch of the other side; 0 where it is not known. */
  #theirs = 0;
  #wants = WHATEVER;
  #theyWant = NOTHING;
  /** The epoch to which a hello was said last. */
  #greeted = 0;
  #sent = 0;
  #came = 0;
  #saidAt = -Infinity;
  #heardAt = 0;

  constructor(owner: SessionOwner) {
    this.#owner = owner;
    this.#mine = owner.draw();
  }

  /** The node has ordered a link. */
  dial(): void {
    this.#begin(A_LINK);
    this.#saidAt = -Infinity;
  }

  /** Nobody has answered; still open to whatever comes. */
  giveUp(): void {
    if (!this.isOpen) this.#begin(WHATEVER);
  }

  /** Bytes of the stream, no more than a packet holds. */
  send(payload: Uint8Array, now: number): void {
    this.#say("data", this.#sent++, payload, now);
  }

  /** The stream has come to its end, and the node wants nothing for now. */
  end(now: number): void {
    if (!this.isOpen) return;
    this.#say("end", this.#sent, NONE, now);
    this.isOpen = false;
    this.#begin(NOTHING);
  }

  /** The line itself has ended, and is another one. */
  reset(why: Reason): void {
    this.#close(why, WHATEVER);
  }

  heard(packet: Packet | undefined, now: number): void {
    if (packet === undefined) {
      if (this.isOpen) this.#close("tampered", WHATEVER);
    } else if (packet.from === this.#mine) return; // an echo
    else if (packet.kind === "hello") this.#greet(packet, now);
    else if (packet.from !== this.#theirs) {
      // It believes that something is open: it is told that it is not.
      if (!this.isOpen && now - this.#saidAt >= HELLO_MILLIS) this.#hello(0, now);
    } else {
      if (!this.isOpen) this.#open(now); // the hello that said so was lost
      this.#heardAt = now;
      this.#follow(packet);
    }
  }

  look(now: number): void {
    if (!this.isOpen) {
      if (this.#wants !== NOTHING && now - this.#saidAt >= HELLO_MILLIS) {
        this.#hello(this.#theirs, now);
      }
    } else if (now - this.#heardAt >= SILENCE_MILLIS) this.#close("silent", WHATEVER);
    else if (now - this.#saidAt >= BEAT_MILLIS) this.#say("beat", this.#sent, NONE, now);
  }

  /** Nothing was read for a while, and that was our fault. */
  forgive(now: number): void {
    this.#heardAt = now;
  }

  #greet({ from, number, payload }: Packet, now: number): void {
    const said = payload[0] ?? NOTHING;
    if (this.isOpen && from !== this.#theirs) this.#close("crashed", WHATEVER);
    this.#theirs = from;
    this.#theyWant = said & ~OPEN;
    if (this.isOpen) {
      this.#heardAt = now;
      if (said < OPEN) this.#hello(from, now); // it has not heard that we are
      return;
    }
    const isKnown = number === this.#mine;
    const isWanted = this.#wants + this.#theyWant > NOTHING;
    if (isKnown && isWanted) this.#open(now);
    if (!isKnown || this.#greeted !== from) this.#hello(from, now);
  }

  /** Data, a beat or an end: all say how many data packets were before them. */
  #follow({ kind, number, payload }: Packet): void {
    if (number !== this.#came) return this.#close("tampered", WHATEVER);
    if (kind === "end") this.#close("closed", NOTHING);
    if (kind !== "data") return;
    this.#came++;
    this.#owner.received(payload);
  }

  #open(now: number): void {
    this.isOpen = true;
    this.#heardAt = now;
    const isDialler = this.#wants === this.#theyWant
      ? this.#mine < this.#theirs
      : this.#wants > this.#theyWant;
    this.#owner.opened(isDialler);
  }

  #close(why: Reason, wants: number): void {
    const wasOpen = this.isOpen;
    this.isOpen = false;
    this.#begin(wants);
    if (wasOpen) this.#owner.closed(why);
  }

  /** A new epoch. */
  #begin(wants: number): void {
    this.#mine = this.#owner.draw();
    this.#theirs = this.#greeted = 0;
    this.#wants = wants;
    this.#sent = this.#came = 0;
  }

  #hello(to: number, now: number): void {
    this.#greeted = to;
    this.#say("hello", to, Uint8Array.of(this.#wants | (this.isOpen ? OPEN : 0)), now);
  }

  #say(kind: Packet["kind"], number: number, payload: Uint8Array, now: number): void {
    this.#saidAt = now;
    this.#owner.say({ kind, from: this.#mine, number, payload });
  }
}
