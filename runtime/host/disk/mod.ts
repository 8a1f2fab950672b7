/** The disk's only door: what a node keeps on a real machine, in one folder. */
import { Database } from "./database.ts";
import { lock, prepare, subfolder } from "./folder.ts";
import { PieceStore } from "./pieces.ts";
import { OfferedFiles } from "./offered_files.ts";

export { historySeal, type Seal, SealedRecords } from "./at_rest.ts";
export { backUp, restore } from "./backup.ts";
export { StorageError } from "./trouble.ts";
export type { Opened } from "./offered_files.ts";

/** Everything of one node that outlives its process. */
export interface LiveDisk {
  readonly folder: string;
  /** How often the node has started before. */
  readonly boot: number;
  readonly records: Database;
  readonly pieces: PieceStore;
  readonly files: OfferedFiles;
  close(): void;
}

/** Takes a folder for this process alone. Throws a `StorageError` where that cannot be. */
export function openDisk(folder: string): LiveDisk {
  prepare(folder);
  const held = lock(folder);
  try {
    const records = new Database(folder);
    const pieces = new PieceStore(subfolder(folder, "pieces"), records);
    const files = new OfferedFiles(records);
    return {
      folder,
      boot: records.countBoot(),
      records,
      pieces,
      files,
      close() {
        pieces.close();
        files.close();
        records.close();
        held.release();
      },
    };
  } catch (error) {
    held.release();
    throw error;
  }
}
