/**
 * A vault's secret among several people: any so many of them have it together, fewer have nothing (Shamir,
 * "How to share a secret", 1979; by the library shamir-secret-sharing). Each part is a line to hand out.
 *
 *     part = 32 bytes, x coordinate (1), enough (1), of which splitting (4), first 4 bytes of SHA-256 of that
 */
import { createHash, randomBytes } from "node:crypto";
import { combine, split } from "shamir-secret-sharing";
import { joined, KEY_BYTES } from "../../core/mod.ts";

const START = "starling-part-";
const MARK_BYTES = 4, CHECK_BYTES = 4;
const MOST_PARTS = 255;

/** Lines of which any `enough` give the secret back. Throws a `RangeError` with a sentence. */
export async function splitSecret(
  secret: Uint8Array,
  enough: number,
  count: number,
): Promise<readonly string[]> {
  if (!(enough >= 2 && enough <= count && count <= MOST_PARTS)) {
    throw new RangeError(
      `A secret is split among 2 to ${MOST_PARTS}, of whom at least 2 are needed`,
    );
  }
  const mark = new Uint8Array(randomBytes(MARK_BYTES));
  const parts = await split(secret, count, enough);
  return parts.map((part) => {
    const bytes = joined(part, Uint8Array.of(enough), mark);
    return START + joined(bytes, checkOf(bytes)).toHex();
  });
}

/** The secret of enough parts. Throws a `RangeError` that says which line is wrong, or how many are missing. */
export async function joinedSecret(lines: readonly string[]): Promise<Uint8Array> {
  const parts = new Map<string, Uint8Array>();
  let enough = 0, mark: string | undefined;
  for (const line of lines) {
    const bytes = readPart(line);
    if (bytes === undefined) throw new RangeError(`Not a whole part: ${line.slice(0, 30)}...`);
    const own = bytes.slice(KEY_BYTES + 2).toHex();
    if (mark !== undefined && own !== mark) {
      throw new RangeError("These are parts of several secrets");
    }
    mark = own;
    enough = bytes[KEY_BYTES + 1]!;
    parts.set(bytes.slice(0, KEY_BYTES + 1).toHex(), bytes.slice(0, KEY_BYTES + 1));
  }
  if (parts.size < Math.max(2, enough)) {
    throw new RangeError(
      `${enough || "More"} different parts are needed, and here are ${parts.size}`,
    );
  }
  return await combine([...parts.values()].slice(0, enough));
}

function readPart(line: string): Uint8Array | undefined {
  const digits = line.trim().toLowerCase();
  const length = KEY_BYTES + 2 + MARK_BYTES + CHECK_BYTES;
  if (!digits.startsWith(START) || !/^[0-9a-f]+$/.test(digits.slice(START.length))) {
    return undefined;
  }
  if (digits.length !== START.length + 2 * length) return undefined;
  const bytes = Uint8Array.fromHex(digits.slice(START.length));
  const part = bytes.subarray(0, length - CHECK_BYTES);
  return checkOf(part).toHex() === bytes.subarray(length - CHECK_BYTES).toHex() ? part : undefined;
}

function checkOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(START).update(bytes).digest()).subarray(
    0,
    CHECK_BYTES,
  );
}
