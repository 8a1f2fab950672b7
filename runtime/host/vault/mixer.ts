/**
 * Sums of shards, sixteen bytes at a time: WebAssembly with SIMD looks up both halves of every byte in
 * tables of sixteen products (Plank, Greenan and Miller, "Screaming fast Galois field arithmetic using Intel
 * SIMD instructions", FAST 2013). The same bytes as `mixed` in protocols/vault/erasure.ts, two to four times
 * as fast; the module is put together here, from a listing that can be read.
 */
import { vault } from "../../protocols/mod.ts";

/** Outputs that are computed at once. */
const LANES = 4;
/** For each input and lane: products with 0 to 15, and with 16 times those. */
const TABLE_BYTES = 2 * 16;
const INPUT_TABLE_BYTES = LANES * TABLE_BYTES;
/** Of each input, so many bytes are in the module's memory at once: all of them stay in the cache. */
const BLOCK = 16 * 1024;
const PAGE_BYTES = 64 * 1024;

/** tables, inputs, how many inputs, how far apart, how many bytes, outputs: addresses and lengths. */
type Kernel = (
  tables: number,
  inputs: number,
  count: number,
  stride: number,
  length: number,
  outputs: number,
) => void;

/** A mixer with a memory of its own. */
export function simdMixer(): vault.Mixer {
  const { memory, kernel } = instance();
  return (rows, inputs, outputs) => {
    const groups = Math.ceil(rows.length / LANES), { length } = inputs[0]!;
    const tablesEnd = groups * inputs.length * INPUT_TABLE_BYTES;
    const outputsAt = tablesEnd + inputs.length * BLOCK;
    const wanted = outputsAt + LANES * BLOCK - memory.buffer.byteLength;
    if (wanted > 0) memory.grow(Math.ceil(wanted / PAGE_BYTES));
    const bytes = new Uint8Array(memory.buffer);
    for (let group = 0; group < groups; group++) writeTables(bytes, rows, inputs.length, group);
    for (let at = 0; at < length; at += BLOCK) {
      const size = Math.min(BLOCK, length - at);
      inputs.forEach((input, nth) =>
        bytes.set(input.subarray(at, at + size), tablesEnd + nth * BLOCK)
      );
      for (let group = 0; group < groups; group++) {
        const tables = group * inputs.length * INPUT_TABLE_BYTES;
        kernel(tables, tablesEnd, inputs.length, BLOCK, size, outputsAt);
        for (let lane = 0; lane < LANES && group * LANES + lane < outputs.length; lane++) {
          const from = outputsAt + lane * BLOCK;
          outputs[group * LANES + lane]!.set(bytes.subarray(from, from + size), at);
        }
      }
    }
  };
}

function writeTables(
  bytes: Uint8Array,
  rows: readonly Uint8Array[],
  inputs: number,
  group: number,
): void {
  for (let input = 0; input < inputs; input++) {
    for (let lane = 0; lane < LANES; lane++) {
      const element = rows[group * LANES + lane]?.[input] ?? 0;
      const at = (group * inputs + input) * INPUT_TABLE_BYTES + lane * TABLE_BYTES;
      for (let half = 0; half < 16; half++) {
        bytes[at + half] = vault.times(element, half);
        bytes[at + 16 + half] = vault.times(element, half << 4);
      }
    }
  }
}

// The listing. WebAssembly core specification 2.0, section 5 (binary format).

const I32 = 0x7f, V128 = 0x7b, NOTHING = 0x40;
const [TABLES, INPUTS, COUNT, STRIDE, LENGTH, OUTPUTS] = [0, 1, 2, 3, 4, 5] as const;
const [AT, LEFT, TABLE, INPUT, LOW, HIGH, SUM] = [6, 7, 8, 9, 10, 11, 12] as const;

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const constant = (value: number) => [0x41, value]; // below 64: one byte of signed LEB128
const add = [0x6a], subtract = [0x6b], multiply = [0x6c], isLess = [0x49];
const loop = [0x03, NOTHING], end = [0x0b], repeatIf = [0x0d, 0];
const simd = (opcode: number, ...rest: number[]) =>
  opcode < 0x80 ? [0xfd, opcode, ...rest] : [0xfd, opcode & 0x7f | 0x80, opcode >> 7, ...rest];
const load = (offset: number) => simd(0x00, 0, ...unsigned(offset));
const store = simd(0x0b, 0, 0);
const zero = simd(0x0c, ...new Array(16).fill(0));
const swizzle = simd(0x0e), splat = simd(0x0f), and = simd(0x4e), xor = simd(0x51);
const shiftRight = simd(0x6d);

/** Adds the products of one input's bytes to the sum of a lane. */
const addProducts = (lane: number) => [
  ...get(SUM + lane),
  ...[...get(TABLE), ...load(lane * TABLE_BYTES), ...get(LOW), ...swizzle, ...xor],
  ...[...get(TABLE), ...load(lane * TABLE_BYTES + 16), ...get(HIGH), ...swizzle, ...xor],
  ...set(SUM + lane),
];

const lanes = Array.from({ length: LANES }, (_, lane) => lane);
const body = [
  // for AT from 0 to LENGTH, by 16
  ...loop,
  ...lanes.flatMap((lane) => [...zero, ...set(SUM + lane)]),
  ...[...get(TABLES), ...set(TABLE), ...get(INPUTS), ...get(AT), ...add, ...set(INPUT)],
  ...[...get(COUNT), ...set(LEFT)],
  // for each input
  ...loop,
  ...[...get(INPUT), ...load(0), ...constant(15), ...splat, ...and, ...set(LOW)],
  ...[...get(INPUT), ...load(0), ...constant(4), ...shiftRight, ...set(HIGH)],
  ...lanes.flatMap(addProducts),
  ...[...get(INPUT), ...get(STRIDE), ...add, ...set(INPUT)],
  ...[...get(TABLE), 0x41, ...signed(INPUT_TABLE_BYTES), ...add, ...set(TABLE)],
  ...[...get(LEFT), ...constant(1), ...subtract, 0x22, LEFT, ...repeatIf],
  ...end,
  ...lanes.flatMap((lane) => [
    ...[
      ...get(OUTPUTS),
      ...get(AT),
      ...add,
      ...get(STRIDE),
      ...constant(lane),
      ...multiply,
      ...add,
    ],
    ...[...get(SUM + lane), ...store],
  ]),
  ...[...get(AT), ...constant(16), ...add, 0x22, AT, ...get(LENGTH), ...isLess, ...repeatIf],
  ...end,
  ...end,
];

function instance(): { readonly memory: WebAssembly.Memory; readonly kernel: Kernel } {
  // AT, LEFT, TABLE and INPUT are numbers; LOW, HIGH and the sums are vectors.
  const locals = [2, 4, I32, 2 + LANES, V128];
  const code = [...locals, ...body];
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  const module = new WebAssembly.Module(Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 6, I32, I32, I32, I32, I32, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...name("memory"), 2, 0, ...name("mix"), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]));
  const { memory, mix } = new WebAssembly.Instance(module).exports;
  return { memory: memory as WebAssembly.Memory, kernel: mix as Kernel };
}

function section(kind: number, content: readonly number[]): number[] {
  return [kind, ...unsigned(content.length), ...content];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [value & 0x7f | 0x80, ...unsigned(value >> 7)];
}

function signed(value: number): number[] {
  return value < 0x40 ? [value] : [value & 0x7f | 0x80, ...signed(value >> 7)];
}
