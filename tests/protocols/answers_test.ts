/** Who is answered, and how often. */
import assert from "node:assert/strict";
import { second } from "../../runtime/core/mod.ts";
import { Answers } from "../../runtime/protocols/membership/answers.ts";
import type { Contacts } from "../../runtime/protocols/membership/contacts.ts";

const answers = () =>
  new Answers({ isProvedAt: (host: string) => host.startsWith("friend") } as unknown as Contacts);

Deno.test("a busy node answers all fifty who fear that it is dead, each as often as they ask", () => {
  const { mayAnswer } = bound(answers());
  for (let ask = 0; ask < 5; ask++) {
    for (let nth = 0; nth < 50; nth++) {
      assert.ok(mayAnswer(`friend${nth}`, second + ask * 400_000), `${nth} asks for time ${ask}`);
    }
  }
});

Deno.test("strangers are answered four times and then once a second, and never take a friend's turn", () => {
  const { mayAnswer } = bound(answers());
  const answered = Array.from({ length: 30 }, () => mayAnswer("stranger", second));
  assert.equal(answered.filter(Boolean).length, 4);
  for (let nth = 0; nth < 200; nth++) mayAnswer(`stranger${nth}`, second);
  assert.equal(mayAnswer("stranger999", second), false);
  assert.equal(mayAnswer("friend", second), true);
});

Deno.test("a call is answered to friends no more often than to strangers: a beacon is long", () => {
  const { mayBeacon } = bound(answers());
  const answered = Array.from({ length: 30 }, () => mayBeacon("friend", second));
  assert.equal(answered.filter(Boolean).length, 4);
});

function bound(each: Answers) {
  return {
    mayAnswer: (host: string, now: number) => each.mayAnswer(host, now),
    mayBeacon: (host: string, now: number) => each.mayBeacon(host, now),
  };
}
