/** The chat's only door: letters between people, and who is whose friend. */
export { chat } from "./chat.ts";
export type { ChatOptions } from "./chat.ts";
export {
  adopt,
  befriend,
  block,
  edit,
  link,
  read,
  remove,
  typing,
  unblock,
  unlink,
  unsend,
  write,
} from "./commands.ts";
export type { ChatCommand } from "./commands.ts";
export { accepted, befriended, isChatEvent, isInvited, isReceived } from "./events.ts";
export type { ChatEvent, ReceivedEvent } from "./events.ts";
export {
  type Deed,
  DEEDS,
  isSound,
  type Speech,
  speechFields,
  speechOf,
  speechWords,
  type Spoken,
  spokenOf,
} from "./speech.ts";
export { type Attachment, attachmentBytes, readAttachment, roomForText } from "./attachment.ts";
export { ATTACHED_BYTES, PREVIEW_BYTES, TEXT_BYTES } from "./limits.ts";
export type { ChatMessage } from "./wire.ts";
