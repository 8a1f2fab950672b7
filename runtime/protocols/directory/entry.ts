/**
 * What somebody has a directory say of them, signed: their keys, what makes their ID, where they are, who
 * keeps their letters, and how to begin a conversation. It can be passed on by anybody.
 */
import {
  type Context,
  type Crypto,
  exactly,
  joined,
  KEY_BYTES,
  limits as core,
  listOf,
  type PeerKeys,
  Reader,
  SIGNATURE_BYTES,
  struct,
  textUpTo,
  u32,
  utf8,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import { boxSchema } from "../mailbox/mod.ts";
import { bundleSchema, isGenuine } from "../session/mod.ts";

const LABEL = utf8("starling directory entry 1"), LOGGED = utf8("starling key log 1");
const BOXES = 2;

const statement = struct({
  sign: exactly(KEY_BYTES),
  agree: exactly(KEY_BYTES),
  modifier: u32,
  /** Of several statements the one with the highest number counts. */
  version: u32,
  who: textUpTo(core.NAME_BYTES),
  address: textUpTo(core.ADDRESS_BYTES),
  boxes: listOf(boxSchema, BOXES),
  bundle: bundleSchema,
});
export type Statement = ValueOf<typeof statement>;

export const entrySchema = struct({ statement, signature: exactly(SIGNATURE_BYTES) });
export type Entry = ValueOf<typeof entrySchema>;

/** A statement with its owner's signature. */
export function entryOf(
  says: Omit<Statement, "sign" | "agree">,
  { identity, crypto }: Pick<Context, "identity" | "crypto">,
): Entry {
  const { sign, agree } = identity.keys;
  const whole = { ...says, sign, agree } as Statement;
  return { statement: whole, signature: crypto.sign(identity.signSecret, signedBytes(whole)) };
}

/** Whether its owner has signed it, and the bundle in it is theirs. Says nothing of the ID. */
export function isSigned({ statement: says, signature }: Entry, crypto: Crypto): boolean {
  const { sign, agree, bundle } = says;
  return bundle.sign.toString() === sign.toString() &&
    bundle.agree.toString() === agree.toString() &&
    crypto.verify(sign, signedBytes(says), signature) && isGenuine(bundle, crypto);
}

/** What the key log holds of somebody: which ID belongs to which keys, and nothing that changes. */
export function loggedBytes(id: string, { sign, agree }: PeerKeys): Uint8Array {
  return joined(LOGGED, utf8(id), sign, agree);
}

/** An entry as it is kept. */
export function entryBytes(entry: Entry): Uint8Array {
  const writer = new Writer();
  entrySchema.write(writer, entry);
  return writer.take();
}

/** Undefined where it is none. */
export function readEntry(bytes: Uint8Array): Entry | undefined {
  const reader = new Reader(bytes);
  const entry = entrySchema.read(reader);
  return reader.whole ? entry : undefined;
}

function signedBytes(says: Statement): Uint8Array {
  const writer = new Writer();
  statement.write(writer, says);
  return joined(LABEL, writer.take());
}
