/**
 * A complete content becomes files in the person's inbox: nothing there is ever overwritten, followed
 * through a link, or made executable.
 */
import fs from "node:fs";
import { swarm } from "../../protocols/mod.ts";
import { FILE_MODE } from "./folder.ts";
import { SAME_NAMES } from "./limits.ts";
import type { NamedFile } from "./span.ts";
import { codeOf, messageOf, StorageError } from "./trouble.ts";

export type { NamedFile } from "./span.ts";

/** What is handed over. */
interface Delivery {
  /** Our own file, all of the content. */
  readonly part: string;
  readonly title: string;
  /** One after another in the content, with portable paths. */
  readonly files: readonly NamedFile[];
  readonly inbox: string;
  /** Names what is under construction. */
  readonly mark: string;
  /** Told where the files are about to be, so that a crash leaves no second copy of them. */
  readonly note: (places: readonly NamedFile[]) => void;
}

const CHUNK = 1024 * 1024;
/** What a disk says that knows one name a file, or is another one than ours. */
const WITHOUT_LINKS = new Set(["EXDEV", "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** Where the files are now, in the order of the content. Throws a `StorageError`. */
export function handOver(delivery: Delivery): readonly NamedFile[] {
  const { title, files, inbox } = delivery;
  if (!files.every(({ path }) => swarm.isPortablePath(path))) {
    throw new StorageError(`Cannot put "${title}" into the inbox: its names are not safe`);
  }
  try {
    fs.mkdirSync(inbox, { recursive: true });
    return files.length === 1 ? [oneFile(delivery, files[0]!)] : wholeFolder(delivery);
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError(`Cannot put "${title}" into ${inbox}: ${messageOf(error)}`);
  }
}

/** The same file under another name, where the disk can do that; else a copy. */
function oneFile({ part, inbox, mark, note }: Delivery, { path, bytes }: NamedFile): NamedFile {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const free = (take: (target: string) => void) =>
    firstFree(inbox, name, (target) => {
      note([{ path: target, bytes }]);
      take(target);
    });
  if (bytes === 0) return { path: free(createEmpty), bytes };
  try {
    return { path: free((target) => fs.linkSync(part, target)), bytes };
  } catch (error) {
    if (!WITHOUT_LINKS.has(codeOf(error))) throw error;
    const copy = `${inbox}/.starling-${mark}`;
    fs.rmSync(copy, { force: true });
    copyRange(part, 0, bytes, copy);
    return { path: free((target) => fs.renameSync(copy, target)), bytes };
  }
}

/** Built beside its place, and put there whole. */
function wholeFolder({ part, title, files, inbox, mark, note }: Delivery): readonly NamedFile[] {
  const building = `${inbox}/.starling-${mark}`;
  fs.rmSync(building, { recursive: true, force: true });
  fs.mkdirSync(building);
  let at = 0;
  for (const { path, bytes } of files) {
    const target = `${building}/${path}`;
    fs.mkdirSync(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    if (bytes === 0) createEmpty(target);
    else copyRange(part, at, bytes, target);
    at += bytes;
  }
  const name = swarm.portablePath(title.replace(/[/\\]/g, "_"));
  const placesIn = (place: string) =>
    files.map(({ path, bytes }) => ({ path: `${place}/${path}`, bytes }));
  const place = firstFree(inbox, name, (free) => {
    note(placesIn(free));
    fs.mkdirSync(free); // fails where there is anything; an empty folder may be replaced
    fs.renameSync(building, free);
  });
  return placesIn(place);
}

/** `notes.txt`, `notes (2).txt`, ...: the first that is free, once `take` has it. */
export function firstFree(folder: string, name: string, take: (path: string) => void): string {
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const extension = dot > 0 ? name.slice(dot) : "";
  for (let number = 1; number <= SAME_NAMES; number++) {
    const path = `${folder}/${number === 1 ? name : `${stem} (${number})${extension}`}`;
    if (fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      take(path);
      return path;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error; // somebody was faster
    }
  }
  throw new StorageError(`Cannot put "${name}" into ${folder}: too many are called that`);
}

function createEmpty(path: string): void {
  fs.closeSync(fs.openSync(path, "wx", FILE_MODE));
}

function copyRange(from: string, at: number, length: number, to: string): void {
  const source = fs.openSync(from, "r");
  const target = fs.openSync(to, "wx", FILE_MODE);
  try {
    const chunk = new Uint8Array(Math.min(CHUNK, length));
    for (let done = 0; done < length;) {
      const count = fs.readSync(source, chunk, 0, Math.min(chunk.length, length - done), at + done);
      if (count === 0) throw new Error("part of it is missing");
      for (let put = 0; put < count;) {
        put += fs.writeSync(target, chunk, put, count - put, done + put);
      }
      done += count;
    }
    fs.fsyncSync(target);
  } finally {
    fs.closeSync(source);
    fs.closeSync(target);
  }
}
