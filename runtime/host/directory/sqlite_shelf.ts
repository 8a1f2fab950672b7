/** A directory's shelf in one SQLite file: the default, for a directory that stands alone. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { Reader, Writer } from "../../core/mod.ts";
import { directory } from "../../protocols/mod.ts";
import { bundleSchema } from "../../protocols/session/mod.ts";

type Shelf = directory.Shelf;
type Args<Verb extends keyof Shelf> = Parameters<Shelf[Verb]>;
type Bundle = Args<"stock">[1][number];

const SCHEMA = `
  create table if not exists entry (id integer primary key, at integer not null unique,
    version integer not null, owner blob not null, bytes blob not null);
  create table if not exists log (at integer primary key, bytes blob not null);
  create table if not exists stock (number integer primary key autoincrement,
    id integer not null, bytes blob not null);
  create index if not exists stock_of on stock (id);`;

export class SqliteShelf implements Shelf {
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens or makes the file: `:memory:` for none. */
  constructor(path: string) {
    this.#sqlite = new DatabaseSync(path);
    this.#sqlite.exec("pragma journal_mode = wal; pragma synchronous = full");
    this.#sqlite.exec(SCHEMA);
  }

  /** Everything that is done within is on the disk together, or nothing of it. */
  together(work: () => void): void {
    this.#sqlite.exec("begin immediate");
    try {
      work();
      this.#sqlite.exec("commit");
    } catch (error) {
      if (this.#sqlite.isTransaction) this.#sqlite.exec("rollback");
      throw error;
    }
  }

  find(...[id, then]: Args<"find">): void {
    const row = this.#get("select at, bytes from entry where id = ?", Number(id));
    then(row && { entry: directory.readEntry(row.bytes as Uint8Array)!, index: row.at as number });
  }

  register(...[id, entry, then]: Args<"register">): void {
    const { version } = entry.statement, owner = ownerOf(entry);
    const known = this.#get("select at, version, owner from entry where id = ?", Number(id));
    if (known === undefined) {
      const next = this.#get("select coalesce(max(at) + 1, 0) as next from log");
      const at = next!.next as number;
      this.#run("insert into log values (?, ?)", at, directory.loggedBytes(id, entry.statement));
      const bytes = directory.entryBytes(entry);
      this.#run("insert into entry values (?, ?, ?, ?, ?)", Number(id), at, version, owner, bytes);
      return then("new", at);
    }
    const at = known.at as number;
    if ((known.owner as Uint8Array).toString() !== owner.toString()) return then("taken", at);
    if (version < (known.version as number)) return then("stale", at);
    const bytes = directory.entryBytes(entry);
    this.#run("update entry set version = ?, bytes = ? where id = ?", version, bytes, Number(id));
    then("updated", at);
  }

  log(...[from, then]: Args<"log">): void {
    const rows = this.#statement("select bytes from log where at >= ? order by at").all(from);
    then(rows.map(({ bytes }) => bytes as Uint8Array));
  }

  stock(...[id, bundles, then]: Args<"stock">): void {
    let count = this.#countOf(id);
    for (const bundle of bundles) {
      if (count >= directory.STOCK) break;
      this.#run("insert into stock (id, bytes) values (?, ?)", Number(id), bundleBytes(bundle));
      count++;
    }
    then(count);
  }

  take(...[id, then]: Args<"take">): void {
    const row = this.#get(
      "delete from stock where number = (select min(number) from stock where id = ?) " +
        "returning bytes",
      Number(id),
    );
    then(row && readBundle(row.bytes as Uint8Array), this.#countOf(id));
  }

  close(): void {
    this.#sqlite.close();
  }

  #countOf(id: string): number {
    const row = this.#get("select count(*) as count from stock where id = ?", Number(id));
    return row!.count as number;
  }

  #get(sql: string, ...args: (number | Uint8Array)[]): Record<string, unknown> | undefined {
    return this.#statement(sql).get(...args);
  }

  #run(sql: string, ...args: (number | Uint8Array)[]): void {
    this.#statement(sql).run(...args);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = this.#sqlite.prepare(sql));
    return statement;
  }
}

/** Both public keys of who owns an entry. */
export function ownerOf({ statement: { sign, agree } }: directory.Entry): Uint8Array {
  return Uint8Array.from([...sign, ...agree]);
}

export function bundleBytes(bundle: Bundle): Uint8Array {
  const writer = new Writer();
  bundleSchema.write(writer, bundle);
  return writer.take();
}

export function readBundle(bytes: Uint8Array): Bundle {
  return bundleSchema.read(new Reader(bytes));
}
