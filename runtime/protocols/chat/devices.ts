/**
 * The devices of a person, as a list that others believe: signed by the device that the person began with,
 * and agreed to by each other one, so that nobody counts a stranger's device among their own.
 *
 *     consent     the other device signs: label, the first device
 *     signature   the first device signs: label, version, its keys, every device with its consent
 */
import {
  type Crypto,
  exactly,
  type Identity,
  joined,
  KEY_BYTES,
  listOf,
  type PeerId,
  type PeerKeys,
  peerOf,
  Reader,
  SIGNATURE_BYTES,
  struct,
  u32,
  unhex,
  utf8,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";

const CONSENT = utf8("starling device consent 1"), LIST = utf8("starling devices 1");
const keys = { sign: exactly(KEY_BYTES), agree: exactly(KEY_BYTES) };

const device = struct({ ...keys, consent: exactly(SIGNATURE_BYTES) });
export type Device = ValueOf<typeof device>;

const body = {
  version: u32,
  ...keys,
  devices: listOf(device, limits.DEVICES),
};
const bodySchema = struct(body);
export const devicesSchema = struct({ ...body, signature: exactly(SIGNATURE_BYTES) });
export type DeviceList = ValueOf<typeof devicesSchema>;

/** What a device signs that wants to belong to the person whose first device this is. */
export function consentTo(first: PeerId, { signSecret }: Identity, crypto: Crypto): Uint8Array {
  return crypto.sign(signSecret, joined(CONSENT, unhex(first)!));
}

/** Whether a device has agreed to belong to that person. */
export function agrees(
  { sign, consent }: Pick<Device, "sign" | "consent">,
  first: PeerId,
  crypto: Crypto,
): boolean {
  return crypto.verify(sign, joined(CONSENT, unhex(first)!), consent);
}

/** The first device's list of all others. */
export function listed(
  version: number,
  devices: readonly Device[],
  { keys: { sign, agree }, signSecret }: Identity,
  crypto: Crypto,
): DeviceList {
  const content = { version, sign, agree, devices: [...devices] };
  return { ...content, signature: crypto.sign(signSecret, joined(LIST, bodyBytes(content))) };
}

/** Whether all of it is signed by whom it names, each device once. */
export function isBelieved(list: DeviceList, crypto: Crypto): boolean {
  const first = peerOf(list, crypto);
  const peers = [first, ...list.devices.map((each) => peerOf(each, crypto))];
  return new Set(peers).size === peers.length &&
    crypto.verify(list.sign, joined(LIST, bodyBytes(list)), list.signature) &&
    list.devices.every((each) => agrees(each, first, crypto));
}

/** The person's devices, the first one first. */
export function peersOf(list: DeviceList, crypto: Crypto): PeerId[] {
  return [list as PeerKeys, ...list.devices].map((each) => peerOf(each, crypto));
}

/** As it is kept and sent. */
export function listBytes(list: DeviceList): Uint8Array {
  const writer = new Writer();
  devicesSchema.write(writer, list);
  return writer.take();
}

/** Undefined where it is none; whether it is to be believed is another question. */
export function readList(bytes: Uint8Array): DeviceList | undefined {
  const reader = new Reader(bytes);
  const list = devicesSchema.read(reader);
  return reader.whole ? list : undefined;
}

function bodyBytes(content: Omit<DeviceList, "signature">): Uint8Array {
  const writer = new Writer();
  bodySchema.write(writer, content);
  return writer.take();
}
