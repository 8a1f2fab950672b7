/**
 * The text protocol of the older peer chat, byte for byte: one message is one connection.
 *
 *     chat       <IP:PORT> @ <TEAM> LF body LF <end>
 *     request    chat with the body CONNECTION_REQUEST
 *     hello      chat with the body TEAM: Hello
 *     goodbye    <IP:PORT> DISCONNECT
 *
 * IP is what the sender takes itself for, and is believed by nobody. PORT is where it listens.
 */
import { utf8 } from "../../core/mod.ts";
import { FRAME_BYTES } from "./limits.ts";

export const REQUEST = "CONNECTION_REQUEST";
const END = "\n<end>";
const GOODBYE = "DISCONNECT";

export type Frame =
  | { readonly kind: "chat" | "request" | "hello"; readonly port: number | undefined }
    & { readonly team: string; readonly body: string }
  | { readonly kind: "goodbye"; readonly port: number | undefined };

/** Who speaks: what the older program shows of it, and where it can be answered. */
export interface Sender {
  readonly ip: string;
  readonly port: number;
  readonly team: string;
}

const decoder = new TextDecoder(); // a message cut within a character is shown with a mark in its place

/** Undefined for what no version of the older program sends. Never throws. */
export function parsed(bytes: Uint8Array): Frame | undefined {
  const text = decoder.decode(bytes);
  const header = /^<([^>]*)>/.exec(text);
  if (header === null) return undefined;
  const port = portOf(header[1]!);
  const rest = text.slice(header[0].length);
  // Only the whole frame is a goodbye: its own receivers take any sentence with this word for one.
  if (rest.trim() === GOODBYE) return { kind: "goodbye", port };
  const team = /^ @ <([^>\n]*)>\n/.exec(rest);
  const end = rest.indexOf(END, (team?.[0].length ?? 1) - 1);
  if (team === null || end < 0) return undefined;
  const body = rest.slice(team[0].length, end);
  const kind = body === REQUEST ? "request" : body === `${team[1]}: Hello` ? "hello" : "chat";
  return { kind, port, team: team[1]!, body };
}

/** Their receivers take anything that Python reads as a number: here it must be a port. */
function portOf(header: string): number | undefined {
  const digits = /:\s*\+?(\d{1,5})\s*$/.exec(header)?.[1];
  const port = Number(digits);
  return digits !== undefined && port >= 1 && port <= 65_535 ? port : undefined;
}

/** Why their receivers would not show a text as it is; undefined where they would. */
export function objectionTo(text: string): string | undefined {
  if (text.includes(GOODBYE)) return `the older program takes the word ${GOODBYE} for a goodbye`;
  if (text.includes(END)) return "the older program would cut it at its end mark";
  return undefined;
}

/** A text as frames that their receivers show whole: cut between characters where it is long. */
export function chatFrames(sender: Sender, text: string): Uint8Array[] {
  const room = FRAME_BYTES - frame(sender, "").length;
  const frames: Uint8Array[] = [];
  let part = "", bytes = 0;
  for (const character of text) {
    const { length } = utf8(character);
    if (bytes + length > room) {
      frames.push(frame(sender, part));
      part = "";
      bytes = 0;
    }
    part += character;
    bytes += length;
  }
  frames.push(frame(sender, part));
  return frames;
}

export function requestFrame(sender: Sender): Uint8Array {
  return frame(sender, REQUEST);
}

export function helloFrame(sender: Sender): Uint8Array {
  return frame(sender, `${sender.team}: Hello`);
}

export function goodbyeFrame({ ip, port }: Sender): Uint8Array {
  return utf8(`<${ip}:${port}> ${GOODBYE}`);
}

/** A name that their receivers read as it is. */
export function teamOf(name: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what it must find
  const team = name.replaceAll(/[<>\u0000-\u001f\u007f]/g, "").trim().slice(0, 40);
  return team === "" || team.includes(GOODBYE) ? "Starling" : team;
}

function frame({ ip, port, team }: Sender, body: string): Uint8Array {
  return utf8(`<${ip}:${port}> @ <${team}>\n${body}${END}`);
}
