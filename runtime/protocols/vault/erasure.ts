/**
 * Shards of which any `enough` give back the whole (Reed and Solomon 1960): the first ones are the data
 * itself, the others sums of it. What is lost is a sum of what is left.
 */
import { assert } from "../../core/mod.ts";
import { codingMatrix, inverted, type Matrix, times } from "./field.ts";

/**
 * Sums of inputs, each multiplied by the row's element: `outputs[r] = sum over j of rows[r][j] * inputs[j]`.
 * All are equally long, and a whole number of 16 bytes; outputs are no inputs.
 */
export type Mixer = (
  rows: Matrix,
  inputs: readonly Uint8Array[],
  outputs: readonly Uint8Array[],
) => void;

/** Shards are whole numbers of so many bytes long. */
export const GRAIN = 16;

/** One way to cut: how many shards there are, and how many of them suffice. */
export class Code {
  readonly #matrix: Matrix;

  /** Any `enough` of `count` shards are to suffice. */
  constructor(readonly enough: number, readonly count: number, readonly mix: Mixer = mixed) {
    this.#matrix = codingMatrix(enough, count);
  }

  /** All shards of these data shards, which are the first ones. */
  encoded(data: readonly Uint8Array[]): readonly Uint8Array[] {
    assert(data.length === this.enough, "there are as many data shards as are enough");
    const parities = data.length === this.count ? [] : this.#sums(
      this.#matrix.slice(this.enough),
      data,
    );
    return [...data, ...parities];
  }

  /** The shards with these numbers, from `enough` others, or more, by their numbers. */
  rebuilt(
    shards: ReadonlyMap<number, Uint8Array>,
    wanted: readonly number[],
  ): readonly Uint8Array[] {
    const missing = wanted.filter((number) => !shards.has(number));
    const sums = missing.length === 0 ? [] : this.#recovered(shards, missing);
    return wanted.map((number) => shards.get(number) ?? sums[missing.indexOf(number)]!);
  }

  #recovered(shards: ReadonlyMap<number, Uint8Array>, missing: readonly number[]) {
    const used = [...shards].slice(0, this.enough);
    assert(used.length === this.enough, "there are enough shards");
    const back = inverted(used.map(([number]) => this.#matrix[number]!));
    // A lost shard is its row times the data, and the data are the inverse times what is left.
    const rows = missing.map((number) => product(this.#matrix[number]!, back));
    return this.#sums(rows, used.map(([, bytes]) => bytes));
  }

  #sums(rows: Matrix, inputs: readonly Uint8Array[]): readonly Uint8Array[] {
    const [{ length }] = inputs as [Uint8Array];
    const isWhole = length % GRAIN === 0 && inputs.every((input) => input.length === length);
    assert(isWhole, "shards are equally long, and whole");
    const outputs = rows.map(() => new Uint8Array(length));
    this.mix(rows, inputs, outputs);
    return outputs;
  }
}

function product(row: Uint8Array, matrix: Matrix): Uint8Array {
  return Uint8Array.from(matrix[0]!, (_, column) => {
    let sum = 0;
    for (let at = 0; at < row.length; at++) sum ^= times(row[at]!, matrix[at]![column]!);
    return sum;
  });
}

/** Outputs that one lookup serves: their products lie side by side in one word. */
const SIDE_BY_SIDE = 4;
/** Bytes of each input that are worked on at once: sums of them stay in the first cache. */
const BLOCK = 8_192;

const sum = new Uint32Array(BLOCK);

/** In TypeScript alone: the reference, and fast enough for most. */
export const mixed: Mixer = (rows, inputs, outputs) => {
  for (let first = 0; first < rows.length; first += SIDE_BY_SIDE) {
    const some = rows.slice(first, first + SIDE_BY_SIDE);
    mixFew(inputs.map((_, at) => productsOf(some.map((row) => row[at]!))), inputs, outputs, first);
  }
};

/** Products of each byte with up to four elements, by the byte. */
function productsOf(elements: readonly number[]): Uint32Array {
  const table = new Uint32Array(256);
  for (let value = 0; value < 256; value++) {
    let word = 0;
    for (let at = 0; at < elements.length; at++) word |= times(elements[at]!, value) << (8 * at);
    table[value] = word;
  }
  return table;
}

function mixFew(
  tables: readonly Uint32Array[],
  inputs: readonly Uint8Array[],
  outputs: readonly Uint8Array[],
  first: number,
): void {
  const { length } = inputs[0]!;
  for (let at = 0; at < length; at += BLOCK) {
    const end = Math.min(BLOCK, length - at);
    sum.fill(0, 0, end);
    for (let input = 0; input < inputs.length; input++) {
      addTo(tables[input]!, inputs[input]!, at, end);
    }
    for (let lane = 0; lane < SIDE_BY_SIDE && first + lane < outputs.length; lane++) {
      spread(outputs[first + lane]!, at, end, 8 * lane);
    }
  }
}

/** Functions of their own, so that the engine compiles each loop for itself. */
function addTo(table: Uint32Array, input: Uint8Array, at: number, end: number): void {
  for (let nth = 0; nth < end; nth++) sum[nth]! ^= table[input[at + nth]!]!;
}

function spread(output: Uint8Array, at: number, end: number, shift: number): void {
  for (let nth = 0; nth < end; nth++) output[at + nth] = sum[nth]! >>> shift;
}
