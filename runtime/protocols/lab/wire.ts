/** What two devices of a session say to each other over their link. New kinds go to the end. */
import {
  bytesUpTo,
  exactly,
  flag,
  KEY_BYTES,
  limits,
  listOf,
  type MessageOf,
  oneOf,
  optional,
  struct,
  textUpTo,
  upTo,
  type ValueOf,
  wire,
} from "../../core/mod.ts";
import { SESSION_BYTES } from "./charter.ts";
import { CATCH_UP, KEPT_STATEMENT_BYTES, LETTER_BYTES, SAMPLE, SEQUENCES } from "./limits.ts";
import { PROOF_BYTES } from "./secret.ts";
import { addressSchema, labelUpTo, ticketSchema } from "./statement.ts";

const session = exactly(SESSION_BYTES);
const statement = bytesUpTo(KEPT_STATEMENT_BYTES);
const number = upTo(SEQUENCES);

const neighbour = struct({
  sign: exactly(KEY_BYTES),
  agree: exactly(KEY_BYTES),
  address: addressSchema,
});
/** A peer that a newcomer may meet. */
export type Neighbour = ValueOf<typeof neighbour>;

const table = {
  /** Let me in. The proof is of the session's secret, and of no use on any other link. */
  hello: struct({
    session,
    who: labelUpTo(limits.NAME_BYTES),
    address: addressSchema,
    proof: optional(exactly(PROOF_BYTES)),
  }),
  /** You are in, under the ticket's name; the statement is my announcement. */
  welcome: struct({ session, statement, ticket: ticketSchema, meet: listOf(neighbour, SAMPLE) }),
  /** You are not: the room is full, the secret is wrong, or there is no such session here. */
  declined: struct({ session, why: oneOf(["too-many", "unauthorised", "expired"]) }),
  /** What I know of the session; tell me what I lack. */
  recall: struct({ session, digest: exactly(32) }),
  /** Statements for you to check; after the last, what I lack may come back the same way. */
  catchUp: struct({ session, statements: listOf(statement, CATCH_UP), last: flag }),
  goodbye: struct({ session }),
  /** A question to the teacher, or its answer. */
  letter: struct({
    session,
    number,
    answers: optional(number),
    text: textUpTo(LETTER_BYTES),
  }),
  /** I have kept that letter of yours. */
  kept: struct({ session, number }),
};

export const labWire = wire(table);
export type LabMessage = MessageOf<typeof table>;
export type MessageKind<Kind extends LabMessage["kind"]> = Extract<LabMessage, { kind: Kind }>;
