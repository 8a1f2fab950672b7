/**
 * The mapping: which contents a vault has, under which keys, and which device holds which share of them.
 * Only who has the vault's secret reads it. Each version names the hash of the one before, and devices keep
 * the newest: an old one shows itself.
 *
 *     version (4 bytes) · hash of the one before (32) · salt (32) · sealed
 *     key = HKDF(mapping secret, salt); AES-256-GCM, nonce of zeros, bound to label, version and that hash
 *
 * The salt is drawn anew each time: two devices that write the same version never share a key.
 */
import {
  bytesUpTo,
  type Crypto,
  exactly,
  HASH_BYTES,
  hex,
  joined,
  KEY_BYTES,
  limits as core,
  listOf,
  NONCE_BYTES,
  optional,
  type PeerId,
  Reader,
  struct,
  textUpTo,
  upTo,
  utf8,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import { peerName } from "../membership/mod.ts";
import { type Keys, shareName } from "./keys.ts";
import * as limits from "./limits.ts";
import { isShape, segmentsOf } from "./shape.ts";

const LABEL = utf8("starling vault mapping 1");
const NONCE = new Uint8Array(NONCE_BYTES);
const age = upTo(0xffff_ffff), number = upTo(limits.SHARDS - 1);

export const deviceSchema = struct({
  peer: peerName,
  address: textUpTo(core.ADDRESS_BYTES),
  domain: textUpTo(limits.DOMAIN_BYTES),
});
/** A device that holds shares, or has held some. */
export type Device = ValueOf<typeof deviceSchema>;

const shareSchema = struct({ device: peerName, age, root: exactly(HASH_BYTES) });
/** Where one share is. Another age is another name: a share that was made anew. */
export type Share = ValueOf<typeof shareSchema>;

/** Of which picture, and which of its tiles: from the left, row by row from the top. */
const partSchema = struct({
  of: exactly(KEY_BYTES),
  number: upTo(limits.TILES - 1),
  columns: upTo(limits.TILES),
  rows: upTo(limits.TILES),
  /** Of the whole view, in pixels. */
  width: upTo(limits.SIDE),
  height: upTo(limits.SIDE),
});
export type Part = ValueOf<typeof partSchema>;

const contentSchema = struct({
  id: exactly(KEY_BYTES),
  name: textUpTo(limits.NAME_BYTES),
  bytes: upTo(Number.MAX_SAFE_INTEGER),
  enough: upTo(limits.SHARDS),
  count: upTo(limits.SHARDS),
  key: exactly(KEY_BYTES),
  /** Of the clear segments. */
  hashes: listOf(exactly(HASH_BYTES), limits.SEGMENTS),
  /** By the share's number; nothing where it has no place. */
  shares: listOf(optional(shareSchema), limits.SHARDS),
  preview: bytesUpTo(limits.PREVIEW_BYTES),
  /** Set where this is a tile of a picture that is another content. */
  part: optional(partSchema),
});
export type Content = ValueOf<typeof contentSchema>;

const condemnedSchema = struct({
  device: peerName,
  content: exactly(KEY_BYTES),
  number,
  name: exactly(limits.SHARE_BYTES),
});
/** A share that nobody needs any more, at a device that has not said yet that it has dropped it. */
export type Condemned = ValueOf<typeof condemnedSchema>;

export const mappingSchema = struct({
  devices: listOf(deviceSchema, limits.DEVICES),
  contents: listOf(contentSchema, limits.CONTENTS),
  condemned: listOf(condemnedSchema, limits.CONDEMNED),
  /** Contents that were deleted, the last first: they do not come back with what another machine wrote. */
  deleted: listOf(exactly(KEY_BYTES), limits.DELETED),
  /** Hashes of the versions that this one has taken in, the last first. */
  ancestors: listOf(exactly(HASH_BYTES), limits.ANCESTORS),
});
/** What a mapping says. */
export type Mapping = ValueOf<typeof mappingSchema>;

export const EMPTY: Mapping = {
  devices: [],
  contents: [],
  condemned: [],
  deleted: [],
  ancestors: [],
};

/** A mapping in its chain. */
export interface Version {
  readonly version: number;
  readonly previous: Uint8Array;
  readonly mapping: Mapping;
  /** As devices have it, and the hash of that. */
  readonly sealed: Uint8Array;
  readonly hash: Uint8Array;
}

/** Nothing has been written yet. */
export function unwritten(crypto: Crypto): Version {
  const sealed = new Uint8Array(0);
  return {
    version: 0,
    previous: new Uint8Array(HASH_BYTES),
    mapping: EMPTY,
    sealed,
    hash: crypto.sha256(sealed),
  };
}

/** The next version; undefined where it would be longer than a mapping may be. */
export function written(
  before: Version,
  version: number,
  mapping: Mapping,
  keys: Keys,
  salt: Uint8Array,
  crypto: Crypto,
): Version | undefined {
  const ancestors = [before.hash, ...mapping.ancestors].slice(0, limits.ANCESTORS);
  const whole = { ...mapping, ancestors }, writer = new Writer();
  mappingSchema.write(writer, whole);
  const head = headOf(version, before.hash);
  const box = crypto.sealText(keys.mappingKey(salt), NONCE, joined(LABEL, head), writer.take());
  const sealed = joined(head, salt, box);
  if (sealed.length > limits.MAPPING_BYTES) return undefined;
  return { version, previous: before.hash, mapping: whole, sealed, hash: crypto.sha256(sealed) };
}

/** Undefined where it is not this vault's, or not whole. */
export function readVersion(sealed: Uint8Array, keys: Keys, crypto: Crypto): Version | undefined {
  const reader = new Reader(sealed);
  const version = reader.u32(), previous = reader.raw(HASH_BYTES), salt = reader.raw(KEY_BYTES);
  if (!reader.ok || version === 0) return undefined;
  const data = joined(LABEL, headOf(version, previous)), box = reader.raw(reader.left);
  const clear = crypto.openText(keys.mappingKey(salt), NONCE, data, box);
  const mapping = clear && readMapping(clear);
  return mapping && { version, previous, mapping, sealed, hash: crypto.sha256(sealed) };
}

/** Undefined where it says what no vault has. */
export function readMapping(clear: Uint8Array): Mapping | undefined {
  const reader = new Reader(clear);
  const mapping = mappingSchema.read(reader);
  const isSound = reader.whole &&
    mapping.contents.every((content) =>
      isShape(content) && content.shares.length === content.count &&
      content.hashes.length === segmentsOf(content)
    );
  return isSound ? mapping : undefined;
}

/** Whether one version has taken in another; whatever is there has taken in nothing at all. */
export function follows(
  { mapping }: Version,
  { version, hash }: Pick<Version, "version" | "hash">,
): boolean {
  return version === 0 || mapping.ancestors.some((ancestor) => isSame(ancestor, hash));
}

/** What both say, where two machines have written without knowing of each other. */
export function merged(one: Mapping, other: Mapping): Mapping {
  const deleted = union(one.deleted, other.deleted, hex).slice(0, limits.DELETED);
  const isGone = new Set(deleted.map(hex));
  return {
    devices: union(one.devices, other.devices, ({ peer }) => peer).slice(0, limits.DEVICES),
    contents: union(one.contents, other.contents, ({ id }) => hex(id))
      .filter(({ id }) => !isGone.has(hex(id))).slice(0, limits.CONTENTS),
    condemned: union(one.condemned, other.condemned, ({ name }) => hex(name))
      .slice(0, limits.CONDEMNED),
    deleted,
    ancestors: union(one.ancestors, other.ancestors, hex).slice(0, limits.ANCESTORS),
  };
}

/** Those of the first, and of the second those that the first has not. */
export function union<Item>(
  one: readonly Item[],
  other: readonly Item[],
  nameOf: (item: Item) => string,
): Item[] {
  const names = new Set(one.map(nameOf));
  return [...one, ...other.filter((item) => !names.has(nameOf(item)))];
}

/** What its device calls a share. */
export function nameOf(
  content: Pick<Content, "key">,
  number: number,
  { age }: Pick<Share, "age">,
): Uint8Array {
  return shareName(content.key, number, age);
}

/** Numbers of a content's shares that a device has, or may still have. */
export function numbersAt(mapping: Mapping, { id, shares }: Content, device: PeerId): Set<number> {
  const numbers = new Set<number>();
  shares.forEach((share, number) => {
    if (share?.device === device) numbers.add(number);
  });
  for (const gone of mapping.condemned) {
    if (gone.device === device && isSame(gone.content, id)) numbers.add(gone.number);
  }
  return numbers;
}

/** For ids, which are no secrets. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/**
 * Devices that must have a version before it counts: then whoever asks any `enough` of them, or any
 * half and one more, meets one that has it; and of two that are written at once only one is.
 */
export function witnessesFor({ devices, contents }: Mapping): number {
  const all = devices.length;
  const least = contents.reduce((enough, content) => Math.min(enough, content.enough), all);
  return Math.max(Math.floor(all / 2) + 1, all - least + 1);
}

function headOf(version: number, previous: Uint8Array): Uint8Array {
  const writer = new Writer();
  writer.u32(version);
  writer.raw(previous);
  return writer.take();
}

export const draftSchema = struct({
  handle: textUpTo(core.NAME_BYTES),
  id: exactly(KEY_BYTES),
  name: textUpTo(limits.NAME_BYTES),
  bytes: upTo(Number.MAX_SAFE_INTEGER),
  enough: upTo(limits.SHARDS),
  count: upTo(limits.SHARDS),
  key: exactly(KEY_BYTES),
  preview: bytesUpTo(limits.PREVIEW_BYTES),
  part: optional(partSchema),
  /** Every share that was begun anywhere: what is not needed in the end is condemned. */
  attempts: listOf(struct({ device: peerName, age, number }), limits.CONDEMNED),
});
/** What is being locked: saved before anything is sent. */
export type Draft = ValueOf<typeof draftSchema>;
