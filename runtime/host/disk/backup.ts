/**
 * A copy of everything that a person would miss: records, identity, history, and what is awaited.
 *
 *     FILE                    the records, one SQLite database
 *     FILE.identity.key       and so on: the other files of the folder, each under its own name
 *
 * Records and history are sealed under the identity; the identity under its passphrase, where there is one.
 */
import fs from "node:fs";
import { Database } from "./database.ts";
import { FILE_MODE, lock, prepare } from "./folder.ts";
import { messageOf, StorageError } from "./trouble.ts";

const RECORDS = "node.db", IDENTITY = "identity.key";
const OTHERS = [IDENTITY, "id.json", "history.jsonl.old", "history.jsonl", "attachments.jsonl"];

/**
 * Others take nothing of an earlier start than the last they have heard of: a restored node counts its
 * starts from beyond all that the lost one may have had after the copy.
 */
const STARTS_AHEAD = 65_536;

/** Copies the folder of a node that is stopped. Throws a `StorageError`, and leaves nothing then. */
export function backUp(folder: string, path: string): string[] {
  if (!fs.existsSync(`${folder}/${IDENTITY}`)) throw new StorageError(`No node is in ${folder}`);
  const held = lock(folder);
  const written: string[] = [];
  try {
    for (const name of [undefined, ...OTHERS]) {
      const target = name === undefined ? path : `${path}.${name}`;
      if (fs.existsSync(target)) throw new StorageError(`${target} is there already`);
      if (name !== undefined && !fs.existsSync(`${folder}/${name}`)) continue;
      written.push(target);
      if (name !== undefined) copy(`${folder}/${name}`, target);
      else {
        const records = new Database(folder);
        records.backup(path);
        records.close();
        fs.chmodSync(path, FILE_MODE);
      }
    }
    return written;
  } catch (error) {
    remove(written);
    throw asTrouble(error, `write the backup ${path}`);
  } finally {
    held.release();
  }
}

/** Makes a node of a copy, where none is. Throws a `StorageError`, and leaves nothing then. */
export function restore(path: string, folder: string): void {
  for (const needed of [path, `${path}.${IDENTITY}`]) {
    if (!fs.existsSync(needed)) throw new StorageError(`${needed} is missing`);
  }
  prepare(folder);
  const held = lock(folder);
  const written: string[] = [];
  try {
    for (const name of [RECORDS, ...OTHERS]) {
      const source = name === RECORDS ? path : `${path}.${name}`, target = `${folder}/${name}`;
      if (fs.existsSync(target)) throw new StorageError(`A node is in ${folder} already`);
      if (!fs.existsSync(source)) continue;
      written.push(target);
      copy(source, target);
    }
    const records = new Database(folder);
    records.skipBoots(STARTS_AHEAD);
    records.close();
  } catch (error) {
    remove(written);
    throw asTrouble(error, `restore ${path}`);
  } finally {
    held.release();
  }
}

function copy(source: string, target: string): void {
  fs.copyFileSync(source, target, fs.constants.COPYFILE_EXCL);
  fs.chmodSync(target, FILE_MODE);
}

function remove(paths: readonly string[]): void {
  for (const path of paths) fs.rmSync(path, { force: true });
}

function asTrouble(error: unknown, what: string): StorageError {
  return error instanceof StorageError
    ? error
    : new StorageError(`Cannot ${what}: ${messageOf(error)}`);
}
