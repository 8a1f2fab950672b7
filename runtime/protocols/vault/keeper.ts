/**
 * The device that holds shares for others. What it has said is stored is on its disk, whole; it knows
 * neither what it is part of nor, of two shares, whether they belong together.
 */
import { hex, leafOf, type PeerId, type Reason, Recent, sameBytes, unhex } from "../../core/mod.ts";
import { Allowances } from "../membership/mod.ts";
import { blockTree, shardHash, shareTree } from "./blocks.ts";
import {
  fresh,
  type Held,
  heldBytes,
  isLayout,
  isWhole,
  lengthOf,
  readHeld,
  sameLayout,
  shardBytes,
} from "./held.ts";
import type { VaultContext } from "./job.ts";
import { isPass } from "./keys.ts";
import * as limits from "./limits.ts";
import { Mappings } from "./mappings.ts";
import type { VaultMessage } from "./wire.ts";

/** What may be asked of a kept shard once it is loaded. */
type Question =
  | { readonly kind: "get"; readonly from: PeerId; readonly number: number }
  | {
    readonly kind: "audit";
    readonly from: PeerId;
    readonly number: number;
    readonly block: number;
  }
  | { readonly kind: "scrub"; readonly number: number };

export class Keeper {
  readonly #held = new Map<string, Held>();
  /** Those that went lately: a disk may say later that it has not let them go. */
  readonly #left = new Recent<string, Held>(limits.COUNTED);
  readonly #entered = new Map<PeerId, Set<string>>();
  readonly #questions = new Map<string, Question[]>();
  readonly #mappings = new Mappings();
  readonly #asked = new Allowances<PeerId>(
    limits.COUNTED,
    limits.ASKED_BURST,
    limits.ASKED_PER_SECOND,
  );
  readonly #mapped = new Allowances<PeerId>(
    limits.COUNTED,
    limits.MAPPINGS_BURST,
    limits.MAPPINGS_PER_SECOND,
  );
  #bytes = 0;
  /** Of each vault, what its shares take, and how many there are. */
  readonly #taken = new Map<string, { bytes: number; shares: number }>();
  /** Where reading all that is here has come to: a share's place, and a shard. */
  readonly #scrubbing = { share: 0, number: 0 };

  /** It offers so many bytes in all; devices of one domain may be lost together. */
  constructor(readonly offered: number, readonly domain: string) {}

  get isServing(): boolean {
    return this.offered > 0;
  }

  /** Takes up what the disk has: shares of which a piece is missing are no longer whole. */
  started(records: ReadonlyMap<string, Uint8Array>, kept: readonly string[], ctx: VaultContext) {
    for (const [key, bytes] of records) {
      const [box, name] = key.split("/") as [string, string];
      if (box === "share") this.#restore(name, bytes);
      else if (box === "mapping") this.#mappings.restore(name, bytes);
    }
    const there = new Set(kept);
    for (const [name, { layout, damaged }] of this.#held) {
      for (let number = 0; number < layout.shards; number++) {
        if (!there.delete(`${name}/${number * layout.each}`)) damaged.add(number);
      }
    }
    // What has no record was on its way: whoever sent it begins again.
    for (const key of there) if (/^[0-9a-f]{64}\//.test(key)) ctx.dropKept(key);
  }

  joined(peer: PeerId, ctx: VaultContext): void {
    if (this.isServing) this.#offer(peer, ctx);
  }

  #offer(peer: PeerId, ctx: VaultContext): void {
    const free = Math.max(0, this.offered - this.#bytes);
    ctx.send(peer, { kind: "offer", free, domain: this.domain });
  }

  left(peer: PeerId): void {
    this.#entered.delete(peer);
    for (const held of this.#held.values()) if (held.from === peer) held.from = undefined;
  }

  enter(from: PeerId, vault: Uint8Array, pass: Uint8Array, ctx: VaultContext): void {
    if (!this.isServing) return;
    const entered = this.#entered.get(from) ?? new Set();
    // Once for each link and vault: the answer is much longer than the question.
    if (entered.has(hex(vault)) || entered.size >= limits.ENTERED) return;
    if (!this.#mapped.take(from, ctx.now)) return;
    if (!isPass(vault, from, ctx.self, pass, ctx.crypto)) return ctx.ban(from, "unauthorised");
    const name = hex(vault);
    this.#entered.set(from, entered.add(name));
    const shares: { readonly share: Uint8Array; readonly isWhole: boolean }[] = [];
    for (const [share, held] of this.#held) {
      if (held.vault === name) shares.push({ share: unhex(share)!, isWhole: isWhole(held) });
    }
    const { version, hash } = this.#mappings.of(name);
    const about = { kind: "entered", vault, version, mapping: hash } as const;
    for (let at = 0; at === 0 || at < shares.length; at += limits.SHARES_AT_ONCE) {
      const page = shares.slice(at, at + limits.SHARES_AT_ONCE);
      const isLast = at + limits.SHARES_AT_ONCE >= shares.length;
      ctx.send(from, { ...about, shares: page, isLast });
    }
  }

  begin(
    from: PeerId,
    { vault, share, layout }: Fields<"begin">,
    ctx: VaultContext,
  ): void {
    const name = hex(share), owner = hex(vault), held = this.#held.get(name);
    const refuse = (why: Reason) => void ctx.send(from, { kind: "refused", share, why });
    if (!this.#mayAct(from, owner)) return refuse("unauthorised");
    if (!this.#asked.take(from, ctx.now)) return refuse("too-many");
    if (held === undefined) {
      if (!isLayout(layout)) return refuse("malformed");
      if (!this.#hasRoom(owner, lengthOf(layout))) return refuse("disk-full");
      this.#add(name, { ...fresh(owner, layout), from, at: ctx.now });
      return void ctx.send(from, { kind: "ready", share, shards: 0 });
    }
    const isOther = held.vault !== owner || !sameLayout(held.layout, layout);
    if (isOther || held.state === "leaving") return refuse("impossible");
    if (held.state === "whole" && held.damaged.size > 0) {
      this.#forget(name, ctx); // its sender knows, and makes it anew
      return this.begin(from, { vault, share, layout }, ctx);
    }
    Object.assign(held, { from, at: ctx.now });
    if (held.state !== "settling") {
      ctx.send(from, { kind: "ready", share, shards: held.hashes.length });
    }
  }

  put(
    from: PeerId,
    { share, number }: Fields<"put">,
    body: Uint8Array | undefined,
    ctx: VaultContext,
  ) {
    const name = hex(share), held = this.#held.get(name);
    if (held?.from !== from || held.state !== "coming" || number > held.hashes.length) return;
    if (body?.length !== shardBytes(held.layout, number)) {
      return this.#refuse(name, held, "malformed", ctx);
    }
    held.at = ctx.now;
    if (number === held.hashes.length) {
      ctx.keep(`${name}/${number * held.layout.each}`, body);
      held.hashes.push(shardHash(body, ctx.crypto));
    }
    ctx.send(from, { kind: "got", share, number });
  }

  finish(from: PeerId, { share, root }: Fields<"finish">, ctx: VaultContext): void {
    const name = hex(share), held = this.#held.get(name);
    if (held?.from !== from || held.state === "settling" || held.state === "leaving") return;
    const isAll = held.hashes.length === held.layout.shards;
    if (!isAll || !sameBytes(shareTree(held.hashes, ctx.crypto).root(), root)) {
      return this.#refuse(name, held, "tampered", ctx);
    }
    if (held.state === "whole") return void ctx.send(from, { kind: "stored", share });
    held.state = "settling";
    ctx.settle(name);
  }

  /** Its pieces are on the medium, or the disk cannot bring them there. */
  settled(name: string, why: Reason | undefined, ctx: VaultContext): void {
    const held = this.#held.get(name);
    if (held?.state !== "settling") return;
    if (why !== undefined) return this.#refuse(name, held, why, ctx);
    held.state = "whole";
    ctx.save(`share/${name}`, heldBytes(held));
    if (held.from === undefined) return;
    ctx.send(held.from, { kind: "stored", share: unhex(name)! });
    this.#offer(held.from, ctx);
  }

  /** The disk takes a piece, or a record, not. */
  refused(key: string, why: Reason, ctx: VaultContext): void {
    const [box, rest] = key.split("/") as [string, string];
    if (box === "mapping") return this.#mappings.refused(rest);
    const name = box === "share" ? rest : box;
    const held = this.#held.get(name), left = this.#left.get(name);
    if (held !== undefined) return this.#refuse(name, held, why, ctx);
    if (left === undefined) return;
    // It did not go, and its owner is not to believe that it has.
    this.#left.delete(name);
    this.#add(name, Object.assign(left, { state: "leaving", from: undefined }));
  }

  get(from: PeerId, { share, number }: Fields<"get">, ctx: VaultContext): void {
    this.#question(share, { kind: "get", from, number }, ctx);
  }

  audit(from: PeerId, { share, number, block }: Fields<"audit">, ctx: VaultContext): void {
    this.#question(share, { kind: "audit", from, number, block }, ctx);
  }

  loaded(key: string, bytes: Uint8Array | undefined, ctx: VaultContext): void {
    const name = key.slice(0, key.indexOf("/")), held = this.#held.get(name);
    const questions = this.#questions.get(key) ?? [];
    this.#questions.delete(key);
    for (const question of questions) {
      if (held !== undefined) this.#answer(name, held, question, bytes, ctx);
    }
  }

  drop(from: PeerId, { share }: Fields<"drop">, ctx: VaultContext): void {
    const name = hex(share), held = this.#held.get(name);
    if (held !== undefined && !this.#mayAct(from, held.vault)) return;
    if (held !== undefined) this.#forget(name, ctx);
    ctx.send(from, { kind: "dropped", share });
    if (held !== undefined) this.#offer(from, ctx);
  }

  witness(
    from: PeerId,
    message: Fields<"witness">,
    body: Uint8Array | undefined,
    ctx: VaultContext,
  ) {
    const { vault, version, previous } = message, name = hex(vault);
    if (body === undefined || body.length > limits.MAPPING_BYTES) return;
    if (!this.#mayAct(from, name) || !this.#hasRoom(name, 0)) return;
    if (!this.#mapped.take(from, ctx.now)) return;
    const isTaken = this.#mappings.take(name, { version, previous, bytes: body }, ctx);
    for (const [peer, vaults] of this.#entered) {
      if (isTaken && peer !== from && vaults.has(name)) {
        ctx.send(peer, { kind: "newer", vault, version });
      }
    }
    const kind = isTaken ? "witnessed" as const : "newer" as const;
    ctx.send(from, { kind, vault, version: isTaken ? version : this.#mappings.of(name).version });
  }

  recall(from: PeerId, { vault }: Fields<"recall">, ctx: VaultContext): void {
    const name = hex(vault);
    if (!this.#mayAct(from, name) || !this.#mapped.take(from, ctx.now)) return;
    const { version, bytes } = this.#mappings.of(name);
    ctx.send(from, { kind: "mapping", vault, version }, bytes);
  }

  /** What nobody goes on with is forgotten. */
  tidy(ctx: VaultContext): void {
    for (const [name, { state }] of [...this.#held]) {
      if (state === "leaving") this.#forget(name, ctx);
    }
    for (const [name, { state, at, hashes }] of [...this.#held]) {
      const most = hashes.length === 0 ? limits.UNBEGUN : limits.UNFINISHED;
      if (state === "coming" && ctx.now - at > most) this.#forget(name, ctx);
    }
  }

  /** Reads the next shard of all that is here, to find what the disk has lost. */
  scrub(ctx: VaultContext): void {
    const names = [...this.#held.keys()], place = this.#scrubbing;
    if (place.share >= names.length) Object.assign(place, { share: 0, number: 0 });
    const name = names[place.share], held = name === undefined ? undefined : this.#held.get(name);
    if (held === undefined) return;
    const { number } = place;
    if (isWhole(held) && number < held.layout.shards) {
      place.number++;
      return this.#load(name!, held, { kind: "scrub", number }, ctx);
    }
    Object.assign(place, { share: place.share + 1, number: 0 });
  }

  #mayAct(peer: PeerId, vault: string): boolean {
    return this.#entered.get(peer)?.has(vault) === true;
  }

  #question(share: Uint8Array, question: Question & { from: PeerId }, ctx: VaultContext): void {
    const name = hex(share), held = this.#held.get(name), { from, number } = question;
    const isHere = held?.state === "whole" && !held.damaged.has(number) &&
      number < held.layout.shards && this.#mayAct(from, held.vault);
    if (!isHere || !this.#asked.take(from, ctx.now)) {
      return void ctx.send(from, { kind: "none", share, number });
    }
    this.#load(name, held, question, ctx);
  }

  #load(name: string, { layout }: Held, question: Question, ctx: VaultContext): void {
    const key = `${name}/${question.number * layout.each}`;
    const questions = this.#questions.get(key);
    if (questions !== undefined) return void questions.push(question);
    this.#questions.set(key, [question]);
    ctx.load(key);
  }

  #answer(
    name: string,
    held: Held,
    question: Question,
    bytes: Uint8Array | undefined,
    ctx: VaultContext,
  ): void {
    const { number } = question, share = unhex(name)!;
    const tree = bytes === undefined || question.kind === "get"
      ? undefined
      : blockTree(bytes, ctx.crypto);
    const hash = (of: Uint8Array) => ctx.crypto.sha256(of);
    const isRight = tree === undefined ||
      sameBytes(leafOf(tree.root(), hash), held.hashes[number]!);
    if (bytes === undefined || !isRight) {
      this.#damaged(name, held, number, ctx);
      if (question.kind !== "scrub") ctx.send(question.from, { kind: "none", share, number });
      return;
    }
    if (question.kind === "scrub") return;
    held.tree ??= shareTree(held.hashes, ctx.crypto);
    const about = { share, number, proof: held.tree.inclusion(number) };
    if (question.kind === "get") {
      return void ctx.send(question.from, { kind: "shard", ...about }, bytes);
    }
    const { block } = question;
    if (block >= tree!.size) return void ctx.send(question.from, { kind: "none", share, number });
    const part = bytes.subarray(block * limits.BLOCK_BYTES, (block + 1) * limits.BLOCK_BYTES);
    ctx.send(
      question.from,
      { kind: "proof", ...about, block, within: tree!.inclusion(block) },
      part,
    );
  }

  /** A shard is gone: whoever it belongs to is told, and can still have the others. */
  #damaged(name: string, held: Held, number: number, ctx: VaultContext): void {
    if (held.damaged.has(number)) return;
    held.damaged.add(number);
    for (const [peer, vaults] of this.#entered) {
      if (vaults.has(held.vault)) ctx.send(peer, { kind: "lost", share: unhex(name)! });
    }
  }

  #hasRoom(vault: string, more: number): boolean {
    const { bytes, shares } = this.#taken.get(vault) ?? { bytes: 0, shares: 0 };
    const isKnown = this.#taken.has(vault) || this.#taken.size < limits.VAULTS;
    return isKnown && shares < limits.SHARES && this.#bytes + more <= this.offered &&
      bytes + more <= this.offered / limits.VAULT_PART;
  }

  #add(name: string, held: Held): void {
    this.#held.set(name, held);
    this.#count(held, 1);
  }

  /** One share more, or less. */
  #count({ vault, layout }: Held, change: 1 | -1): void {
    const taken = this.#taken.get(vault) ?? { bytes: 0, shares: 0 }, length = lengthOf(layout);
    this.#bytes += change * length;
    taken.bytes += change * length;
    taken.shares += change;
    if (taken.shares === 0) this.#taken.delete(vault);
    else this.#taken.set(vault, taken);
  }

  #restore(name: string, bytes: Uint8Array): void {
    const held = readHeld(bytes);
    if (held !== undefined) this.#add(name, held);
  }

  #refuse(name: string, { from }: Held, why: Reason, ctx: VaultContext): void {
    this.#forget(name, ctx);
    if (from !== undefined) ctx.send(from, { kind: "refused", share: unhex(name)!, why });
  }

  /** First its pieces go, then its record: a disk that refuses to let that go has nothing of it any more. */
  #forget(name: string, ctx: VaultContext): void {
    const held = this.#held.get(name)!, { layout, hashes, state } = held;
    this.#held.delete(name);
    this.#count(held, -1);
    for (let number = 0; number < hashes.length; number++) {
      ctx.dropKept(`${name}/${number * layout.each}`);
    }
    if (state !== "whole" && state !== "leaving") return;
    this.#left.set(name, held);
    ctx.save(`share/${name}`, undefined);
  }
}

type Fields<Kind extends VaultMessage["kind"]> = Omit<VaultMessage & { kind: Kind }, "kind">;
