/** Files held open for reading and writing at places of one's own; the one used longest ago goes first. */
import fs from "node:fs";
import { FILE_MODE } from "./folder.ts";
import { OPEN_FILES } from "./limits.ts";
import { codeOf } from "./trouble.ts";

const { O_RDONLY, O_RDWR, O_CREAT, O_NOFOLLOW = 0 } = fs.constants;

export class FilePool {
  /** By path, the one used last at the end. */
  readonly #open = new Map<string, number>();

  constructor(readonly mode: "read" | "write", readonly most = OPEN_FILES) {}

  /** All of these bytes, or undefined where the file is gone or too short. Throws for a broken disk. */
  read(path: string, at: number, length: number): Uint8Array | undefined {
    const file = this.#file(path, false);
    if (file === undefined) return undefined;
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const count = fs.readSync(file, bytes, done, length - done, at + done);
      if (count === 0) return undefined;
      done += count;
    }
    return bytes;
  }

  /** Makes the file if it is not there. Throws where the disk does not take it. */
  write(path: string, at: number, bytes: Uint8Array): void {
    const file = this.#file(path, true)!;
    for (let done = 0; done < bytes.length;) {
      done += fs.writeSync(file, bytes, done, bytes.length - done, at + done);
    }
  }

  /** Until what was written is on the medium. */
  sync(path: string): Promise<void> {
    const file = this.#file(path, false);
    if (file === undefined) return Promise.resolve();
    return new Promise((resolve, reject) =>
      fs.fdatasync(file, (error) => error ? reject(error) : resolve())
    );
  }

  /** The same, at once. */
  syncNow(path: string): void {
    const file = this.#file(path, false);
    if (file !== undefined) fs.fdatasyncSync(file);
  }

  forget(path: string): void {
    const file = this.#open.get(path);
    if (file === undefined) return;
    this.#open.delete(path);
    fs.closeSync(file);
  }

  close(): void {
    for (const path of [...this.#open.keys()]) this.forget(path);
  }

  #file(path: string, create: boolean): number | undefined {
    const known = this.#open.get(path);
    if (known !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, known);
      return known;
    }
    const flags = this.mode === "read" ? O_RDONLY : O_RDWR | O_NOFOLLOW | (create ? O_CREAT : 0);
    let file: number;
    try {
      file = fs.openSync(path, flags, FILE_MODE);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
    if (this.#open.size >= this.most) {
      for (const oldest of this.#open.keys()) {
        this.forget(oldest);
        break;
      }
    }
    this.#open.set(path, file);
    return file;
  }
}
