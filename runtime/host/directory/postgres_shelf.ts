/**
 * A directory's shelf in PostgreSQL, for several directories that share one. Registrations take turns, so
 * that all of them see one log in one order; everything else runs side by side.
 */
import postgres from "postgres";
import { Buffer } from "node:buffer";
import { directory } from "../../protocols/mod.ts";
import { bundleBytes, ownerOf, readBundle } from "./sqlite_shelf.ts";

type Shelf = directory.Shelf;
type Args<Verb extends keyof Shelf> = Parameters<Shelf[Verb]>;
type Row = Record<string, unknown>;

/** Any number: all directories of one database take turns by this one. */
const TURN = 7_311_208;
const CONNECTIONS = 8;

const SCHEMA = `
  create table if not exists entry (id bigint primary key, at integer not null unique,
    version bigint not null, owner bytea not null, bytes bytea not null);
  create table if not exists log (at integer primary key, bytes bytea not null);
  create table if not exists stock (number bigserial primary key, id bigint not null,
    bytes bytea not null);
  create index if not exists stock_of on stock (id);`;

export class PostgresShelf implements Shelf {
  readonly #sql: ReturnType<typeof postgres>;
  readonly #failed: (error: unknown) => void;

  private constructor(sql: ReturnType<typeof postgres>, failed: (error: unknown) => void) {
    this.#sql = sql;
    this.#failed = failed;
  }

  /** `postgres://...`; throws where the database cannot be had. `failed` hears what goes wrong later. */
  static async open(url: string, failed: (error: unknown) => void): Promise<PostgresShelf> {
    const sql = postgres(url, { max: CONNECTIONS, onnotice: () => {} });
    await sql.begin(async (turn) => {
      await turn`select pg_advisory_xact_lock(${TURN})`;
      await turn.unsafe(SCHEMA);
    });
    return new PostgresShelf(sql, failed);
  }

  find(...[id, then]: Args<"find">): void {
    this.#work(async () => {
      const [row] = await this.#sql`select at, bytes from entry where id = ${id}` as Row[];
      const entry = row && directory.readEntry(bytesOf(row.bytes));
      return () => then(entry && { entry, index: row!.at as number });
    });
  }

  register(...[id, entry, then]: Args<"register">): void {
    this.#work(async () => {
      const [result, at] = await this.#sql.begin(async (turn) => {
        await turn`select pg_advisory_xact_lock(${TURN})`;
        return await register(turn, id, entry);
      });
      return () => then(result, at);
    });
  }

  log(...[from, then]: Args<"log">): void {
    this.#work(async () => {
      const rows = await this
        .#sql`select bytes from log where at >= ${from} order by at` as Row[];
      return () => then(rows.map(({ bytes }) => bytesOf(bytes)));
    });
  }

  stock(...[id, bundles, then]: Args<"stock">): void {
    this.#work(async () => {
      let count = await this.#countOf(id);
      for (const bundle of bundles.slice(0, Math.max(0, directory.STOCK - count))) {
        const bytes = Buffer.from(bundleBytes(bundle));
        await this.#sql`insert into stock (id, bytes) values (${id}, ${bytes})`;
        count++;
      }
      return () => then(count);
    });
  }

  take(...[id, then]: Args<"take">): void {
    this.#work(async () => {
      const [row] = await this.#sql`
        delete from stock where number = (
          select number from stock where id = ${id} order by number
          for update skip locked limit 1)
        returning bytes` as Row[];
      const left = await this.#countOf(id);
      return () => then(row && readBundle(bytesOf(row.bytes)), left);
    });
  }

  async close(): Promise<void> {
    await this.#sql.end();
  }

  async #countOf(id: string): Promise<number> {
    const [row] = await this
      .#sql`select count(*)::integer as count from stock where id = ${id}` as Row[];
    return row!.count as number;
  }

  /** What a database refuses is told to the host; who asked asks again. */
  #work(work: () => Promise<() => void>): void {
    work().then((then) => then(), this.#failed);
  }
}

async function register(
  turn: postgres.TransactionSql,
  id: directory.Id,
  entry: directory.Entry,
): Promise<[directory.Registered, number]> {
  const { version } = entry.statement, owner = Buffer.from(ownerOf(entry));
  const bytes = Buffer.from(directory.entryBytes(entry));
  const [known] = await turn`
    select at, version, owner from entry where id = ${id}` as Row[];
  if (known === undefined) {
    const [next] = await turn`select coalesce(max(at) + 1, 0) as next from log` as Row[];
    const at = next!.next as number;
    const logged = Buffer.from(directory.loggedBytes(id, entry.statement));
    await turn`insert into log values (${at}, ${logged})`;
    await turn`insert into entry values (${id}, ${at}, ${version}, ${owner}, ${bytes})`;
    return ["new", at];
  }
  const at = known.at as number;
  if (!owner.equals(known.owner as Buffer)) return ["taken", at];
  if (version < Number(known.version)) return ["stale", at];
  await turn`update entry set version = ${version}, bytes = ${bytes} where id = ${id}`;
  return ["updated", at];
}

function bytesOf(value: unknown): Uint8Array {
  return new Uint8Array(value as Buffer);
}
