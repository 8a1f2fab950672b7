/** What may be asked of a node from outside its process: every command, field by field. */
import type { Command } from "../../core/mod.ts";

type Check = (value: unknown) => boolean;

const LONGEST_TEXT = 1 << 20;
const LONGEST_LIST = 1 << 16;

const text: Check = (value) => typeof value === "string" && value.length <= LONGEST_TEXT;
const digits: Check = (value) => typeof value === "string" && /^[0-9a-f]{32,64}$/.test(value);
const peer: Check = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const yesOrNo: Check = (value) => typeof value === "boolean";
const bytes: Check = (value) => value instanceof Uint8Array;
const maybe = (check: Check): Check => (value) => value === undefined || check(value);
const listOf = (check: Check): Check => (value) =>
  Array.isArray(value) && value.length <= LONGEST_LIST && value.every(check);
const object = (fields: Readonly<Record<string, Check>>): Check => (value) => {
  if (typeof value !== "object" || value === null) return false;
  const own = value as Readonly<Record<string, unknown>>;
  return Object.keys(own).every((key) => Object.hasOwn(fields, key)) &&
    Object.entries(fields).every(([key, check]) => check(own[key]));
};

const trust: Check = (value) =>
  value === "first" ||
  object({ authorities: listOf(bytes), secret: maybe(text) })(value) ||
  object({ authorities: maybe(listOf(bytes)), secret: text })(value);
const files = listOf(object({ path: text, bytes: count }));
const sources = listOf(object({ keys: object({ sign: bytes, agree: bytes }), address: text }));
const shared = { title: text, handle: text, files, priority: maybe(count) };

const fifteen: Check = (value) => typeof value === "string" && /^[1-9]\d{14}$/.test(value);
const attachment = object({
  content: bytes,
  key: bytes,
  bytes: count,
  type: text,
  name: text,
  sign: bytes,
  agree: bytes,
  address: text,
  preview: bytes,
});
const room: Check = (value) => typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
const letters = listOf(room);
const spoken = {
  deed: maybe((value) => value === "says" || value === "edits" || value === "deletes"),
  about: maybe(room),
};

/** By protocol and name: the fields besides. */
const COMMANDS: ReadonlyMap<string, Readonly<Record<string, Check>>> = new Map(Object.entries({
  "lab trust": { trust },
  "lab open": { title: text, who: text, lasts: maybe(count) },
  "lab close": {},
  "lab join": { session: maybe(digits), who: maybe(text), accept: maybe(yesOrNo) },
  "lab leave": {},
  "lab share": shared,
  "lab withdraw": { content: digits },
  "lab say": { text },
  "lab ask": { text },
  "lab answer": { peer: digits, question: count, text },
  "lab delegate": { peer: digits, rights: listOf(text), lasts: maybe(count) },
  "lab revoke": { peer: digits },
  "swarm share": shared,
  "swarm fetch": { content: digits, sources, priority: maybe(count) },
  "swarm cancel": { content: digits },
  "chat write": { to: listOf(peer), text, ...spoken, attachment: maybe(attachment) },
  "chat befriend": { peer },
  "chat block": { peer },
  "chat unblock": { peer },
  "chat typing": { peer },
  "chat link": { peer },
  "chat adopt": { peer },
  "chat unlink": { peer },
  "chat remove": { peer },
  "chat read": { peer, ids: letters },
  "groups create": { title: text, members: listOf(peer) },
  "groups add": { group: room, peer },
  "groups remove": { group: room, peer },
  "groups promote": { group: room, peer },
  "groups leave": { group: room },
  "groups write": { group: room, text, ...spoken, attachment: maybe(attachment) },
  "groups read": { group: room, ids: letters },
  "directory find": { id: fifteen },
  "directory use": { address: text },
  "vault create": { secret: bytes },
  "vault lock": {
    ...{ handle: text, title: text, bytes: count },
    ...{ count: maybe(count), enough: maybe(count), preview: maybe(bytes) },
    part: maybe(object({
      ...{ of: digits, number: count, columns: count, rows: count, width: count, height: count },
    })),
  },
  "vault open": { content: digits },
  "vault verify": { content: maybe(digits) },
  "vault delete": { content: digits },
  "vault list": {},
  "vault abandon": { device: peer },
  "mailbox serve": { isOn: yesOrNo },
  "mailbox use": { box: object({ peer, address: text }) },
  "legacy write": { to: text, text },
  "legacy connect": { to: text, text },
  "legacy part": { to: text, text },
  "membership meet": { addresses: listOf(text) },
  "membership sweep": { subnet: text },
  "membership depart": {},
}));

/** Whether something that came from outside is a command that protocols can take. */
export function isCommand(value: unknown): value is Command {
  const { protocol, name, ...fields } = value as Record<string, unknown>;
  const checks = COMMANDS.get(`${protocol} ${name}`);
  return checks !== undefined && object(checks)(fields);
}
