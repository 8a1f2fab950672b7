/** What an address says about where it is. */
import type { Address } from "../../core/mod.ts";

/** The address without its port. */
export function hostOf(address: Address): string {
  const colon = address.lastIndexOf(":");
  return colon < 0 ? address : address.slice(0, colon);
}

/** `:45454`, with its colon; empty where there is none. */
export function portOf(address: Address): string {
  const colon = address.lastIndexOf(":");
  return colon < 0 ? "" : address.slice(colon);
}

/**
 * The part of an address that neighbours in one room share: a /24 of IPv4, a /64 of IPv6, else the
 * whole host name. Only a guess: it spreads neighbours over networks, nothing is refused by it.
 */
export function networkOf(address: Address): string {
  const host = hostOf(address);
  if (host.startsWith("[")) return groupsOf(host.slice(1, -1)).slice(0, 4).join(":");
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) ? host.slice(0, host.lastIndexOf(".")) : host;
}

/** The eight groups of an IPv6 address, without its zone. */
function groupsOf(host: string): string[] {
  const [head = "", tail] = host.replace(/%.*$/, "").split("::");
  const front = head === "" ? [] : head.split(":");
  if (tail === undefined) return front;
  const back = tail === "" ? [] : tail.split(":");
  while (front.length + back.length < 8) front.push("0");
  return [...front, ...back];
}

/** An IPv4 subnet as people write it. */
export interface Subnet {
  /** Its first address, as a number. */
  readonly first: number;
  readonly hosts: number;
}

/** `10.0.3.0/24`, or undefined where it is not one. */
export function subnetOf(text: string): Subnet | undefined {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (found === null) return undefined;
  const [a, b, c, d, bits] = found.slice(1).map(Number) as [number, number, number, number, number];
  if (a > 255 || b > 255 || c > 255 || d > 255 || bits < 8 || bits > 32) return undefined;
  let hosts = 1;
  for (let bit = bits; bit < 32; bit++) hosts *= 2;
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  return { first: number - number % hosts, hosts };
}

/** The dotted form of an IPv4 address. */
export function dotted(number: number): string {
  const byte = (shift: number) => Math.floor(number / shift) % 256;
  return `${byte(0x100_0000)}.${byte(0x1_0000)}.${byte(0x100)}.${byte(1)}`;
}
