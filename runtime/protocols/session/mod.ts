/** The session's only door: what two people agree on, and the messages that follow from it. */
export {
  aboutOf,
  type Bundle,
  bundleSchema,
  initiated,
  isGenuine,
  kemKey,
  kemPrekey,
  type Opening,
  openingSchema,
  type Prekeys,
  responded,
  signedPrekey,
} from "./agreement.ts";
export { Keyring } from "./keyring.ts";
export { SEALED_BYTES } from "./limits.ts";
export { keysAfter } from "./primitives.ts";
export { padded, unpadded } from "./padding.ts";
export { type Envelope, type Heading, type Profile, starling } from "./profile.ts";
export { awaited, begun, opened, sealed, type State, type Tools } from "./ratchet.ts";
export { type Packet, packetWire, readSessions, type Session } from "./records.ts";
export { safetyNumber } from "./safety_number.ts";
export { Sessions } from "./sessions.ts";
