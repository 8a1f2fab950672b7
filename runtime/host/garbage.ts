/**
 * Bulk that is done with goes soon. A body of a megabyte is one small object to the engine, which looks for
 * garbage when there are many small objects: by then a hundred megabytes wait beside them. So it is asked
 * to look at young objects each time that so many bytes have passed (some 50 us), and at all of them (some
 * 20 ms) when more than so much is held outside its heap even then. Whole megabytes live long enough to be
 * old by then: where such have passed, less may be held. (One bound for both cost either a quarter of the
 * processor while small blocks move, or 15 MB more while large ones do.)
 *
 * Needs `--v8-flags=--expose-gc`, as `deno task node` has it; without it nothing is different but the memory.
 */
const MEBIBYTE = 1024 * 1024;
const EVERY_BYTES = 8 * MEBIBYTE;
/** From here on a body counts as large. */
export const LARGE_BYTES = 1_000_000;
const HELD_BYTES = 44 * MEBIBYTE;
const HELD_BY_LARGE_BYTES = 20 * MEBIBYTE;

type Collect = (options: { readonly type: "minor" | "major" }) => void;
const { gc: collect } = globalThis as { gc?: Collect };

let passed = 0, isLarge = false;

/** So many bytes have passed through this process and are not needed any more, or soon will not be. */
export function bulkPassed(bytes: number): void {
  if (collect === undefined) return;
  passed += bytes;
  isLarge ||= bytes >= LARGE_BYTES;
  if (passed < EVERY_BYTES) return;
  collect({ type: "minor" });
  const most = isLarge ? HELD_BY_LARGE_BYTES : HELD_BYTES;
  if (Deno.memoryUsage().external > most) collect({ type: "major" });
  passed = 0;
  isLarge = false;
}
