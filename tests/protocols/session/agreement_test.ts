/** First contact: what a lying directory, an old bundle or a replay cannot do. */
import assert from "node:assert/strict";
import { joined, Reader, Writer } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import {
  bundleSchema,
  initiated,
  isGenuine,
  kemKey,
  type Opening,
  openingSchema,
  padded,
  type Prekeys,
  responded,
  unpadded,
} from "../../../runtime/protocols/session/mod.ts";
import { bucketOf } from "../../../runtime/protocols/session/padding.ts";
import { conversation, Person, Side } from "./two.ts";

function lengthOf<Value>(
  schema: { write(writer: Writer, value: Value): void },
  value: Value,
): number {
  const writer = new Writer();
  schema.write(writer, value);
  return writer.take().length;
}

Deno.test("with and without a one-time prekey and the KEM both sides agree", () => {
  for (const once of [true, false]) {
    for (const kem of [true, false]) {
      const { ana, ben } = conversation({ once, kem });
      assert.equal(ben.read(ana.write("hello")), "hello");
      assert.equal(ana.read(ben.write("hello yourself")), "hello yourself");
    }
  }
});

Deno.test("a first contact with the KEM takes at most 2.6 KB", () => {
  const { ana, opening } = conversation();
  const bytes = lengthOf(openingSchema, opening) + ana.write("x".repeat(100)).length;
  assert.ok(bytes <= 1_500, `${bytes}`); // the target is 2,600
  assert.ok(lengthOf(bundleSchema, new Person("ben").prekeys().bundle) <= 2_600);
});

Deno.test("a bundle that somebody has changed is refused", () => {
  const ana = new Person("ana"), ben = new Person("ben"), eve = new Person("eve");
  const { bundle } = ben.prekeys(), { bundle: other } = eve.prekeys();
  const changed = [
    { ...bundle, signed: other.signed },
    { ...bundle, signed: { ...bundle.signed, key: other.signed.key } },
    { ...bundle, kem: other.kem },
    { ...bundle, kem: { ...bundle.kem!, key: other.kem!.key } },
    { ...bundle, sign: other.sign },
    { ...bundle, kem: undefined }, // the downgrade
  ];
  for (const each of changed) {
    assert.equal(isGenuine(each, ana.tools.crypto), false);
    assert.equal(initiated(ana.identity, each, ana.tools), undefined);
  }
  assert.ok(initiated(ana.identity, bundle, ana.tools) !== undefined);
});

Deno.test("keys of low order, and a KEM key that is none, end it", () => {
  const ana = new Person("ana"), ben = new Person("ben");
  const { bundle } = ben.prekeys();
  const zero = new Uint8Array(32);
  assert.equal(initiated(ana.identity, { ...bundle, agree: zero }, ana.tools), undefined);
  assert.equal(
    initiated(ana.identity, { ...bundle, once: { id: 2, key: zero } }, ana.tools),
    undefined,
  );
});

Deno.test("prekeys that are gone, used up or swapped give no session that can be read", () => {
  const ana = new Person("ana"), ben = new Person("ben");
  const { bundle, secrets } = ben.prekeys();
  const { state, opening } = initiated(ana.identity, bundle, ana.tools)!;
  const answered = (given: Opening, left: Prekeys) =>
    responded(ben.identity, ana.identity.keys, given, left, ben.tools);
  const none = new Map<number, Uint8Array>();
  assert.equal(answered(opening, { ...secrets, once: none }), undefined, "used once already");
  assert.equal(answered(opening, { ...secrets, signed: none }), undefined, "too old");
  assert.equal(answered(opening, { ...secrets, kem: none }), undefined);
  const hello = new Side(state, new Uint8Array(1), ana.tools).write("hello");
  const readBy = (given: Opening, left = secrets) =>
    new Side(answered(given, left)!, new Uint8Array(1), ben.tools).read(hello);
  const sealed = opening.kem!.sealed.slice();
  sealed[5]! ^= 1;
  assert.equal(readBy({ ...opening, kem: { id: 3, sealed } }), undefined, "implicit rejection");
  assert.equal(readBy({ ...opening, once: undefined }), undefined);
  assert.equal(readBy({ ...opening, kem: undefined }), undefined, "the downgrade");
  const eve = new Person("eve");
  const misled = responded(ben.identity, eve.identity.keys, opening, secrets, ben.tools)!;
  assert.equal(new Side(misled, new Uint8Array(1), ben.tools).read(hello), undefined);
  assert.equal(readBy(opening), "hello");
});

Deno.test("an opening of another length is no opening", () => {
  const { opening } = conversation();
  const writer = new Writer();
  openingSchema.write(writer, opening);
  const bytes = writer.take();
  for (const cut of [1, 2, 1_088]) {
    const reader = new Reader(bytes.subarray(0, bytes.length - cut));
    openingSchema.read(reader);
    assert.equal(reader.whole, false);
  }
  assert.equal(kemKey(new Uint8Array(64)).length, 1_184);
});

Deno.test("padding hides the length but for a bucket, and nothing else is taken for it", () => {
  const buckets = new Set<number>();
  for (let length = 0; length <= 16 * 1024; length += 7) {
    const whole = padded(new Uint8Array(length).fill(0));
    assert.equal(unpadded(whole)?.length, length);
    buckets.add(whole.length);
    assert.ok(whole.length <= Math.max(64, 1.2 * (length + 1) + 64));
  }
  assert.ok(buckets.size < 80, `${buckets.size} lengths`);
  assert.equal(unpadded(new Uint8Array(64)), undefined);
  assert.equal(unpadded(new Uint8Array(65).fill(0x80)), undefined);
  assert.equal(bucketOf(63), 64);
  assert.equal(bucketOf(64), 128);
});

Deno.test("the same chance gives the same bytes as ever: nobody changes a key's way unseen", () => {
  const digestOf = (kem: boolean) => {
    const { ana, ben, opening } = conversation({ kem });
    const writer = new Writer();
    openingSchema.write(writer, opening);
    const bytes = [writer.take(), ana.write("hello")];
    assert.equal(ben.read(bytes[1]!), "hello");
    return nodeCrypto.sha256(joined(...bytes, ben.write("hello yourself"))).toHex();
  };
  assert.equal(digestOf(true), "ffc0b31277aa4d5adf3f71d0c68ff8c2182b88396bc21b9f28fcecd6c09b1b55");
  assert.equal(digestOf(false), "ccc57ec58cc4bd959b93bd17ebb9238bf27b035d9a4497d60c8da2a0dedb31a6");
});
