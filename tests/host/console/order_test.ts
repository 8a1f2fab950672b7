/** What a verb makes of what the node tells: done, refused, or silence; never a refusal that is not said. */
import assert from "node:assert/strict";
import type { AppEvent } from "../../../runtime/core/mod.ts";
import { ordered } from "../../../runtime/host/console/order.ts";
import { chat } from "../../../runtime/protocols/mod.ts";

const command = chat.link("a".repeat(64) as never);

/** A node that answers with these. */
async function said(news: readonly string[], ...events: readonly object[]) {
  const data: unknown[] = [];
  let listener: (told: never) => void = () => {};
  const desk = {
    follow: (_after: number, hear: (told: never) => void) => (listener = hear, () => {}),
    ask: () => {
      for (const event of events) {
        listener({ wall: Date.now(), event: { protocol: "chat", ...event } as AppEvent } as never);
      }
      return Promise.resolve();
    },
  };
  const terminal = { data: (...words: unknown[]) => void data.push(words) };
  return [await ordered(desk as never, command, news, { terminal } as never), data.length];
}

Deno.test("what is refused is said, also where success is told by nothing", async () => {
  const refused = { name: "refused", words: "Cannot be linked twice" };
  for (const news of [[], ["devices"]]) {
    await assert.rejects(said(news, refused), { message: "Cannot be linked twice" });
  }
  assert.deepEqual(await said([], { name: "named" }), [0, 1]);
  assert.deepEqual(await said(["devices"], { name: "named" }, { name: "devices" }), [0, 1]);
});
