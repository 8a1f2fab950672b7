/** The directory's only door: numbers that belong to identities. */
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
