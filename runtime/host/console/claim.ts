/** This device's fifteen digits, made once and kept beside its identity. */
import fs from "node:fs";
import type { PeerKeys } from "../../core/mod.ts";
import { type Claim, claimed, isIdOf, REAL } from "../../protocols/directory/mod.ts";
import type { Terminal } from "./terminal.ts";

const NAME = "id.json";

/** Looked up, or made: that takes a second or two. */
export function claimOf(folder: string, keys: PeerKeys, terminal: Terminal): Claim {
  return claimIn(folder, keys) ?? makeClaim(folder, keys, terminal);
}

/** The number that was made earlier, if it is there and belongs to these keys. */
export function claimIn(folder: string, keys: PeerKeys): Claim | undefined {
  const path = `${folder}/${NAME}`;
  if (!fs.existsSync(path)) return undefined;
  try {
    const { id, modifier } = JSON.parse(fs.readFileSync(path, "utf8")) as Claim;
    return isIdOf(id, modifier, keys, REAL) ? { id, modifier } : undefined;
  } catch {
    return undefined; // damaged: it is made again, the same
  }
}

function makeClaim(folder: string, keys: PeerKeys, terminal: Terminal): Claim {
  terminal.note("Making your ID, once: it takes a few seconds, so that nobody makes a million");
  const claim = claimed(keys, REAL);
  fs.writeFileSync(`${folder}/${NAME}`, `${JSON.stringify(claim)}\n`, { mode: 0o600 });
  return claim;
}
