/** Commands and events as JSON: bytes become `{"$bytes": "..."}` in Base64, everything else stays as it is. */

interface Packed {
  readonly $bytes: string;
}

/** One line of JSON. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, part) => part instanceof Uint8Array ? packed(part) : part);
}

/** The value, or undefined where the text is no JSON. */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(
      text,
      (_key, part) => isPacked(part) ? Uint8Array.fromBase64(part.$bytes) : part,
    );
  } catch {
    return undefined; // the platform's parser has no other way to say so
  }
}

function packed(bytes: Uint8Array): Packed {
  return { $bytes: bytes.toBase64() };
}

function isPacked(part: unknown): part is Packed {
  return typeof part === "object" && part !== null && "$bytes" in part &&
    typeof part.$bytes === "string" && Object.keys(part).length === 1;
}
