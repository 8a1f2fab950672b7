/**
 * Pieces of contents, those of one content side by side in one file.
 *
 * 1. A piece is written at once, and is in the journal when both it and its file have been synced: what
 *    the journal says is there survives a power cut, so that nothing is hashed at a start.
 * 2. Every piece that is read is compared with its checksum: people edit the files they were given.
 * 3. A content that is complete becomes the person's own files (inbox.ts). It is read from there;
 *    what has to be fetched again is kept in a file of our own again.
 */
import fs from "node:fs";
import { crc32 } from "node:zlib";
import type { Reason } from "../../core/mod.ts";
import type { Pieces } from "../ports.ts";
import type { Database } from "./database.ts";
import { handOver, type NamedFile } from "./inbox.ts";
import { CONTENT_BYTES, LOOK_AFTER_BYTES, PIECE_BYTES, SPARE_BYTES } from "./limits.ts";
import { FilePool } from "./open_files.ts";
import { readSpan } from "./span.ts";
import { reasonOf, StorageError } from "./trouble.ts";

/** What is known of one piece. */
interface Piece {
  readonly length: number;
  readonly crc: number;
  /** It is in the person's own files now. */
  readonly moved: boolean;
}

/** One content: its pieces by their offset, and the files it became. */
interface Content {
  readonly pieces: Map<number, Piece>;
  /** Written, and not in the journal yet. */
  readonly pending: Map<number, Piece>;
  places: readonly NamedFile[];
}

export class PieceStore implements Pieces {
  readonly #contents = new Map<string, Content>();
  readonly #ours = new FilePool("write");
  readonly #theirs = new FilePool("read");
  #writtenSinceLook = Infinity;
  #isSyncing = false;

  constructor(readonly folder: string, readonly database: Database) {
    for (const row of database.prepare("select * from piece").all()) {
      const { name, at, length, crc, moved } = row as {
        name: string;
        at: number;
        length: number;
        crc: number;
        moved: number;
      };
      this.#content(name).pieces.set(at, { length, crc, moved: moved === 1 });
    }
    for (const row of database.prepare("select * from place order by name, nth").all()) {
      const { name, path, bytes } = row as { name: string; path: string; bytes: number };
      const content = this.#content(name);
      content.places = [...content.places, { path, bytes }];
    }
    this.#finishMoves();
  }

  kept(): readonly string[] {
    const keys: string[] = [];
    for (const [name, { pieces, places }] of this.#contents) {
      const ours = sizeOf(this.#pathOf(name));
      const areTheirs = places.every(({ path, bytes }) => sizeOf(path) === bytes);
      for (const [at, { length, moved }] of pieces) {
        if (moved ? areTheirs : at + length <= ours) keys.push(`${name}/${at}`);
      }
    }
    return keys;
  }

  /** Names of contents whose files the person has deleted, moved away or changed in length. */
  taken(): readonly string[] {
    return [...this.#contents]
      .filter(([, { places }]) => places.some(({ path, bytes }) => sizeOf(path) !== bytes))
      .map(([name]) => name);
  }

  keep(key: string, bytes: Uint8Array): Reason | undefined {
    const { name, at } = placeOf(key);
    if (bytes.length > PIECE_BYTES || at + bytes.length > CONTENT_BYTES) return "too-large";
    try {
      this.#writtenSinceLook += bytes.length;
      if (this.#writtenSinceLook > LOOK_AFTER_BYTES) {
        if (this.free() < SPARE_BYTES) return "disk-full";
        this.#writtenSinceLook = 0;
      }
      this.#ours.write(this.#pathOf(name), at, bytes);
    } catch (error) {
      return reasonOf(error);
    }
    const piece = { length: bytes.length, crc: crc32(bytes), moved: false };
    const content = this.#content(name);
    content.pieces.set(at, piece);
    content.pending.set(at, piece);
    return undefined;
  }

  read(key: string): Uint8Array | undefined {
    const { name, at } = placeOf(key);
    const content = this.#contents.get(name);
    const piece = content?.pieces.get(at);
    if (content === undefined || piece === undefined) return undefined;
    try {
      const bytes = piece.moved
        ? readSpan(this.#theirs, content.places, at, piece.length)
        : this.#ours.read(this.#pathOf(name), at, piece.length);
      return bytes !== undefined && crc32(bytes) === piece.crc ? bytes : undefined;
    } catch {
      return undefined; // a disk that cannot be read has not got it: the node seeks it elsewhere
    }
  }

  drop(key: string): void {
    const { name, at } = placeOf(key);
    const content = this.#contents.get(name);
    if (content === undefined || !content.pieces.delete(at)) return;
    content.pending.delete(at);
    // A refusal leaves a line in the journal, and the node does not ask for what it has dropped.
    this.database.transaction(() =>
      void this.database.prepare("delete from piece where name = ? and at = ?").run(name, at)
    );
    if (content.pieces.size === 0) this.#forget(name);
  }

  /** Room for more, in bytes. */
  free(): number {
    const { bavail, bsize } = fs.statfsSync(this.folder);
    return Number(bavail) * Number(bsize);
  }

  /** Brings what was kept to the medium, and into the journal. What the disk refuses stays pending. */
  async sync(): Promise<Reason | undefined> {
    if (this.#isSyncing) return undefined;
    this.#isSyncing = true;
    try {
      for (const [name, content] of this.#contents) {
        const why = await this.#settled(name, content);
        if (why !== undefined) return why;
      }
      return undefined;
    } finally {
      this.#isSyncing = false;
    }
  }

  async settle(name: string): Promise<Reason | undefined> {
    const content = this.#contents.get(name);
    return content && await this.#settled(name, content);
  }

  async #settled(name: string, { pending }: Content): Promise<Reason | undefined> {
    if (pending.size === 0) return undefined;
    const written = [...pending];
    try {
      await this.#ours.sync(this.#pathOf(name));
      return this.#journal(name, written);
    } catch (error) {
      return reasonOf(error);
    }
  }

  /**
   * Makes a complete content the person's own files, in their inbox: the paths. Those of the first time,
   * if it was done before. Throws a `StorageError`.
   */
  publish(
    name: string,
    title: string,
    files: readonly NamedFile[],
    inbox: string,
  ): readonly string[] {
    const content = this.#content(name);
    if (content.places.length > 0) return content.places.map(({ path }) => path);
    const part = this.#pathOf(name);
    try {
      this.#ours.syncNow(part);
    } catch (error) {
      throw new StorageError(`Cannot finish "${title}": ${reasonOf(error)}`);
    }
    this.#ours.forget(part);
    const note = (places: readonly NamedFile[]) => this.#note(name, title, places);
    content.places = handOver({ part, title, files, inbox, mark: name.slice(-16), note });
    this.#moved(name, content);
    return content.places.map(({ path }) => path);
  }

  /** Knows nothing more of a content; the person's own files stay. */
  forget(name: string): void {
    for (const at of [...this.#contents.get(name)?.pieces.keys() ?? []]) this.drop(`${name}/${at}`);
    if (this.#contents.has(name)) this.#forget(name);
  }

  close(): void {
    this.#ours.close();
    this.#theirs.close();
  }

  /** Where the files are about to be: a start after a crash looks there. */
  #note(name: string, title: string, places: readonly NamedFile[]): void {
    const why = this.database.transaction(() => {
      this.database.prepare("delete from place where name = ?").run(name);
      const insert = this.database.prepare("insert into place values (?, ?, ?, ?)");
      places.forEach(({ path, bytes }, nth) => insert.run(name, nth, path, bytes));
    });
    if (why !== undefined) throw new StorageError(`Cannot note where "${title}" will be: ${why}`);
  }

  /** The files are there: pieces are read from them, and our own file goes. */
  #moved(name: string, content: Content): void {
    const why = this.database.transaction(() => {
      const insert = this.database.prepare("insert or replace into piece values (?, ?, ?, ?, 1)");
      for (const [at, { length, crc }] of content.pieces) insert.run(name, at, length, crc);
    });
    if (why !== undefined) return; // both names of the file stay: the next start tries again
    content.pending.clear();
    for (const [at, piece] of content.pieces) content.pieces.set(at, { ...piece, moved: true });
    fs.rmSync(this.#pathOf(name), { force: true });
  }

  /** A crash fell between naming the places and letting go of our own file. */
  #finishMoves(): void {
    for (const [name, content] of this.#contents) {
      const { pieces, places } = content;
      if (places.length === 0 || [...pieces.values()].some(({ moved }) => moved)) continue;
      if (places.every(({ path, bytes }) => sizeOf(path) === bytes)) this.#moved(name, content);
      else {
        content.places = [];
        this.database.transaction(() =>
          void this.database.prepare("delete from place where name = ?").run(name)
        );
      }
    }
  }

  #journal(name: string, written: readonly [number, Piece][]): Reason | undefined {
    const content = this.#contents.get(name);
    if (content === undefined) return undefined; // dropped meanwhile
    const current = written.filter(([at, piece]) => content.pending.get(at) === piece);
    const why = this.database.transaction(() => {
      const insert = this.database.prepare("insert or replace into piece values (?, ?, ?, ?, 0)");
      for (const [at, { length, crc }] of current) insert.run(name, at, length, crc);
    });
    if (why === undefined) { for (const [at] of current) content.pending.delete(at); }
    return why;
  }

  #content(name: string): Content {
    let content = this.#contents.get(name);
    if (content === undefined) {
      content = { pieces: new Map(), pending: new Map(), places: [] };
      this.#contents.set(name, content);
    }
    return content;
  }

  #forget(name: string): void {
    this.#contents.delete(name);
    this.#ours.forget(this.#pathOf(name));
    fs.rmSync(this.#pathOf(name), { force: true });
    this.database.transaction(() =>
      void this.database.prepare("delete from place where name = ?").run(name)
    );
  }

  #pathOf(name: string): string {
    return `${this.folder}/${name.replace("/", "-")}.part`;
  }
}

/** `PROTOCOL/NAME/OFFSET`. Names come from protocols, never from strangers' text. */
function placeOf(key: string): { readonly name: string; readonly at: number } {
  const parts = /^([a-z]+\/[0-9a-f]{64})\/(\d{1,15})$/.exec(key);
  if (parts === null) throw new Error(`A piece cannot be called ${key}`);
  return { name: parts[1]!, at: Number(parts[2]) };
}

function sizeOf(path: string): number {
  return fs.statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}
