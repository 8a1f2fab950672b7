/** Addresses as the system and as nodes write them: `10.0.0.7:45454`, `[fe80::1%eth0]:45454`. */
import type { Address } from "../../core/mod.ts";

/** A host and a port. The host of IPv6 has no brackets; its zone, if any, is part of it. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Undefined where it is not `host:port`. */
export function placeOf(address: Address): Place | undefined {
  const found = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]{1,32})?)\]|([\w.-]{1,253})):(\d{1,5})$/.exec(
    address,
  );
  if (found === null) return undefined;
  const port = Number(found[3]);
  return port >= 1 && port <= 65_535 ? { host: (found[1] ?? found[2])!, port } : undefined;
}

/** `host:port`, with the brackets of IPv6. */
export function addressOf({ host, port }: Place): Address {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The host as it is compared: without a zone, and IPv4 as such where it came through an IPv6 socket. */
export function plainHost(host: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host);
  if (mapped !== null) return mapped[1]!;
  const zone = host.indexOf("%");
  return zone < 0 ? host : host.slice(0, zone);
}

/** The 4 or 16 bytes of an address, or undefined for a name. */
export function bytesOf(host: string): Uint8Array | undefined {
  const plain = plainHost(host);
  return plain.includes(":") ? sixteenOf(plain) : fourOf(plain);
}

function fourOf(host: string): Uint8Array | undefined {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host);
  const numbers = found?.slice(1).map(Number);
  return numbers?.every((number) => number <= 255) ? Uint8Array.from(numbers) : undefined;
}

function sixteenOf(host: string): Uint8Array | undefined {
  const [front = "", back, more] = host.split("::");
  if (more !== undefined) return undefined;
  const head = groupsOf(front), tail = groupsOf(back ?? "");
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (back === undefined ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

/** The bytes of groups between colons; the last may be an IPv4 address. */
function groupsOf(text: string): number[] | undefined {
  const bytes: number[] = [];
  for (const group of text === "" ? [] : text.split(":")) {
    if (group.includes(".")) bytes.push(...fourOf(group) ?? [-1]);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(group)) {
      const number = parseInt(group, 16);
      bytes.push(number >>> 8, number & 255);
    } else return undefined;
  }
  return bytes.includes(-1) || bytes.length > 16 ? undefined : bytes;
}

/** True where the first so many bits are the same. */
export function sharePrefix(one: Uint8Array, other: Uint8Array, bits: number): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at * 8 < bits; at++) {
    const shift = Math.max(0, 8 - (bits - at * 8));
    if (one[at]! >>> shift !== other[at]! >>> shift) return false;
  }
  return true;
}

/** Networks that nobody reaches from the internet (RFC 1918, 3927, 4193, 4291, 6598). */
const PRIVATE: readonly (readonly [string, number])[] = [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
  ["100.64.0.0", 10],
  ["fc00::", 7],
  ["fe80::", 10],
];
const PRIVATE_BYTES = PRIVATE.map(([network, bits]) => [bytesOf(network)!, bits] as const);

/** True for an address that a stranger from the internet cannot have. */
export function isPrivate(host: string): boolean {
  const bytes = bytesOf(host);
  if (bytes === undefined) return false;
  return PRIVATE_BYTES.some(([network, bits]) => sharePrefix(bytes, network, bits));
}

/** True for an address of one cable only, which means nothing without its zone. */
export function isLinkLocal(host: string): boolean {
  const bytes = bytesOf(host);
  if (bytes === undefined) return false;
  return bytes.length === 16
    ? bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80
    : bytes[0] === 169 && bytes[1] === 254;
}

/** The last address of an IPv4 network: everyone in it. */
export function broadcastOf(host: string, bits: number): string | undefined {
  const bytes = bytesOf(host);
  if (bytes?.length !== 4 || bits > 30) return undefined; // two hosts or one have no such address
  return [...bytes].map((byte, at) => byte | (255 >>> Math.min(8, Math.max(0, bits - at * 8))))
    .join(".");
}
