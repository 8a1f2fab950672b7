/**
 * What is said in a session so that everybody can check it: announcements, delegations,
 * publications, lines.
 *
 * 1. A statement carries its session's charter and whatever gives its author the right: nothing
 *    that the reader must have heard before.
 * 2. A warrant is the teacher's delegation to an assistant; one without rights is a revocation. A
 *    ticket is what a member was given with its welcome: its name, vouched for.
 * 3. Statements are kept and passed on as the bytes in which they came.
 */
import {
  exactly,
  flag,
  KEY_BYTES,
  limits,
  optional,
  type Reader,
  type Schema,
  SIGNATURE_BYTES,
  struct,
  textUpTo,
  upTo,
  utf8,
  type ValueOf,
  wire,
  Writer,
} from "../../core/mod.ts";
import { bytesOfCharter, type Charter, charterSchema } from "./charter.ts";
import { CONTENT_BYTES, LASTS_SECONDS, LINE_BYTES, SEQUENCES, TITLE_BYTES } from "./limits.ts";

/** The mesh's topic of statements: guarded, so that each is judged before it is passed on. */
export const TOPIC = "lab";

/** What a delegation may allow. Rights add up. */
export const PUBLISH = 1;
/** To announce the session and to welcome newcomers to it. */
export const ANNOUNCE = 2;
const ALL_RIGHTS = PUBLISH | ANNOUNCE;

// Control characters, and what is invisible or changes the direction of the text around a name. The
// joiners U+200C and U+200D stay: Persian and Hindi names need them.
// deno-fmt-ignore
// deno-lint-ignore no-control-regex -- control characters are what it must find
const UNFIT = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** A name or title that can be shown beside other text: not empty, and nothing invisible in it. */
export function isLabel(text: string): boolean {
  return text !== "" && text.trim() === text && !UNFIT.test(text);
}

/** A label that fits a session's or a file's title. */
export function isTitle(text: string): boolean {
  return isLabel(text) && utf8(text).length <= TITLE_BYTES;
}

/** A label that fits a person's name. */
export function isName(text: string): boolean {
  return isLabel(text) && utf8(text).length <= limits.NAME_BYTES;
}

/** A label of at most so many bytes of UTF-8. */
export function labelUpTo(max: number): Schema<string> {
  const text = textUpTo(max);
  return {
    ...text,
    read(reader: Reader) {
      const value = text.read(reader);
      if (!isLabel(value)) reader.fail();
      return value;
    },
  };
}

const signature = exactly(SIGNATURE_BYTES);
const sequence = upTo(SEQUENCES);
const seconds = upTo(LASTS_SECONDS);
const who = labelUpTo(limits.NAME_BYTES);
export const addressSchema = textUpTo(limits.ADDRESS_BYTES);

const warrantFields = {
  sign: exactly(KEY_BYTES),
  agree: exactly(KEY_BYTES),
  rights: upTo(ALL_RIGHTS),
  /** The newest serial counts, in whatever order they arrive. */
  serial: sequence,
  /** Seconds of the session's own clock. */
  until: seconds,
};
const warrantClaims = struct(warrantFields);
const warrant = struct({ ...warrantFields, signature });
export type Warrant = ValueOf<typeof warrant>;

const ticketFields = {
  sign: exactly(KEY_BYTES),
  agree: exactly(KEY_BYTES),
  who,
  /** The assistant that gave the ticket; absent where the teacher did. */
  issuer: optional(warrant),
};
const ticketClaims = struct(ticketFields);
export const ticketSchema = struct({ ...ticketFields, signature });
export type Ticket = ValueOf<typeof ticketSchema>;

const table = {
  announcement: struct({
    charter: charterSchema,
    warrant: optional(warrant),
    title: labelUpTo(TITLE_BYTES),
    who,
    /** Where the author, and nobody else, can be dialled. */
    address: addressSchema,
    sequence,
    /** Seconds since the session was opened, by the author's clock, and how long it lasts. */
    age: seconds,
    lasts: seconds,
    closed: flag,
    signature,
  }),
  grant: struct({ charter: charterSchema, warrant }),
  publication: struct({
    charter: charterSchema,
    warrant: optional(warrant),
    address: addressSchema,
    sequence,
    content: exactly(32),
    title: labelUpTo(TITLE_BYTES),
    bytes: upTo(CONTENT_BYTES),
    withdrawn: flag,
    signature,
  }),
  /** By the teacher, or by whoever has a ticket: an assistant speaks with its name, too. */
  line: struct({
    charter: charterSchema,
    ticket: optional(ticketSchema),
    sequence,
    text: textUpTo(LINE_BYTES),
    signature,
  }),
};

/** The bytes of statements, strict and canonical; nothing in it checks a signature. */
export const statementWire = wire(table);
export type Announcement = { readonly kind: "announcement" } & ValueOf<typeof table.announcement>;
export type Grant = { readonly kind: "grant" } & ValueOf<typeof table.grant>;
export type Publication = { readonly kind: "publication" } & ValueOf<typeof table.publication>;
export type Line = { readonly kind: "line" } & ValueOf<typeof table.line>;
export type Statement = Announcement | Grant | Publication | Line;

/** The bytes a warrant's signature covers. */
export function warrantBytes(charter: Charter, claims: Omit<Warrant, "signature">): Uint8Array {
  return claimBytes("starling lab warrant 1\n", charter, warrantClaims, claims);
}

/** The bytes a ticket's signature covers. */
export function ticketBytes(charter: Charter, claims: Omit<Ticket, "signature">): Uint8Array {
  return claimBytes("starling lab ticket 1\n", charter, ticketClaims, claims);
}

/** The bytes that the signature at the end of a statement covers. */
export function signedBytes(statement: Uint8Array): Uint8Array {
  const writer = new Writer();
  for (const character of "starling lab statement 1\n") writer.u8(character.charCodeAt(0));
  writer.raw(statement.subarray(0, statement.length - SIGNATURE_BYTES));
  return writer.take();
}

function claimBytes<Claims>(
  label: string,
  charter: Charter,
  schema: Schema<Claims>,
  claims: Claims,
): Uint8Array {
  const writer = new Writer();
  for (const character of label) writer.u8(character.charCodeAt(0));
  writer.raw(bytesOfCharter(charter));
  schema.write(writer, claims);
  return writer.take();
}
