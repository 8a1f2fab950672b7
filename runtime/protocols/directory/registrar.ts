/**
 * The directory itself: who is who, first come first served, in a list that only grows.
 *
 * 1. Who registers proves their keys by signing a fresh challenge; their ID is checked, at a bounded rate,
 *    since that costs a processor 40 ms.
 * 2. Which keys an ID belongs to is appended to the key log. Every answer comes with its proof and with the
 *    signed head of the log: a directory that says one thing here and another there signs its own guilt.
 * 3. A bundle of one use is given once. Who asks for numbers that nobody has is slowed down.
 */
import {
  type Context,
  joined,
  leafOf,
  type Micros,
  type PeerId,
  peerOf,
  Recent,
  Tree,
  unhex,
  utf8,
} from "../../core/mod.ts";
import { Allowance, Allowances } from "../membership/mod.ts";
import type { Bundle } from "../session/mod.ts";
import { type Entry, isSigned } from "./entry.ts";
import { type Head, headOf } from "./head.ts";
import { type Cost, type Id, idOf } from "./id.ts";
import * as limits from "./limits.ts";
import type { Row, Shelf } from "./shelf.ts";
import type { DirectoryMessage, REFUSALS } from "./wire.ts";

type DirectoryContext = Context<DirectoryMessage>;
type Refusal = typeof REFUSALS[number];

const LABEL = utf8("starling directory challenge 1");

/** What who registers signs: the challenge, whose it is, and the entry that it is about. */
export function challengeBytes(nonce: Uint8Array, directory: PeerId, entry: Entry): Uint8Array {
  return joined(LABEL, nonce, unhex(directory)!, entry.signature);
}

export class Registrar {
  readonly #tree: Tree;
  #head: Head | undefined;
  /** False until the shelf has said what was logged: whoever asks earlier asks again. */
  isReady = false;
  readonly #challenges = new Recent<PeerId, Uint8Array>(limits.CHALLENGES);
  /** IDs that were checked, by peer and modifier. */
  readonly #verified = new Recent<string, Id>(limits.VERIFIED);
  readonly #present = new Recent<PeerId, Micros>(limits.PRESENT);
  readonly #checked = new Allowance(limits.CHECKED_BURST, limits.CHECKED_PER_SECOND);
  readonly #asked = new Allowances<PeerId>(
    limits.COUNTED,
    limits.FOUND_BURST,
    limits.FOUND_PER_SECOND,
  );
  readonly #missed = new Allowances<PeerId>(
    limits.COUNTED,
    limits.MISSED_BURST,
    limits.MISSED_PER_MINUTE / 60,
  );
  readonly #given = new Allowances<PeerId>(
    limits.COUNTED,
    limits.GIVEN_BURST,
    limits.GIVEN_PER_MINUTE / 60,
  );

  constructor(readonly shelf: Shelf, readonly cost: Cost, readonly ctx: DirectoryContext) {
    this.#tree = new Tree((bytes) => ctx.crypto.sha256(bytes));
  }

  /** After the shelf has taken up what it knew. */
  start(): void {
    this.#follow(() => this.isReady = true);
  }

  enrol(peer: PeerId): void {
    if (!this.#asked.take(peer, this.ctx.now)) return this.#refuse(peer, "busy");
    const nonce = this.ctx.random.bytes(limits.CHALLENGE_BYTES);
    this.#challenges.set(peer, nonce);
    this.ctx.send(peer, { kind: "challenge", nonce });
  }

  register(peer: PeerId, entry: Entry, signature: Uint8Array): void {
    const { crypto, self } = this.ctx;
    const nonce = this.#challenges.get(peer);
    this.#challenges.delete(peer); // an answer counts once
    if (nonce === undefined) return this.#refuse(peer, "stale");
    const bytes = challengeBytes(nonce, self, entry);
    const isTheirs = peerOf(entry.statement, crypto) === peer &&
      crypto.verify(entry.statement.sign, bytes, signature) && isSigned(entry, crypto);
    if (!isTheirs) return this.#refuse(peer, "unsigned");
    const { id, why } = this.#idOf(peer, entry);
    if (id === undefined) return this.#refuse(peer, why);
    this.shelf.register(id, entry, (result, index) => {
      if (result === "taken" || result === "stale") return this.#refuse(peer, result);
      this.shelf.stock(id, [], (stock) =>
        this.#placed(index, (place) => {
          this.#present.set(peer, this.ctx.now);
          this.ctx.send(peer, { kind: "registered", id, place, stock });
        }));
    });
  }

  stock(peer: PeerId, bundles: readonly Bundle[]): void {
    const id = this.#idBy(peer);
    const { crypto } = this.ctx;
    if (id === undefined || !this.#asked.take(peer, this.ctx.now)) return;
    const theirs = bundles.filter((bundle) =>
      peerOf(bundle, crypto) === peer && bundle.once !== undefined
    );
    this.shelf.stock(id, theirs, () => {});
  }

  find(peer: PeerId, id: Id, wantsBundle: boolean): void {
    if (!this.#asked.take(peer, this.ctx.now)) return this.#refuse(peer, "busy");
    this.shelf.find(id, (row) => {
      if (row === undefined) return this.#nobody(peer, id);
      const mayHave = wantsBundle && this.#given.take(peer, this.ctx.now);
      if (!mayHave) return this.#found(peer, id, row, undefined);
      this.shelf.take(id, (bundle, left) => {
        this.#found(peer, id, row, bundle);
        const owner = peerOf(row.entry.statement, this.ctx.crypto);
        if (left < limits.STOCK_LOW) this.ctx.send(owner, { kind: "low", stock: left });
      });
    });
  }

  prove(peer: PeerId, from: number, to: number): void {
    if (!this.#asked.take(peer, this.ctx.now)) return this.#refuse(peer, "busy");
    if (from > to || to > this.#tree.size) return this.#refuse(peer, "no-proof");
    const proof = this.#tree.consistency(from, to);
    this.ctx.send(peer, { kind: "proved", from, to, proof });
  }

  left(peer: PeerId): void {
    if (this.#present.get(peer) !== undefined) this.#present.set(peer, this.ctx.now);
  }

  #found(to: PeerId, id: Id, { entry, index }: Row, bundle: Bundle | undefined): void {
    const { crypto, now } = this.ctx;
    const owner = peerOf(entry.statement, crypto);
    const seenAt = this.#present.get(owner);
    const isHere = this.ctx.isLinked(owner) ||
      (seenAt !== undefined && now - seenAt < limits.PRESENT_FOR);
    this.#placed(
      index,
      (place) => this.ctx.send(to, { kind: "found", id, entry, isHere, place, bundle }),
    );
  }

  #nobody(peer: PeerId, id: Id): void {
    if (this.#missed.take(peer, this.ctx.now)) this.ctx.send(peer, { kind: "nobody", id });
    else this.ctx.ban(peer, "too-many"); // nobody mistypes so many numbers
  }

  /** The ID of an entry, checked; from what was checked before where that is possible. */
  #idOf(
    peer: PeerId,
    { statement }: Entry,
  ): { readonly id: Id; readonly why?: never } | { readonly id?: never; readonly why: Refusal } {
    const key = `${peer}/${statement.modifier}`;
    const known = this.#verified.get(key);
    if (known !== undefined) return { id: known };
    if (!this.#checked.take(this.ctx.now)) return { why: "busy" };
    const id = idOf(statement, statement.modifier, this.cost);
    if (id === undefined) return { why: "wrong-id" };
    this.#verified.set(key, id);
    this.#verified.set(peer, id);
    return { id };
  }

  #idBy(peer: PeerId): Id | undefined {
    return this.#verified.get(peer);
  }

  /** Where an entry stands in the log, with the newest head. */
  #placed(
    index: number,
    then: (place: { index: number; head: Head; proof: Uint8Array[] }) => void,
  ): void {
    const tell = () => then({ index, head: this.#headNow(), proof: this.#tree.inclusion(index) });
    if (index < this.#tree.size) tell();
    else this.#follow(tell);
  }

  /** Appends what the shelf has logged since; others may share it. */
  #follow(then: () => unknown): void {
    const from = this.#tree.size;
    this.shelf.log(from, (logged) => {
      const { crypto } = this.ctx;
      for (const bytes of logged.slice(this.#tree.size - from)) { // another answer was faster
        this.#tree.append(leafOf(bytes, (each) => crypto.sha256(each)));
      }
      if (logged.length > 0) this.#head = undefined;
      then();
    });
  }

  #headNow(): Head {
    return this.#head ??= headOf(this.#tree.size, this.#tree.root(), this.ctx);
  }

  #refuse(peer: PeerId, why: Refusal): void {
    this.ctx.send(peer, { kind: "refused", why });
  }
}
