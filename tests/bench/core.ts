/** How fast the core's small parts are: those that every step of every node goes through. */
import {
  bytesUpTo,
  listOf,
  Stream,
  struct,
  textUpTo,
  u32,
  upTo,
  wire,
} from "../../runtime/core/mod.ts";
import { atLeast, type Bench } from "./row.ts";

/** Targets are half of what a 2-core x86-64 virtual machine measures, so that a busy one reaches them. */
export const benches: readonly Bench[] = [
  atLeast("random-numbers", 240_000_000, "1/s", () => rateOf(20_000_000, draws)),
  atLeast("messages-coded", 420_000, "1/s", () => rateOf(300_000, messages)),
];

function rateOf(count: number, run: (count: number) => void): number {
  run(count / 10); // so that the compiler has seen it
  const start = performance.now();
  run(count);
  return count / (performance.now() - start) * 1000;
}

function draws(count: number): void {
  const random = new Stream("bench");
  let sum = 0;
  for (let at = 0; at < count; at++) sum += random.u32() & 1;
  if (Math.abs(sum / count - 0.5) > 0.1) throw new Error("The stream is not even");
}

const spoken = wire({
  line: struct({ number: u32, room: textUpTo(96), text: textUpTo(1000) }),
  pieces: struct({ content: bytesUpTo(32), have: listOf(upTo(1 << 20), 64) }),
});

function messages(count: number): void {
  const content = new Uint8Array(32), have = Array.from({ length: 32 }, (_, at) => 37 * at);
  for (let number = 0; number < count; number += 2) {
    const line = spoken.decode(spoken.encode({ kind: "line", number, room: "lab", text: "Hello" }));
    const pieces = spoken.decode(spoken.encode({ kind: "pieces", content, have }));
    if (line?.kind !== "line" || pieces?.kind !== "pieces") throw new Error("A message was lost");
  }
}
