/**
 * What is typed, scanned or pasted to find something: a session or a content, and where.
 *
 *     starling:join/ADDRESS/KEY            the teacher's signing key, so that nobody else is believed
 *     starling:get/CONTENT/SIGN/AGREE/ADDRESS
 */
import type { ContentSource } from "../../protocols/swarm/mod.ts";

export interface JoinLink {
  readonly address: string;
  /** 32 bytes; undefined for an address typed by hand. */
  readonly authority: Uint8Array | undefined;
}

export interface GetLink {
  /** 64 hexadecimal digits. */
  readonly content: string;
  readonly source: ContentSource;
}

const HEX = "[0-9a-f]{64}";
const ADDRESS = String.raw`(?:[\w.-]+|\[[0-9a-fA-F:.%\w]+\]):\d{1,5}`;
const JOIN = new RegExp(`^starling:join/(${ADDRESS})/(${HEX})$`);
const GET = new RegExp(`^starling:get/(${HEX})/(${HEX})/(${HEX})/(${ADDRESS})$`);

/** True for `10.0.0.7:45454`, `[fe80::1]:45454`, `pc7.local:45454`. */
export function isAddress(text: string): boolean {
  return new RegExp(`^${ADDRESS}$`).test(text);
}

export function joinLink(address: string, authority: string): string {
  return `starling:join/${address}/${authority}`;
}

/** A link, or an address with or without its port. */
export function readJoin(text: string, defaultPort: number): JoinLink | undefined {
  const parts = JOIN.exec(text);
  if (parts !== null) return { address: parts[1]!, authority: Uint8Array.fromHex(parts[2]!) };
  if (isAddress(text)) return { address: text, authority: undefined };
  const withPort = `${text}:${defaultPort}`;
  return isAddress(withPort) ? { address: withPort, authority: undefined } : undefined;
}

export function getLink(content: string, sign: string, agree: string, address: string): string {
  return `starling:get/${content}/${sign}/${agree}/${address}`;
}

export function readGet(text: string): GetLink | undefined {
  const parts = GET.exec(text);
  if (parts === null) return undefined;
  const keys = { sign: Uint8Array.fromHex(parts[2]!), agree: Uint8Array.fromHex(parts[3]!) };
  return { content: parts[1]!, source: { keys, address: parts[4]! } };
}
