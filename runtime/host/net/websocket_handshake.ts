/** How a WebSocket begins: one request, one answer (RFC 6455, section 4), both short and strictly read. */
import { createHash, randomBytes } from "node:crypto";
import { Broken, type Stream } from "./stream.ts";

/** A request or an answer is no longer than this; whoever sends more is cut. */
const HEADERS_BYTES = 4 * 1024;
const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const END = [13, 10, 13, 10];

const encoder = new TextEncoder();

/** The lines up to the empty one, and what came after it. */
export async function readHeaders(
  stream: Stream,
  begun: Uint8Array,
): Promise<{ readonly lines: readonly string[]; readonly rest: Uint8Array }> {
  const bytes = new Uint8Array(HEADERS_BYTES);
  if (begun.length > HEADERS_BYTES) throw new Broken("too-large");
  bytes.set(begun);
  for (let have = begun.length, looked = 0;;) {
    for (; looked + END.length <= have; looked++) {
      if (END.every((byte, at) => bytes[looked + at] === byte)) {
        const text = String.fromCharCode(...bytes.subarray(0, looked));
        return { lines: text.split("\r\n"), rest: bytes.slice(looked + END.length, have) };
      }
    }
    if (have === HEADERS_BYTES) throw new Broken("too-large");
    const count = await stream.read(bytes.subarray(have));
    if (count === null) throw new Broken("closed");
    have += count;
  }
}

/** The answer to a request: 101, or a refusal. */
export function responseOf(
  lines: readonly string[],
  origins: readonly string[],
): { readonly status: number; readonly bytes: Uint8Array } {
  const fields = fieldsOf(lines);
  const key = fields?.get("sec-websocket-key") ?? "";
  if (
    fields === undefined || !/^GET \/[!-~]* HTTP\/1\.1$/.test(lines[0]!) ||
    !fields.has("host") || !isUpgrade(fields) || !/^[A-Za-z0-9+/]{22}==$/.test(key)
  ) return refusal(400, "Bad Request");
  if (fields.get("sec-websocket-version") !== "13") {
    return refusal(426, "Upgrade Required", "Sec-WebSocket-Version: 13");
  }
  const origin = fields.get("origin");
  if (origin !== undefined && !origins.includes(origin)) return refusal(403, "Forbidden");
  const bytes = encoder.encode(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${answerTo(key)}\r\n\r\n`,
  );
  return { status: 101, bytes };
}

/** What a client asks. */
export function requestOf(host: string): { readonly key: string; readonly bytes: Uint8Array } {
  const key = randomBytes(16).toString("base64");
  const bytes = encoder.encode(
    `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  return { key, bytes };
}

/** True where the server has agreed, and to nothing that was not asked for. */
export function acceptanceOf(lines: readonly string[], key: string): boolean {
  const fields = fieldsOf(lines);
  return fields !== undefined && /^HTTP\/1\.1 101( |$)/.test(lines[0]!) && isUpgrade(fields) &&
    fields.get("sec-websocket-accept") === answerTo(key) &&
    !fields.has("sec-websocket-extensions") && !fields.has("sec-websocket-protocol");
}

/** Undefined where a line is no field, or a field comes twice. */
function fieldsOf(lines: readonly string[]): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const found = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+):([ -~\t]*)$/.exec(line);
    if (found === null) return undefined;
    const name = found[1]!.toLowerCase();
    if (fields.has(name)) return undefined;
    fields.set(name, found[2]!.trim());
  }
  return fields;
}

function isUpgrade(fields: ReadonlyMap<string, string>): boolean {
  const says = (name: string, word: string) =>
    (fields.get(name) ?? "").toLowerCase().split(/[ \t]*,[ \t]*/).includes(word);
  return says("upgrade", "websocket") && says("connection", "upgrade");
}

function answerTo(key: string): string {
  return createHash("sha1").update(key + MAGIC).digest("base64");
}

function refusal(status: number, words: string, field?: string) {
  const more = field === undefined ? "" : `${field}\r\n`;
  const text =
    `HTTP/1.1 ${status} ${words}\r\n${more}Connection: close\r\nContent-Length: 0\r\n\r\n`;
  return { status, bytes: encoder.encode(text) };
}
