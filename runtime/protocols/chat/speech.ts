/** What somebody says, in a letter or a group: something new, perhaps in answer, or a change to what they said. */
import { exactly, hex, oneOf, optional, type Schema, textUpTo, unhex } from "../../core/mod.ts";
import { ID_BYTES } from "./limits.ts";

/** `edits` and `deletes` are about a message of the same writer; `says` may answer anybody's. */
export const DEEDS = ["says", "edits", "deletes"] as const;
export type Deed = typeof DEEDS[number];

/** As it is kept and sent. */
export interface Speech {
  readonly deed: Deed;
  /** The id of another message. */
  readonly about: Uint8Array | undefined;
  readonly text: string;
}

/** As a person asks for it, and is told of it. */
export interface Spoken {
  readonly deed: Deed;
  /** 32 hexadecimal digits, of the message that is answered, changed or taken back. */
  readonly about: string | undefined;
  readonly text: string;
}

/** Nothing new is said: of letters that are for something else. */
export const SILENCE: Speech = { deed: "says", about: undefined, text: "" };

/** The parts of a message that are speech. */
export function speechFields(textBytes: number): {
  readonly [Field in keyof Speech]: Schema<Speech[Field]>;
} {
  return {
    deed: oneOf(DEEDS),
    about: optional(exactly(ID_BYTES)),
    text: textUpTo(textBytes),
  };
}

/** Whether it says what it is about, and nothing that it should not. */
export function isSound({ deed, about, text }: Speech): boolean {
  if (deed === "says") return text !== "";
  return about !== undefined && (text === "") === (deed === "deletes");
}

/** Undefined where `about` is no id. */
export function speechOf({ deed = "says", about, text }: Partial<Spoken>): Speech | undefined {
  const bytes = about === undefined ? undefined : unhex(about);
  if (about !== undefined && bytes?.length !== ID_BYTES) return undefined;
  return { deed, about: bytes, text: text ?? "" };
}

/** For people. */
export function spokenOf({ deed, about, text }: Speech): Spoken {
  return { deed, about: about && hex(about), text };
}

/** `Ben: hello`, in one sentence. */
export function speechWords(who: string, { deed, text }: Pick<Spoken, "deed" | "text">): string {
  if (deed === "edits") return `${who} has changed a message: ${text}`;
  if (deed === "deletes") return `${who} has taken a message back`;
  return `${who}: ${text}`;
}
