/** What goes wrong with files, as a reason of the core's or as a sentence for the person. */
import type { Reason } from "../../core/mod.ts";

/** A person can do something about this: the message is a whole sentence for them. */
export class StorageError extends Error {
  override readonly name = "StorageError";
}

const FULL = new Set(["ENOSPC", "EDQUOT", "SQLITE_FULL"]);

/** Full, or broken: a disk has no other reasons. */
export function reasonOf(error: unknown): Reason {
  return FULL.has(codeOf(error)) || /full|quota|ENOSPC/i.test(messageOf(error))
    ? "disk-full"
    : "disk-error";
}

export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? "");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
