/** The vault's only door: files in shares that devices hold for their owner. */
export {
  abandon,
  create,
  list,
  lock,
  open,
  remove,
  type TilePart,
  type VaultCommand,
  verify,
} from "./commands.ts";
export { Code, GRAIN, mixed, type Mixer } from "./erasure.ts";
export {
  isCreated,
  isDeleted,
  isFailed,
  isLocked,
  isOpened,
  isRepaired,
  isVaultEvent,
  isVerified,
  type VaultEvent,
} from "./events.ts";
export { times } from "./field.ts";
export { vault, type VaultOptions } from "./vault.ts";
export { type VaultMessage, vaultWire } from "./wire.ts";
