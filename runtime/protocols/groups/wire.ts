/** What members of a group say to each other, inside letters: links carry none of it by itself. */
import {
  bytesUpTo,
  exactly,
  listOf,
  type MessageOf,
  SIGNATURE_BYTES,
  struct,
  u32,
  type Wire,
  wire,
} from "../../core/mod.ts";
import { changeSchema } from "./change.ts";
import * as limits from "./limits.ts";
import { sharedKey } from "./sender_key.ts";

const group = exactly(limits.GROUP_BYTES);

const messages = {
  /** Who is in it: some changes, in the order of the chain. */
  changes: struct({ group, changes: listOf(changeSchema, limits.CHANGES_AT_ONCE) }),
  /** The key that I speak with from now on. */
  key: struct({ group, key: sharedKey }),
  said: struct({
    group,
    /** The roster that the sender knows. */
    roster: exactly(limits.HASH_BYTES),
    number: u32,
    iteration: u32,
    sealed: bytesUpTo(limits.SEALED_BYTES),
    signature: exactly(SIGNATURE_BYTES),
  }),
  /** I have no key of yours, or lack changes: say it all again. */
  lost: struct({ group }),
};

export type GroupMessage = MessageOf<typeof messages>;
export const groupWire: Wire<GroupMessage> = wire(messages);
