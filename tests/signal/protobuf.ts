/** As much of Protocol Buffers as Signal's messages need: numbers and bytes, by the number of a field. */
import { joined } from "../../runtime/core/mod.ts";

export type Fields = ReadonlyMap<number, number | Uint8Array>;

const BYTES = 2;

export function encoded(fields: readonly (readonly [number, number | Uint8Array])[]): Uint8Array {
  return joined(
    ...fields.map(([number, value]) =>
      typeof value === "number"
        ? joined(varint(number << 3), varint(value))
        : joined(varint((number << 3) | BYTES), varint(value.length), value)
    ),
  );
}

export function decoded(bytes: Uint8Array): Fields {
  const fields = new Map<number, number | Uint8Array>();
  let at = 0;
  const next = () => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = next(), value = next();
    if ((tag & 7) !== BYTES) fields.set(tag >>> 3, value);
    else {
      fields.set(tag >>> 3, bytes.slice(at, at + value));
      at += value;
    }
  }
  return fields;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
