/** The folder of one node: nobody else reads it, and one process at a time writes it. */
import fs from "node:fs";
import { codeOf, messageOf, StorageError } from "./trouble.ts";

const LOCK = "lock";
/** Only its owner may look inside. */
const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o600;

/** Holds the folder until it is released, or the process ends. */
export interface Lock {
  release(): void;
}

/** Makes the folder if need be. Throws a `StorageError` where it cannot be used. */
export function prepare(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    if (!fs.statSync(folder).isDirectory()) throw new StorageError(`${folder} is not a folder`);
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError(`Cannot use the folder ${folder}: ${messageOf(error)}`);
  }
}

/** The system lets go of the lock when the process ends, however it ends. */
export function lock(folder: string): Lock {
  const path = `${folder}/${LOCK}`;
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { read: true, write: true, create: true, mode: FILE_MODE });
  } catch (error) {
    throw new StorageError(`Cannot write to the folder ${folder}: ${messageOf(error)}`);
  }
  if (!file.tryLockSync(true)) {
    file.close();
    throw new StorageError(`Another node is running in ${folder}${ownerOf(path)}: stop it first`);
  }
  file.truncateSync(0);
  file.writeSync(new TextEncoder().encode(String(Deno.pid)));
  return { release: () => file.close() };
}

function ownerOf(path: string): string {
  try {
    const pid = fs.readFileSync(path, "utf8");
    return /^\d+$/.test(pid) ? ` (process ${pid})` : "";
  } catch {
    return ""; // it only says who: the refusal stands without it
  }
}

/** A folder inside, made if need be; one that is a link to elsewhere is refused. */
export function subfolder(folder: string, name: string): string {
  const path = `${folder}/${name}`;
  try {
    fs.mkdirSync(path, { mode: FOLDER_MODE });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") {
      throw new StorageError(`Cannot make the folder ${path}: ${messageOf(error)}`);
    }
  }
  if (!fs.lstatSync(path).isDirectory()) {
    throw new StorageError(`${path} is not a folder of its own: move it away`);
  }
  return path;
}
