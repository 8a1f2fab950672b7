/**
 * Packets on a line that has no packets, and noise: each is found again behind whatever came before it.
 *
 * Between zero bytes stand the bytes of one packet, without a zero among them (COBS, Cheshire and Baker
 * 1999), the last four being the CRC-32 of the others. Noise that passes for a packet is one in four
 * thousand million.
 */

/** The longest payload of a packet. Short enough that an error costs little at 115,200 baud. */
export const PAYLOAD_BYTES = 1_024;

/** What one end says to the other. */
export interface Packet {
  readonly kind: "hello" | "data" | "beat" | "end";
  /** The sender's present epoch. */
  readonly from: number;
  /** Of a hello, the epoch of the other side, or 0; else how many data packets came before. */
  readonly number: number;
  readonly payload: Uint8Array;
}

const KINDS = ["hello", "data", "beat", "end"] as const;
const HEAD_BYTES = 9;
const CRC_BYTES = 4;
const MOST_BYTES = HEAD_BYTES + PAYLOAD_BYTES + CRC_BYTES;
/** A group of COBS is at most so long, its own length included. */
const GROUP = 255;

/** The bytes of a packet, with a zero before and behind. */
export function encodePacket({ kind, from, number, payload }: Packet): Uint8Array {
  const plain = new Uint8Array(HEAD_BYTES + payload.length + CRC_BYTES);
  const view = new DataView(plain.buffer);
  plain[0] = KINDS.indexOf(kind);
  view.setUint32(1, from);
  view.setUint32(5, number);
  plain.set(payload, HEAD_BYTES);
  const end = plain.length - CRC_BYTES;
  view.setUint32(end, crc32(plain.subarray(0, end)));
  return stuffed(plain);
}

/** Packets out of whatever comes. */
export class PacketReader {
  readonly #held = new Uint8Array(MOST_BYTES + Math.ceil(MOST_BYTES / (GROUP - 1)) + 1);
  #have = 0;
  #isOverlong = false;

  /** The packets that these bytes complete; undefined for each that is none. */
  push(bytes: Uint8Array): (Packet | undefined)[] {
    const packets: (Packet | undefined)[] = [];
    for (const byte of bytes) {
      if (byte !== 0) {
        if (this.#have === this.#held.length) this.#isOverlong = true;
        else this.#held[this.#have++] = byte;
        continue;
      }
      // Two zeros in a row are the end of one packet and the beginning of the next.
      if (this.#have > 0) {
        packets.push(this.#isOverlong ? undefined : decoded(this.#held.subarray(0, this.#have)));
      }
      this.#have = 0;
      this.#isOverlong = false;
    }
    return packets;
  }
}

function decoded(bytes: Uint8Array): Packet | undefined {
  const plain = unstuffed(bytes);
  if (plain === undefined || plain.length < HEAD_BYTES + CRC_BYTES) return undefined;
  if (plain.length > MOST_BYTES) return undefined;
  const view = new DataView(plain.buffer, plain.byteOffset, plain.length);
  const end = plain.length - CRC_BYTES;
  const kind = KINDS[plain[0]!];
  if (kind === undefined || view.getUint32(end) !== crc32(plain.subarray(0, end))) return undefined;
  const payload = plain.subarray(HEAD_BYTES, end);
  return { kind, from: view.getUint32(1), number: view.getUint32(5), payload };
}

/** Each zero is replaced by how far it is to the next, or to the end of the group. */
function stuffed(plain: Uint8Array): Uint8Array {
  const out = new Uint8Array(plain.length + Math.ceil(plain.length / (GROUP - 1)) + 3);
  let code = 1, at = 2;
  for (const byte of plain) {
    if (byte !== 0) out[at++] = byte;
    if (byte === 0 || at - code === GROUP) {
      out[code] = at - code;
      code = at++;
    }
  }
  out[code] = at - code;
  out[at++] = 0;
  return out.subarray(0, at);
}

/** Undefined where a group is longer than what there is. */
function unstuffed(bytes: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length;) {
    const end = at + bytes[at]!;
    if (end > bytes.length) return undefined;
    out.set(bytes.subarray(at + 1, end), length);
    length += end - at - 1;
    // A zero follows each group but a full one, and the last.
    if (end - at < GROUP && end < bytes.length) length++;
    at = end;
  }
  return out.slice(0, length);
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb8_8320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** As Ethernet and ZIP have it. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}
