/** The directory's only door: numbers that belong to identities, and who answers for them. */
export {
  type DirectoryCommand,
  type DirectoryEvent,
  type DirectoryNews,
  find,
  found,
  isDirectoryEvent,
  lied,
  publish,
  registered,
  stock,
  use,
} from "./commands.ts";
export { directory, type DirectoryOptions } from "./directory.ts";
export { type Entry, entryBytes, entryOf, entrySchema, loggedBytes, readEntry } from "./entry.ts";
export {
  type Claim,
  claimed,
  type Cost,
  type Id,
  idOf,
  isIdOf,
  readId,
  REAL,
  TOY,
  written,
} from "./id.ts";
export {
  type Registered,
  type Row,
  type Shelf,
  type ShelfQuestion,
  type Shelved,
} from "./shelf.ts";
export { STOCK } from "./limits.ts";
export { type DirectoryMessage, directoryWire, rumourSchema } from "./wire.ts";
