/**
 * A vault, at a node that has its secret: its keys, its mapping, its devices, and the shares that are
 * somewhere without being in the mapping.
 */
import { hex, type PeerId, Reader, type Reason, unhex, Writer } from "../../core/mod.ts";
import { Devices } from "./devices.ts";
import { Code, type Mixer } from "./erasure.ts";
import { tell } from "./events.ts";
import type { VaultContext } from "./job.ts";
import { Keys } from "./keys.ts";
import * as limits from "./limits.ts";
import {
  type Condemned,
  type Content,
  type Draft,
  draftSchema,
  follows,
  isSame,
  type Mapping,
  merged,
  nameOf,
  numbersAt,
  readVersion,
  unwritten,
  type Version,
  witnessesFor,
  written,
} from "./mapping.ts";
import type { Site } from "./placement.ts";
import { type Shape, shareLength } from "./shape.ts";
import type { VaultMessage } from "./wire.ts";

const SECRET = "own/secret", MAPPING = "own/mapping", DRAFT = "draft/";

export class Owner {
  readonly devices = new Devices();
  keys: Keys | undefined;
  current: Version | undefined;
  /** What is being locked, by the id of its content. */
  readonly drafts = new Map<string, Draft>();
  /** Begun or left over, at devices that have not dropped them yet; the mapping need not know. */
  readonly #loose = new Map<string, Condemned>();
  /** Names of shares that devices have dropped, and the mapping may still condemn. */
  readonly #dropped = new Set<string>();
  /** The disk has not taken the newest mapping. */
  #isUnsaved = false;
  readonly #codes = new Map<string, Code>();

  constructor(readonly mixer: Mixer | undefined) {}

  get mapping(): Mapping {
    return this.current!.mapping;
  }

  started(records: ReadonlyMap<string, Uint8Array>, ctx: VaultContext): void {
    const secret = records.get(SECRET);
    if (secret?.length !== 32) return;
    this.keys = new Keys(secret, ctx.crypto);
    const sealed = records.get(MAPPING);
    const own = sealed && readVersion(sealed, this.keys, ctx.crypto);
    this.current = own ?? unwritten(ctx.crypto);
    for (const [key, bytes] of records) {
      const draft = key.startsWith(DRAFT) ? readDraft(bytes) : undefined;
      if (draft !== undefined) this.drafts.set(hex(draft.id), draft);
    }
  }

  /** Opens the vault of a secret on this node. */
  create(secret: Uint8Array, ctx: VaultContext): void {
    this.keys = new Keys(secret, ctx.crypto);
    this.current = unwritten(ctx.crypto);
    ctx.save(SECRET, secret);
    this.devices.enterAll(this.keys, ctx);
    tell(ctx, { name: "created", vault: hex(this.keys.vault), version: 0 });
  }

  content(id: string): Content | undefined {
    return this.current?.mapping.contents.find((content) => hex(content.id) === id);
  }

  /** Whether enough of it is left, as far as is known: devices that are away count. */
  canOpen(content: Content): boolean {
    const left = content.shares.filter((share, number) => {
      if (share === undefined) return false;
      const presence = this.devices.isPresent(share.device) && this.devices.of(share.device);
      return !presence || presence.shares.get(hex(nameOf(content, number, share))) === true;
    });
    return left.length >= content.enough;
  }

  codeOf({ enough, count }: Pick<Shape, "enough" | "count">): Code {
    const name = `${enough}/${count}`;
    let code = this.#codes.get(name);
    if (code === undefined) this.#codes.set(name, code = new Code(enough, count, this.mixer));
    return code;
  }

  saveDraft(draft: Draft, ctx: VaultContext): void {
    this.drafts.set(hex(draft.id), draft);
    const writer = new Writer();
    draftSchema.write(writer, draft);
    ctx.save(`${DRAFT}${hex(draft.id)}`, writer.take());
  }

  dropDraft({ id }: Pick<Draft, "id">, ctx: VaultContext): void {
    if (this.drafts.delete(hex(id))) ctx.save(`${DRAFT}${hex(id)}`, undefined);
  }

  /**
   * Where shares of a content may be placed now: devices that are there, have room, and are not among
   * `without`; with what they have of it already, or may have.
   */
  sites(
    content: Pick<Content, "id" | "key" | "shares"> & Shape,
    without: ReadonlyMap<PeerId, unknown>,
  ): Site[] {
    const sites: Site[] = [], length = shareLength(content);
    const known = new Set([
      ...this.devices.present,
      ...this.mapping.devices.map(({ peer }) => peer),
      ...[...this.#loose.values()].map(({ device }) => device),
    ]);
    for (const device of known) {
      const presence = this.devices.of(device);
      const isUsable = this.devices.isPresent(device) && !without.has(device) &&
        this.devices.faultsOf(device) < limits.FAULTS;
      const room = isUsable ? Math.floor(presence!.free / length) : 0;
      const domain = this.domainOf(device);
      sites.push({ device, domain, has: this.#numbersAt(content, device), room });
    }
    return sites;
  }

  /** What may be lost together with a device: itself, where it names nothing else. */
  domainOf(device: PeerId): string {
    const told = this.devices.of(device)?.domain ??
      this.mapping.devices.find(({ peer }) => peer === device)?.domain;
    return told ? `domain ${told}` : device;
  }

  /** A share was begun somewhere: until the mapping names it, or its device has dropped it. */
  begun(
    content: Pick<Content, "id" | "key">,
    number: number,
    age: number,
    device: PeerId,
  ): Uint8Array {
    const name = nameOf(content, number, { age });
    this.#loose.set(hex(name), { device, content: content.id, number, name });
    return name;
  }

  /** Takes the next mapping for the vault's own, and has devices witness it. False where it grew too long. */
  change(mapping: Mapping, ctx: VaultContext): boolean {
    return this.#write(mapping, this.current!.version + 1, ctx);
  }

  /** Devices that have witnessed the newest version. */
  get witnesses(): number {
    const { hash } = this.current!;
    return this.mapping.devices.filter(({ peer }) => {
      const presence = this.devices.of(peer);
      return presence !== undefined && isSame(presence.mapping, hash);
    }).length;
  }

  get wantedWitnesses(): number {
    return witnessesFor(this.mapping);
  }

  /**
   * Whether so many devices say that this version is the newest that one of them would know of a newer one:
   * together with those that a version must have, they are more than all.
   */
  get isSure(): boolean {
    return this.witnesses >= this.mapping.devices.length - this.wantedWitnesses + 1;
  }

  /** A device has let the vault in: what it has is compared with what it should have. */
  entered(from: PeerId, ctx: VaultContext): void {
    const presence = this.devices.of(from)!, own = this.current!;
    const theirs = { version: presence.version, hash: presence.mapping };
    const isSameAs = isSame(theirs.hash, own.hash) && theirs.version === own.version;
    if (!isSameAs && !follows(own, theirs)) {
      return void ctx.send(from, { kind: "recall", vault: this.keys!.vault });
    }
    this.#sweep(from, ctx);
    if (!isSameAs) this.#witness(from, ctx);
  }

  /** A mapping that a device has: newer than this node's, or one that was written without knowing of it. */
  recalled(from: PeerId, bytes: Uint8Array | undefined, ctx: VaultContext): void {
    const found = bytes && readVersion(bytes, this.keys!, ctx.crypto), own = this.current!;
    if (found === undefined) return;
    this.devices.witnessed(from, found.version, found.hash);
    if (isSame(found.hash, own.hash) || follows(own, found)) return;
    const { length } = found.mapping.contents, about = { version: found.version, contents: length };
    tell(ctx, { name: "recovered", ...about });
    if (follows(found, own)) return this.#adopt(found, ctx);
    // Two machines have written at once: two further on, a device takes it in whatever it has.
    const both = merged(found.mapping, own.mapping);
    const ancestors = [own.hash, ...both.ancestors].slice(0, limits.ANCESTORS);
    this.current = found;
    this.#write({ ...both, ancestors }, Math.max(found.version, own.version) + 2, ctx);
  }

  witnessed(
    from: PeerId,
    message: VaultMessage & { kind: "witnessed" | "newer" },
    ctx: VaultContext,
  ) {
    const { version, hash } = this.current!;
    if (message.kind === "newer") {
      if (message.version >= version) ctx.send(from, { kind: "recall", vault: this.keys!.vault });
    } else if (message.version === version) {
      this.devices.witnessed(from, version, hash);
    }
  }

  /** A device has dropped a share. */
  dropped(name: Uint8Array): void {
    this.#loose.delete(hex(name));
    this.#dropped.add(hex(name));
  }

  /** The disk has refused one of the records. */
  refused(key: string, why: Reason, ctx: VaultContext): void {
    if (key === MAPPING) this.#isUnsaved = true;
    if (key !== SECRET) return;
    this.keys = this.current = undefined; // and so there is no vault after the next start, nor now
    const words = "Cannot make a vault: this device's own disk does not take it";
    const about = { what: "create", content: undefined, handle: undefined, devices: [] };
    tell(ctx, { name: "failed", ...about, why, words });
  }

  /** Once more, what the disk has refused; and then devices hear of it. */
  saveAgain(ctx: VaultContext): void {
    if (!this.#isUnsaved) return;
    this.#isUnsaved = false;
    this.#adopt(this.current!, ctx);
  }

  /** Condemned shares that are gone leave the mapping, all at once. */
  tidy(ctx: VaultContext): void {
    if (this.#dropped.size === 0) return;
    const condemned = this.mapping.condemned.filter(({ name }) => !this.#dropped.has(hex(name)));
    this.#dropped.clear();
    if (condemned.length < this.mapping.condemned.length) {
      this.change({ ...this.mapping, condemned }, ctx);
    }
  }

  /** Has devices drop shares that nobody needs. */
  condemn(names: Iterable<Uint8Array>, ctx: VaultContext): void {
    for (const name of names) {
      const loose = this.#loose.get(hex(name));
      if (loose !== undefined) ctx.send(loose.device, { kind: "drop", share: name });
    }
  }

  /** What was begun of a content and is not in the mapping. */
  looseOf(id: Uint8Array): Condemned[] {
    return [...this.#loose.values()].filter(({ content }) => isSame(content, id));
  }

  /** The mapping names them from now on, or as condemned. */
  settled(names: Iterable<Uint8Array>): void {
    for (const name of names) this.#loose.delete(hex(name));
  }

  #write(mapping: Mapping, version: number, ctx: VaultContext): boolean {
    const salt = ctx.random.bytes(32);
    const next = written(this.current!, version, mapping, this.keys!, salt, ctx.crypto);
    if (next !== undefined) this.#adopt(next, ctx);
    return next !== undefined;
  }

  #adopt(version: Version, ctx: VaultContext): void {
    this.current = version;
    ctx.save(MAPPING, version.sealed);
    for (const peer of this.devices.present) {
      if (this.devices.of(peer)!.version < version.version) this.#witness(peer, ctx);
    }
  }

  #witness(peer: PeerId, ctx: VaultContext): void {
    const { version, previous, sealed } = this.current!;
    if (version === 0) return;
    ctx.send(peer, { kind: "witness", vault: this.keys!.vault, version, previous }, sealed);
  }

  /** Has a device drop what neither the mapping nor a draft knows, and what is condemned. */
  #sweep(from: PeerId, ctx: VaultContext): void {
    const { shares } = this.devices.of(from)!, known = new Set<string>();
    for (const content of this.mapping.contents) {
      content.shares.forEach((share, number) => {
        if (share?.device === from) known.add(hex(nameOf(content, number, share)));
      });
    }
    for (const draft of this.drafts.values()) {
      for (const { device, number, age } of draft.attempts) {
        if (device === from) known.add(hex(nameOf(draft, number, { age })));
      }
    }
    for (const share of shares.keys()) {
      if (!known.has(share)) ctx.send(from, { kind: "drop", share: unhex(share)! });
    }
    const left = [...this.mapping.condemned, ...this.#loose.values()];
    for (const { device, name } of left) {
      if (device === from && !shares.has(hex(name)) && !known.has(hex(name))) this.dropped(name);
    }
  }

  #numbersAt(content: Pick<Content, "id" | "shares"> & Shape, device: PeerId): Set<number> {
    const numbers = numbersAt(this.mapping, content as Content, device);
    for (const { device: holder, number } of this.looseOf(content.id)) {
      if (holder === device) numbers.add(number);
    }
    return numbers;
  }
}

function readDraft(bytes: Uint8Array): Draft | undefined {
  const reader = new Reader(bytes);
  const draft = draftSchema.read(reader);
  return reader.whole ? draft : undefined;
}
