/** Files of the person's own that are shared: found under what they named, read by a lasting handle. */
import fs from "node:fs";
import { resolve } from "node:path";
import { swarm } from "../../protocols/mod.ts";
import type { OpenFiles } from "../ports.ts";
import type { Database } from "./database.ts";
import { SHARED_DEPTH, SHARED_FILES } from "./limits.ts";
import { FilePool } from "./open_files.ts";
import { type NamedFile, readSpan } from "./span.ts";
import { messageOf, StorageError } from "./trouble.ts";

/** What a command that shares needs to know. */
export interface Opened {
  readonly handle: string;
  readonly title: string;
  readonly bytes: number;
  /** With portable paths, one after another in the content. */
  readonly files: readonly NamedFile[];
}

/** A file as it was when it was named. */
interface Found extends NamedFile {
  /** Its portable name within the content. */
  readonly name: string;
  /** Milliseconds since 1970, as the file system says. */
  readonly changed: number;
}

export class OfferedFiles implements OpenFiles {
  readonly #pool = new FilePool("read");
  readonly #known = new Map<string, readonly Found[]>();

  constructor(readonly database: Database) {}

  /** Looks through files and folders. Throws a `StorageError` that says what cannot be shared. */
  open(paths: readonly string[], title?: string): Opened {
    if (paths.length === 0) throw new StorageError("Cannot share nothing: name a file or a folder");
    const found: Found[] = [];
    for (const path of paths) gather(resolve(path), baseOf(resolve(path)), 0, found);
    if (found.length === 0) throw new StorageError(`Cannot share ${paths[0]}: no file is in there`);
    const named = withoutClashes(found);
    const bytes = named.reduce((sum, file) => sum + file.bytes, 0);
    const handle = crypto.randomUUID();
    const why = this.database.transaction(() => {
      const insert = this.database.prepare("insert into shared values (?, ?, ?, ?, ?, ?)");
      named.forEach(({ path, name, bytes, changed }, nth) =>
        insert.run(handle, nth, path, name, bytes, changed)
      );
    });
    if (why !== undefined) throw new StorageError(`Cannot note what is shared: ${why}`);
    this.#known.set(handle, named);
    return {
      handle,
      title: title ?? baseOf(resolve(paths[0]!)),
      bytes,
      files: named.map(({ name, bytes }) => ({ path: name, bytes })),
    };
  }

  /** Files that were changed since are as good as gone: others would blame us for their bytes. */
  read(handle: string, offset: number, length: number): Uint8Array | undefined {
    const files = this.#known.get(handle) ?? this.#restore(handle);
    try {
      return readSpan(this.#pool, files, offset, length);
    } catch {
      return undefined; // a disk that cannot be read has not got it
    }
  }

  close(): void {
    this.#pool.close();
  }

  #restore(handle: string): readonly Found[] {
    const files = this.database.prepare("select * from shared where handle = ? order by nth")
      .all(handle) as unknown as readonly Found[];
    this.#known.set(handle, files);
    return files;
  }
}

function gather(path: string, name: string, depth: number, found: Found[]): void {
  const refuse = (why: string): never => {
    throw new StorageError(`Cannot share ${path}: ${why}`);
  };
  let status: fs.Stats;
  try {
    // What the person named may be a link; what lies in a folder is not followed out of it.
    status = depth === 0 ? fs.statSync(path) : fs.lstatSync(path);
    if (status.isFile()) fs.closeSync(fs.openSync(path, "r"));
  } catch (error) {
    return refuse(messageOf(error));
  }
  if (status.isSymbolicLink()) return;
  if (status.isFile()) {
    if (found.length === SHARED_FILES) refuse(`it has more than ${SHARED_FILES} files`);
    found.push({ path, name, bytes: status.size, changed: status.mtimeMs });
  } else if (status.isDirectory()) {
    if (depth === SHARED_DEPTH) refuse("its folders are too deep");
    const names = fs.readdirSync(path).sort((one, other) => one < other ? -1 : 1);
    for (const each of names) gather(`${path}/${each}`, `${name}/${each}`, depth + 1, found);
  } else if (depth === 0) refuse("it is neither a file nor a folder");
}

/** Portable names; what would be called the same where case does not count gets a number. */
function withoutClashes(found: readonly Found[]): readonly Found[] {
  const taken = new Set<string>();
  return found.map((file) => {
    const name = swarm.portablePath(file.name);
    const dot = name.lastIndexOf(".") > name.lastIndexOf("/") + 1
      ? name.lastIndexOf(".")
      : name.length;
    for (let number = 1;; number++) {
      const free = number === 1 ? name : `${name.slice(0, dot)} (${number})${name.slice(dot)}`;
      const folded = free.toLowerCase().toUpperCase();
      if (taken.has(folded)) continue;
      taken.add(folded);
      return { ...file, name: free };
    }
  });
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1) || "files";
}
