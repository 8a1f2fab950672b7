/** The chat's only door: letters between people, and who is whose friend. */
export { chat } from "./chat.ts";
export type { ChatOptions } from "./chat.ts";
export { befriend, read, remove, write } from "./commands.ts";
export type { ChatCommand } from "./commands.ts";
export { accepted, befriended, isChatEvent, isInvited, isReceived } from "./events.ts";
export type { ChatEvent } from "./events.ts";
export { TEXT_BYTES } from "./limits.ts";
