/**
 * Bulk that is done with goes soon. A body of a megabyte is one small object to the engine, which looks for
 * garbage when there are many small objects: by then a hundred megabytes wait beside them. So it is asked
 * to look at young objects each time that so many bytes have passed (some 50 us), and at all of them (some
 * 20 ms) when more than so much is held outside its heap even then.
 *
 * Needs `--v8-flags=--expose-gc`, as `deno task node` has it; without it nothing is different but the memory.
 */
const EVERY_BYTES = 8 * 1024 * 1024;
const HELD_BYTES = 22 * 1024 * 1024;

type Collect = (options: { readonly type: "minor" | "major" }) => void;
const { gc: collect } = globalThis as { gc?: Collect };

let passed = 0;

/** So many bytes have passed through this process and are not needed any more, or soon will not be. */
export function bulkPassed(bytes: number): void {
  if (collect === undefined) return;
  passed += bytes;
  if (passed < EVERY_BYTES) return;
  passed = 0;
  collect({ type: "minor" });
  if (Deno.memoryUsage().external > HELD_BYTES) collect({ type: "major" });
}
