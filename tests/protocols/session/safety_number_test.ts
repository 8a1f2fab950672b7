/** The digits that Signal's own library (0.72.1) gives for the same keys and names. */
import assert from "node:assert/strict";
import { utf8 } from "../../../runtime/core/mod.ts";
import { safetyNumber } from "../../../runtime/protocols/session/mod.ts";

const ana = {
  key: Uint8Array.fromHex("0513be4feaeaf204c7fd3358fc9c00721881d174278128227ec674f37f7fe97b6d"),
  name: utf8("+14155550101"),
};
const ben = {
  key: Uint8Array.fromHex("0557db4b359f23ae5e146e4e2512056704722506348c150c14753d0c933d04d421"),
  name: utf8("+14155550102"),
};

Deno.test("both sides see the same sixty digits, which are Signal's for the same keys", () => {
  const digits = "244744502831223730226311533340486853816655641385638757915655";
  assert.equal(safetyNumber(ana, ben), digits);
  assert.equal(safetyNumber(ben, ana), digits);
});

Deno.test("another key, and another name, give other digits", () => {
  const key = ana.key.slice();
  key[9]! ^= 1;
  const digits = safetyNumber(ana, ben);
  assert.notEqual(safetyNumber({ ...ana, key }, ben), digits);
  assert.notEqual(safetyNumber({ ...ana, name: utf8("+14155550103") }, ben), digits);
});
