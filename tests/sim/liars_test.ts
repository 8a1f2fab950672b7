/** A liar's links are genuine; only what it sends in bodies is wrong. */
import assert from "node:assert/strict";
import { poisoning } from "../../sim/mod.ts";
import { dial, echo, flood, ping } from "./echo.ts";
import { small, watched } from "./watched.ts";

Deno.test("a poisoner turns over one bit of each body of a kind, and nothing else", () => {
  const { of, inputs } = watched(small(({ named, at }) => {
    const { ana, ben } = named("ana", "ben");
    at("1s", ana, dial(ben.address));
    at("2s", ana, flood(2, 1000));
    at("3s", ben, flood(1, 1000));
    at("4s", ana, ping(2));
  }, {
    protocols: (_settings, { name }) => [name === "ana" ? poisoning(echo(), "block") : echo()],
  }));
  const bodies = (who: string) =>
    inputs(who, "received").flatMap(({ input }) => input.frame.body ?? []);
  assert.deepEqual(bodies("ben").map((body) => body.filter((byte) => byte !== 0)), [
    Uint8Array.of(1),
    Uint8Array.of(1),
  ]);
  assert.ok(bodies("ana").every((body) => body.every((byte) => byte === 0)));
  assert.equal(of("ben", "block").length, 2, "the seal is genuine: the link takes it");
  assert.equal(of("ana", "pong").length, 2);
});
