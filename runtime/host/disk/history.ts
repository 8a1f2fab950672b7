/**
 * What was said, as lines of sealed JSON that outlive a restart: only ever appended to, durable when it returns.
 * A half line at the end is what a crash leaves, and is skipped.
 */
import fs from "node:fs";
import type { Seal } from "./at_rest.ts";
import { FILE_MODE } from "./folder.ts";

const NAME = "history.jsonl";
/** A file that has grown so far is put aside, in the place of the one that was put aside before. */
const MOST_BYTES = 8 * 1024 * 1024;

export class History {
  readonly #path: string;
  #file: number;
  #bytes: number;

  constructor(folder: string, readonly seal: Seal) {
    this.#path = `${folder}/${NAME}`;
    this.#file = fs.openSync(this.#path, "a+", FILE_MODE);
    this.#bytes = fs.fstatSync(this.#file).size;
    if (this.#bytes > 0 && !this.#endsWhole()) this.#write("\n");
  }

  /** Everything that can be read, the oldest first. */
  static *read(folder: string, seal: Seal): Iterable<unknown> {
    for (const name of [`${NAME}.old`, NAME]) {
      const path = `${folder}/${name}`;
      if (!fs.existsSync(path)) continue;
      for (const line of fs.readFileSync(path, "utf8").split("\n")) {
        const value = parsed(seal.openLine(line));
        if (value !== undefined) yield value;
      }
    }
  }

  append(value: object): void {
    if (this.#bytes > MOST_BYTES) this.#putAside();
    this.#write(`${this.seal.sealLine(JSON.stringify(value))}\n`);
    fs.fdatasyncSync(this.#file);
  }

  close(): void {
    fs.closeSync(this.#file);
  }

  #write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += fs.writeSync(this.#file, bytes, at);
    this.#bytes += bytes.length;
  }

  #endsWhole(): boolean {
    const last = new Uint8Array(1);
    fs.readSync(this.#file, last, 0, 1, this.#bytes - 1);
    return last[0] === 10;
  }

  #putAside(): void {
    fs.closeSync(this.#file);
    fs.renameSync(this.#path, `${this.#path}.old`);
    this.#file = fs.openSync(this.#path, "a+", FILE_MODE);
    this.#bytes = 0;
  }
}

function parsed(line: string | undefined): unknown {
  if (line === undefined || line === "") return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // cut short by a crash: its event is told again where it counts
  }
}
