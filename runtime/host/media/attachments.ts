/** Files that go with letters: sealed on their way out, opened when they have come, remembered over restarts. */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { hex, KEY_BYTES } from "../../core/mod.ts";
import { chat, swarm } from "../../protocols/mod.ts";
import type { Seal } from "../disk/mod.ts";
import { firstFree } from "../disk/inbox.ts";
import { withoutDetails } from "./details.ts";
import { openFile, sealFile } from "./sealed_file.ts";
import { typeOf } from "./types.ts";

const FOLDER = "sealed", NOTES = "attachments.jsonl";
/** Starts a note of what is in the inbox; the others are in base 64. */
const OPENED = "opened ";
const START_BYTES = 4_096;

/** A file that is ready to go: what the letter will say of it, but for where it is. */
export interface Sealed {
  readonly path: string;
  readonly key: Uint8Array;
  readonly bytes: number;
  readonly type: string;
  readonly name: string;
  /** It may tell where and when it was taken, though nobody has asked for that: there is no taking it out. */
  readonly tells: boolean;
}

/**
 * Seals a file into the node's folder. An image loses its details and its name, unless they are to be kept.
 * Throws a sentence where it is too large, before anything is written.
 */
export function sealed(folder: string, path: string, keepsDetails: boolean): Sealed {
  const { size } = fs.statSync(path);
  if (size > chat.ATTACHED_BYTES) {
    throw new RangeError(
      `${path} has ${size} bytes: at most ${chat.ATTACHED_BYTES} (25 MiB) go with a message`,
    );
  }
  const made = `${folder}/${FOLDER}`;
  fs.mkdirSync(made, { recursive: true, mode: 0o700 });
  const name = swarm.portablePath(path.slice(path.lastIndexOf("/") + 1));
  const start = readStart(path), type = typeOf(start);
  const key = new Uint8Array(randomBytes(KEY_BYTES));
  const target = `${made}/${hex(new Uint8Array(randomBytes(8)))}.sealed`;
  const bare = keepsDetails || !type.startsWith("image/")
    ? undefined
    : withoutDetails(new Uint8Array(fs.readFileSync(path)), type);
  if (bare === undefined) {
    sealFile(path, target, key, size);
    const tells = !keepsDetails && /^(image|video)\//.test(type);
    return { path: target, key, bytes: size, type, name, tells };
  }
  const clear = `${target}.clear`;
  fs.writeFileSync(clear, bare, { mode: 0o600, flag: "wx" });
  try {
    sealFile(clear, target, key, bare.length);
  } finally {
    fs.rmSync(clear, { force: true });
  }
  return {
    path: target,
    key,
    bytes: bare.length,
    type,
    name: `image.${type.slice(6)}`,
    tells: false,
  };
}

/** What is to come with letters that were received: by the content that brings it. */
export class Attachments {
  readonly #awaited = new Map<string, chat.Attachment>();
  /** What was put into the inbox: it is not put there again when a restart tells that it is complete. */
  readonly #opened = new Set<string>();
  readonly #path: string;

  constructor(readonly folder: string, readonly seal: Seal) {
    this.#path = `${folder}/${NOTES}`;
    const text = fs.existsSync(this.#path) ? fs.readFileSync(this.#path, "utf8") : "";
    for (const line of text.split("\n")) {
      const bytes = seal.openLine(line);
      const isOpened = bytes?.startsWith(OPENED) === true;
      if (isOpened) this.#opened.add(bytes.slice(OPENED.length));
      const attachment = bytes && !isOpened ? chat.readAttachment(bytesOf(bytes)) : undefined;
      if (attachment !== undefined) this.#awaited.set(hex(attachment.content), attachment);
    }
  }

  /** False where it is awaited already. */
  expect(attachment: chat.Attachment): boolean {
    const content = hex(attachment.content);
    if (this.#awaited.has(content)) return false;
    this.#awaited.set(content, attachment);
    this.#note(chat.attachmentBytes(attachment).toBase64());
    return true;
  }

  isOpened(content: string): boolean {
    return this.#opened.has(content);
  }

  #note(text: string): void {
    fs.appendFileSync(this.#path, `${this.seal.sealLine(text)}\n`, { mode: 0o600 });
    fs.chmodSync(this.#path, 0o600);
  }

  of(content: string): chat.Attachment | undefined {
    return this.#awaited.get(content);
  }

  /** Opens what has come into the inbox: where it is then. The sealed file stays, for those who want it. */
  open(content: string, sealedPath: string, inbox: string): string {
    const { key, bytes, name } = this.#awaited.get(content)!;
    fs.mkdirSync(inbox, { recursive: true });
    const draft = `${inbox}/.starling-${content.slice(0, 16)}`;
    fs.rmSync(draft, { force: true });
    openFile(sealedPath, draft, key, bytes);
    const safe = swarm.portablePath(name.replace(/[/\\]/g, "_"));
    const place = firstFree(inbox, safe, (free) => {
      fs.linkSync(draft, free);
      fs.rmSync(draft);
    });
    this.#opened.add(content);
    this.#note(`${OPENED}${content}`);
    return place;
  }

  /** Where what has come lies until it is opened. */
  get arrivals(): string {
    return `${this.folder}/${FOLDER}`;
  }
}

function readStart(path: string): Uint8Array {
  const file = fs.openSync(path, "r"), start = new Uint8Array(START_BYTES);
  try {
    return start.subarray(0, fs.readSync(file, start, 0, START_BYTES, 0));
  } finally {
    fs.closeSync(file);
  }
}

function bytesOf(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return new Uint8Array(0); // cut short by a crash
  }
}
