/**
 * What is always checked, from outside, whatever a scenario claims. A violation is our bug.
 *
 * 1. No byte is lost or invented between machines: what was sent has arrived, is under way, or was
 *    dropped with its link. (That frames keep their order is asserted where they move, in links.ts.)
 * 2. Nothing readable crosses a link: no text that a person wrote, no part of a file.
 * 3. What a node keeps of a content is what was published.
 * 4. No bound is passed: heads, bodies, datagrams, links.
 * 5. No event called `error`, but for those that a scenario allows.
 * 6. No key is used with a nonce twice (nonces.ts).
 */
import { type AppEvent, type Command, type Frame, limits, utf8 } from "../runtime/core/mod.ts";
import type { Files } from "./files.ts";
import { Needles } from "./needles.ts";
import { Published } from "./published.ts";
import type { ClaimResult } from "./record.ts";
import { type Nanos, spoken } from "./units.ts";

/** Something that must never happen, and did. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

/** Violations as claims that fail. */
export function violated(violations: readonly Violation[]): ClaimResult[] {
  return violations.map(({ rule, what }) => ({
    name: `always: ${rule}`,
    ok: false,
    target: "always",
    actual: what,
    margin: -1,
  }));
}

/** The first few tell enough. */
const MOST_VIOLATIONS = 20;

/** Parts of files that are looked for: each costs a little on every frame. */
const SEARCHED_PARTS = 128;

interface CheckersOptions {
  /** `PROTOCOL.error` events that are part of the story. */
  readonly allowed: readonly string[];
  readonly files: Files;
  /** Bodies are passed through unsealed by this run's cryptography: rule 2 is for heads alone. */
  readonly clearBodies: boolean;
}

export class Checkers {
  readonly violations: Violation[] = [];
  readonly #options: CheckersOptions;
  readonly #needles = new Needles();
  readonly published: Published;
  #parts = 0;
  #sent = 0;
  #arrived = 0;
  #dropped = 0;

  constructor(options: CheckersOptions) {
    this.#options = options;
    this.published = new Published(options.files);
  }

  /** A person says something: texts with a space in them are for people, not for the wire. */
  asked(command: Command): void {
    for (const value of Object.values(command)) {
      if (typeof value === "string" && value.includes(" ")) this.#needles.add(utf8(value));
    }
  }

  /** A node has read a part of a file. A leak would show in the first parts as well as in all. */
  read(bytes: Uint8Array): void {
    if (this.#parts++ < SEARCHED_PARTS) this.#needles.add(bytes);
  }

  told(now: Nanos, name: string, event: AppEvent): void {
    this.published.told(event);
    if (event.name !== "error" || this.#options.allowed.includes(`${event.protocol}.error`)) return;
    this.#violate("no error event", `${name} told ${event.protocol}.error at ${spoken(now)}`);
  }

  kept(now: Nanos, name: string, key: string, bytes: Uint8Array): void {
    if (this.published.isTrue(key, bytes)) return;
    this.#violate("only what was published is kept", `${name} kept ${key} at ${spoken(now)}`);
  }

  sent(now: Nanos, name: string, { head, body }: Frame, bytes: number): void {
    this.#sent += bytes;
    if (head.length > limits.HEAD_BYTES || (body?.length ?? 0) > limits.BODY_BYTES) {
      this.#violate("frames keep to their bounds", `${name} sent ${bytes} bytes at ${spoken(now)}`);
    }
    const clear = this.#needles.within(head) ||
      (body !== undefined && !this.#options.clearBodies && this.#needles.within(body));
    if (clear) this.#violate("no plaintext on a wire", `${name} sent some at ${spoken(now)}`);
  }

  cast(now: Nanos, name: string, bytes: Uint8Array): void {
    if (bytes.length <= limits.DATAGRAM_BYTES) return;
    this.#violate(
      "datagrams keep to their bound",
      `${name} cast ${bytes.length} at ${spoken(now)}`,
    );
  }

  linked(now: Nanos, name: string, links: number): void {
    // One more than the limit is open for as long as it takes to refuse it.
    if (links <= limits.LINKS + limits.UNPROVED_LINKS) return;
    this.#violate("links keep to their bound", `${name} has ${links} at ${spoken(now)}`);
  }

  reused(now: Nanos, kind: string): void {
    this.#violate("a key and a nonce serve once", `${kind} served again at ${spoken(now)}`);
  }

  arrived(bytes: number): void {
    this.#arrived += bytes;
  }

  dropped(bytes: number): void {
    this.#dropped += bytes;
  }

  /** The run is over, with so many bytes under way. */
  close(underway: number): void {
    const found = this.#arrived + this.#dropped + underway;
    if (this.#sent === found) return;
    this.#violate("bytes are conserved", `${this.#sent} were sent, ${found} are accounted for`);
  }

  /** Violations as claims that fail; none where all is well. */
  results(): ClaimResult[] {
    return violated(this.violations);
  }

  #violate(rule: string, what: string): void {
    if (this.violations.length < MOST_VIOLATIONS) this.violations.push({ rule, what });
  }
}
