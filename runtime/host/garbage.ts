/**
 * Bulk that is done with goes soon. A body of a megabyte is one small object to the engine, which looks for
 * garbage when there are many small objects: by then a hundred megabytes wait beside them. So it is asked
 * to look at young objects each time that so many bytes have passed (some 500 us), and at all of them (some
 * 20 ms) when so much has gathered even then, outside its heap or inside since it looked last: less once
 * the whole process has grown to nearly what a node is to take at most. (That bound from the start costs a
 * fifth of the processor.)
 *
 * Needs `--v8-flags=--expose-gc`, as `deno task node` has it; without it nothing is different but the memory.
 */
const MEBIBYTE = 1024 * 1024;
const EVERY_BYTES = 2 * MEBIBYTE;
const HELD_BYTES = 20 * MEBIBYTE, HELD_BY_LARGE_PROCESS = 14 * MEBIBYTE;
const LARGE_PROCESS = 110 * MEBIBYTE;

type Collect = (options: { readonly type: "minor" | "major" }) => void;
const { gc: collect } = globalThis as { gc?: Collect };

let passed = 0;
/** What its heap held after it had looked at all objects. */
let settled = Infinity;

/** So many bytes have passed through this process and are not needed any more, or soon will not be. */
export function bulkPassed(bytes: number): void {
  if (collect === undefined) return;
  passed += bytes;
  if (passed < EVERY_BYTES) return;
  collect({ type: "minor" });
  const { rss, external, heapUsed } = Deno.memoryUsage();
  settled = Math.min(settled, heapUsed);
  const most = rss > LARGE_PROCESS ? HELD_BY_LARGE_PROCESS : HELD_BYTES;
  if (external + heapUsed - settled > most) {
    collect({ type: "major" });
    settled = Deno.memoryUsage().heapUsed;
  }
  passed = 0;
}
