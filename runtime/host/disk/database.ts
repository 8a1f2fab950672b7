/**
 * One SQLite file: records, where pieces are, what the person shares.
 *
 * Write-ahead log and full synchronisation: what is committed survives a power cut. A file that is
 * damaged, or of a later version, is refused in a sentence, and left as it is.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import fs from "node:fs";
import type { Reason } from "../../core/mod.ts";
import type { Records, Save } from "../ports.ts";
import { FILE_MODE } from "./folder.ts";
import { messageOf, reasonOf, StorageError } from "./trouble.ts";

const NAME = "node.db";

/** The schema, one step a version: a file of an older version takes the steps that it lacks. */
const STEPS: readonly string[] = [
  `create table record (key text primary key, bytes blob not null) without rowid;
   create table fact (name text primary key, value integer not null) without rowid;
   create table piece (name text not null, at integer not null, length integer not null,
     crc integer not null, moved integer not null, primary key (name, at)) without rowid;
   create table place (name text not null, nth integer not null, path text not null,
     bytes integer not null, primary key (name, nth)) without rowid;
   create table shared (handle text not null, nth integer not null, path text not null,
     name text not null, bytes integer not null, changed real not null,
     primary key (handle, nth)) without rowid;`,
];

export class Database implements Records {
  readonly #sqlite: DatabaseSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;

  /** Opens or makes the database of a folder. Throws a `StorageError`. */
  constructor(readonly folder: string) {
    const path = `${folder}/${NAME}`;
    const isNew = !fs.existsSync(path);
    if (isNew) fs.closeSync(fs.openSync(path, "wx", FILE_MODE));
    this.#sqlite = opened(path);
    this.#put = this.#sqlite.prepare(
      "insert into record values (?, ?) on conflict (key) do update set bytes = excluded.bytes",
    );
    this.#remove = this.#sqlite.prepare("delete from record where key = ?");
  }

  /** How often the node has started before; counts this start, durably. */
  countBoot(): number {
    const counted = this.#sqlite.prepare(
      "insert into fact values ('boots', 1) on conflict (name) do update set value = value + 1 " +
        "returning value",
    ).get() as { value: number };
    return counted.value - 1;
  }

  /** The next start counts as so many later. */
  skipBoots(count: number): void {
    this.#sqlite.prepare(
      "insert into fact values ('boots', ?) on conflict (name) do update set value = value + ?",
    ).run(count, count);
  }

  load(): ReadonlyMap<string, Uint8Array> {
    const rows = this.#sqlite.prepare("select key, bytes from record order by key").all();
    return new Map(rows.map(({ key, bytes }) => [key as string, bytes as Uint8Array]));
  }

  commit(saves: readonly Save[]): Reason | undefined {
    return this.transaction(() => {
      for (const { key, bytes } of saves) {
        if (bytes === undefined) this.#remove.run(key);
        else this.#put.run(key, bytes);
      }
    });
  }

  /** All of it, or nothing and the reason why. */
  transaction(work: () => void): Reason | undefined {
    try {
      this.#sqlite.exec("begin immediate");
      work();
      this.#sqlite.exec("commit");
      return undefined;
    } catch (error) {
      if (this.#sqlite.isTransaction) this.#sqlite.exec("rollback");
      return reasonOf(error);
    }
  }

  prepare(sql: string): StatementSync {
    return this.#sqlite.prepare(sql);
  }

  /** A whole copy, consistent while the node runs. Throws a `StorageError`. */
  backup(path: string): void {
    try {
      this.#sqlite.prepare("vacuum into ?").run(path);
    } catch (error) {
      throw new StorageError(`Cannot write the backup ${path}: ${messageOf(error)}`);
    }
  }

  close(): void {
    this.#sqlite.close();
  }
}

function opened(path: string): DatabaseSync {
  const sqlite = new DatabaseSync(path);
  try {
    sqlite.exec(
      "pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 2000; " +
        "pragma secure_delete = on",
    );
    const { quick_check } = sqlite.prepare("pragma quick_check(1)").get() as Record<string, string>;
    if (quick_check !== "ok") throw new Error(quick_check);
    migrate(sqlite, path);
  } catch (error) {
    sqlite.close();
    if (error instanceof StorageError) throw error;
    const advice = "restore a backup in its place, or move it away to start anew";
    throw new StorageError(`Cannot read ${path} (${messageOf(error)}): ${advice}`);
  }
  return sqlite;
}

function migrate(sqlite: DatabaseSync, path: string): void {
  const row = sqlite.prepare("pragma user_version").get() as { user_version: number };
  const version = row.user_version;
  if (version > STEPS.length) {
    throw new StorageError(`${path} was written by a later version of Starling: use that one`);
  }
  for (let next = version; next < STEPS.length; next++) {
    sqlite.exec(`begin; ${STEPS[next]} pragma user_version = ${next + 1}; commit`);
  }
}
