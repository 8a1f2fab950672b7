/** Numbers that belong to keys: what they are, what they cost, and what a slip of the finger gives. */
import assert from "node:assert/strict";
import { identityFrom, utf8 } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import {
  claimed,
  type Id,
  idOf,
  isIdOf,
  readId,
  REAL,
  TOY,
  written,
} from "../../../runtime/protocols/directory/id.ts";

function keysOf(name: string) {
  return identityFrom(nodeCrypto.sha256(utf8(name)), nodeCrypto).keys;
}

Deno.test("a number has fifteen digits, no leading zero, and belongs to its keys alone", () => {
  for (let nth = 0; nth < 200; nth++) {
    const keys = keysOf(`person ${nth}`);
    const { id, modifier } = claimed(keys, TOY);
    assert.match(id, /^[1-9]\d{14}$/);
    assert.ok(isIdOf(id, modifier, keys, TOY));
    assert.equal(isIdOf(id, modifier, keysOf("somebody else"), TOY), false);
    assert.equal(isIdOf(id, modifier + 1, keys, TOY), false);
    assert.equal(isIdOf(id, -1, keys, TOY), false);
    assert.equal(isIdOf(id, 0.5, keys, TOY), false);
  }
});

Deno.test("half of all modifiers give no toy number, and a taken number is passed over", () => {
  const keys = keysOf("ana");
  const valid = Array.from({ length: 400 }, (_, at) => idOf(keys, at, TOY))
    .filter((id) => id !== undefined);
  assert.ok(valid.length > 160 && valid.length < 240, `${valid.length} of 400`);
  const first = claimed(keys, TOY);
  const second = claimed(keys, TOY, 0, (id) => id === first.id);
  assert.ok(second.modifier > first.modifier);
  assert.notEqual(second.id, first.id);
});

Deno.test("a toy number never passes as a real one, and a real one is checked by one hash", () => {
  const keys = keysOf("ana");
  const toy = claimed(keys, TOY);
  assert.equal(isIdOf(toy.id, toy.modifier, keys, REAL), false);
  for (let modifier = 0; modifier < 3; modifier++) {
    assert.equal(idOf(keys, modifier, REAL), undefined, "one in 32 is valid");
  }
  const cheap = { ...REAL, extension: 0 };
  const id = idOf(keys, 7, cheap)!;
  assert.ok(isIdOf(id, 7, keys, cheap));
});

Deno.test("what is written is read, spaced or not, with its check digit or without", () => {
  const { id } = claimed(keysOf("ana"), TOY);
  const text = written(id);
  assert.match(text, /^\d{3} \d{3} \d{3} \d{3} \d{3}-\d$/);
  for (const typed of [text, id, ` ${text.replaceAll(" ", "")} `, text.slice(0, -2)]) {
    assert.deepEqual(readId(typed), { id });
  }
});

Deno.test("every single wrong digit, and every swap of neighbours, is found", () => {
  const digits = written("723456789012345" as Id).replace(/\D/g, "");
  let wrong = 0;
  for (let at = 0; at < digits.length; at++) {
    for (let digit = 0; digit < 10; digit++) {
      const changed = digits.slice(0, at) + digit + digits.slice(at + 1);
      if (changed === digits) continue;
      assert.ok("problem" in readId(changed), changed);
      wrong++;
    }
    if (at === 0 || digits[at] === digits[at - 1]) continue;
    const swapped = digits.slice(0, at - 1) + digits[at] + digits[at - 1] + digits.slice(at + 1);
    assert.ok("problem" in readId(swapped), swapped);
  }
  assert.equal(wrong, 144);
});

Deno.test("what is no number is answered with a sentence", () => {
  const problem = (text: string) => {
    const read = readId(text);
    return "problem" in read ? read.problem : "";
  };
  assert.match(problem("Ben"), /fifteen digits/);
  assert.match(problem("12345"), /these are 5/);
  assert.match(problem("012345678901234"), /zero/);
  assert.match(problem(""), /fifteen digits/);
});
