/** A vault's secret in words, and among several people. */
import assert from "node:assert/strict";
import { Stream } from "../../../runtime/core/mod.ts";
import { newPhrase, readPhrase, secretOfPhrase } from "../../../runtime/host/vault/phrase.ts";
import { joinedSecret, splitSecret } from "../../../runtime/host/vault/split.ts";

const random = new Stream("secrets");

Deno.test("a phrase has five words that can be said, and is read as people write", () => {
  const phrase = newPhrase(new Uint8Array(9));
  assert.equal(phrase, "babab-babab-babab-babab-baduv");
  for (let times = 0; times < 200; times++) {
    const made = newPhrase();
    assert.match(
      made,
      /^([bdfghjklmnprstvz][aiou]){2}[bdfghjklmnprstvz](-([bdfghjklmnprstvz][aiou]){2}[bdfghjklmnprstvz]){4}$/,
    );
    assert.deepEqual(readPhrase(`  ${made.toUpperCase().replaceAll("-", " ")}\n`), {
      phrase: made,
    });
  }
});

Deno.test("a slip of the pen is found, and said", () => {
  assert.deepEqual(readPhrase("babab-babab"), { problem: "A phrase has 5 words, and that has 2" });
  const phrase = newPhrase(random.bytes(9)), words = phrase.split("-");
  assert.deepEqual(readPhrase(phrase.replace(words[0]!, "xxxxx")), {
    problem: '"xxxxx" is no word of a phrase',
  });
  let missed = 0;
  for (let at = 0; at < phrase.length; at++) {
    if (phrase[at] === "-") continue;
    const others = "aiou".includes(phrase[at]!) ? "aiou" : "bdfghjklmnprstvz";
    for (const letter of others) {
      if (letter === phrase[at]) continue;
      const wrong = phrase.slice(0, at) + letter + phrase.slice(at + 1);
      if ("phrase" in readPhrase(wrong)) missed++;
    }
  }
  assert.ok(missed <= 8, `${missed} of some 255 changed letters were not noticed`);
});

Deno.test("the same phrase is the same secret on every machine", async () => {
  const secret = await secretOfPhrase("babab-babab-babab-babab-baduv");
  assert.equal(secret.length, 32);
  assert.deepEqual(await secretOfPhrase("babab-babab-babab-babab-baduv"), secret);
  assert.notDeepEqual(await secretOfPhrase("babab-babab-babab-babab-babit"), secret);
});

Deno.test("any so many parts give the secret back; fewer, changed ones or a mixture do not", async () => {
  const secret = random.bytes(32);
  const parts = await splitSecret(secret, 3, 5), others = await splitSecret(secret, 3, 5);
  for (let one = 0; one < 5; one++) {
    for (let two = one + 1; two < 5; two++) {
      for (let three = two + 1; three < 5; three++) {
        const some = [parts[one]!, parts[two]!, ` ${parts[three]!.toUpperCase()} `];
        assert.deepEqual(await joinedSecret(some), secret);
      }
    }
  }
  const [first, second, third] = parts as [string, string, string];
  const refused = (lines: readonly string[], why: RegExp) =>
    assert.rejects(() => joinedSecret(lines), { name: "RangeError", message: why });
  await refused([first, second], /^3 different parts are needed, and here are 2$/);
  await refused([first, second, second], /here are 2$/);
  await refused([first, second, others[2]!], /parts of several secrets/);
  for (let at = 0; at < third.length; at++) {
    const digit = third[at] === "0" ? "1" : "0";
    await refused(
      [first, second, third.slice(0, at) + digit + third.slice(at + 1)],
      /^Not a whole part/,
    );
  }
  await refused([], /are needed/);
  await assert.rejects(() => splitSecret(secret, 1, 5), RangeError);
  await assert.rejects(() => splitSecret(secret, 4, 3), RangeError);
});
