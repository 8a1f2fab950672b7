/** Groups' only door: rooms that several people write in. */
export {
  add,
  create,
  edit,
  type GroupsCommand,
  type GroupsEvent,
  isGroupsEvent,
  isReceived,
  joined,
  leave,
  parted,
  promote,
  read,
  remove,
  unsend,
  write,
} from "./commands.ts";
export { groups, type GroupsOptions } from "./groups.ts";
export { TEXT_BYTES } from "./limits.ts";
export { type GroupMessage, groupWire } from "./wire.ts";
