/** The interfaces of this machine: which of them to use, and by which others reach it best. */
import { broadcastOf, bytesOf, isLinkLocal, plainHost, sharePrefix } from "./ip.ts";
import * as limits from "./limits.ts";

export type InterfaceKind = "wired" | "wireless" | "vpn" | "virtual" | "loopback";

/** One address of one interface. */
export interface Interface {
  readonly name: string;
  readonly kind: InterfaceKind;
  readonly family: 4 | 6;
  /** Without a zone. */
  readonly address: string;
  /** What says on which cable an address is that means nothing without. */
  readonly zone: string;
  /** As sockets take it: with the zone, where there must be one. */
  readonly host: string;
  /** How many bits of the address those on the same cable share. */
  readonly bits: number;
  readonly broadcast: string | undefined;
  /** The system's number of the interface, for IPv6 multicast. */
  readonly scope: number;
}

/** What the system says about one address. */
export interface SystemAddress {
  readonly name: string;
  readonly family: "IPv4" | "IPv6";
  readonly address: string;
  readonly cidr: string;
  readonly scopeid: number | null;
}

/** The first that fits; a name that says nothing is a cable. */
const KINDS: readonly (readonly [InterfaceKind, RegExp])[] = [
  ["loopback", /^lo\d*$|^loopback/i],
  [
    "virtual",
    /^(docker|br-|veth|virbr|vmnet|vmenet|vboxnet|vethernet|lxc|lxd|cni|flannel|podman|dummy|bridge\d|tap)/i,
  ],
  ["vpn", /^(tun|utun|ppp|wg|tailscale|zt|ipsec|nordlynx|proton|gpd|vpn)/i],
  ["wireless", /^(wl|wi-?fi|ath\d|ra\d|awdl|llw)/i],
  ["wired", /^/],
];

/** What its name says about an interface. */
export function kindOf(name: string): InterfaceKind {
  return KINDS.find(([, pattern]) => pattern.test(name))![0];
}

const LOOPBACK: readonly SystemAddress[] = [
  { name: "lo", family: "IPv4", address: "127.0.0.1", cidr: "127.0.0.1/8", scopeid: null },
  { name: "lo", family: "IPv6", address: "::1", cidr: "::1/128", scopeid: 0 },
];

/** The addresses to use, the one that others reach best first; loopback is the last. */
export function usedInterfaces(bind: readonly string[] | undefined): readonly Interface[] {
  // Whoever asks for loopback only need not be allowed to look at the machine.
  const needsLook = bind === undefined || !bind.every(isLoopback);
  return chosen(needsLook ? Deno.networkInterfaces() : LOOPBACK, bind);
}

/** The same of given addresses. */
export function chosen(
  addresses: readonly SystemAddress[],
  bind: readonly string[] | undefined,
): readonly Interface[] {
  const all = addresses.map(interfaceOf).sort((one, other) => rank(one) - rank(other));
  if (bind !== undefined) {
    const wanted = new Set(bind.map(plainHost));
    const own = all.filter(({ address }) => wanted.delete(address));
    // 127.0.0.2 is an address of loopback as well, though no system lists it.
    const others = [...wanted].filter(isLoopback).map(interfaceAtLoopback);
    return [...own, ...others].slice(0, limits.INTERFACES);
  }
  const inward = all.filter(({ kind }) => kind === "loopback");
  return [...outwardOf(all).slice(0, limits.INTERFACES), ...inward];
}

/** Those that lead to other machines. */
export function outwardOf(interfaces: readonly Interface[]): readonly Interface[] {
  return interfaces.filter(({ kind }) => kind !== "loopback");
}

/** True where a host is on the same cable as one of the interfaces. */
export function isOnLink(host: string, interfaces: readonly Interface[]): boolean {
  const bytes = bytesOf(host);
  if (bytes === undefined) return false;
  return interfaces.some(({ address, bits }) => sharePrefix(bytes, bytesOf(address)!, bits));
}

function interfaceOf({ name, family, address, cidr, scopeid }: SystemAddress): Interface {
  const bits = Number(cidr.slice(cidr.indexOf("/") + 1));
  const isZoned = family === "IPv6" && isLinkLocal(address);
  // Names of interfaces have spaces on Windows, where zones are numbers.
  const zone = Deno.build.os === "windows" ? `${scopeid}` : name;
  return {
    name,
    kind: isLoopback(address) ? "loopback" : kindOf(name),
    family: family === "IPv4" ? 4 : 6,
    address,
    zone,
    host: isZoned ? `${address}%${zone}` : address,
    bits,
    broadcast: family === "IPv4" ? broadcastOf(address, bits) : undefined,
    scope: scopeid ?? 0,
  };
}

function interfaceAtLoopback(address: string): Interface {
  return interfaceOf({ ...LOOPBACK[0]!, address, cidr: `${address}/8` });
}

function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "::1";
}

const ORDER: readonly InterfaceKind[] = ["wired", "wireless", "vpn", "virtual", "loopback"];

/** Small for the address that others reach best; one that nobody has given out comes last. */
function rank({ kind, family, address }: Interface): number {
  const unassigned = isLinkLocal(address) ? 100 : 0;
  return unassigned + ORDER.indexOf(kind) * 2 + (family === 4 ? 0 : 1);
}
