/**
 * Who relays to whom: bounded-degree, interior-disjoint trees for every block.
 *
 * Members stand in rows, and in planes of rows where there are many. A block goes from the source
 * to one member, its owner; the owner passes it to one head in every other row of its plane (and to
 * one in every other plane), and each head to the rest of its row. So every member is the root of
 * its own tree and an inner node only where it is head for an owner: the trees of a rook's graph,
 * in the spirit of SplitStream (Castro et al. 2003), of two or three hops and degree 2 * sqrt(N).
 *
 * Within its row a member's place goes by its uplink, and an owner's heads stand where it stands,
 * in proportion: a fast owner gets many blocks, and fast heads with them. Heads by proportion also
 * share the work evenly where rows differ in length.
 */

/** For one member: whom it relays to, nearest dimension first. */
export type Relays<Member> = readonly (readonly Member[])[];

/**
 * Up to this many, the owner relays to all the others itself: with every flow alike, the downlinks
 * are shared without loss (1 + N/M of the floor for M blocks). Two hops at 50 cost 3 % more.
 */
const ONE_ROW = 64;
/**
 * The same where there are so few blocks for each: links to all are worth less than what it takes
 * to open them, and over many slow flows a block is long on its way. (25 to 64 members with 15
 * blocks each: as soon in the simulator, a quarter sooner live.)
 */
const ONE_SHORT_ROW = 24, FEW_BLOCKS = 16;
/** Up to this many, two hops; beyond, three. */
const ONE_PLANE = 144;

/**
 * Uplinks call for another plan if a quarter of them is so many times as fast as the slowest quarter, or a
 * tenth as the slowest tenth. (Alike, but measured on a busy machine, they seem to differ 1.4 and 2 times.)
 */
const UNLIKE_QUARTERS = 1.5, UNLIKE_TENTHS = 3;

type Row<Member> = Member[];

interface Place<Member> {
  readonly row: Row<Member>;
  readonly rowAt: number;
  readonly planeAt: number;
  /** Where in its row it stands, from 0 to 1, a little later in later rows. */
  readonly part: number;
}

/** Where every member of one content stands. */
export class Grid<Member> {
  /** Planes of rows of members. */
  #planes: Row<Member>[][] = [];
  #capacity: number;

  /** Members from slow to fast or fast to slow: like ones come to stand at the same place. */
  constructor(members: readonly Member[], blocks = Infinity) {
    const count = Math.max(1, members.length);
    let rowLength = count, planes = 1;
    if (count > ONE_PLANE) planes = rowLength = ceilRoot(count, 3);
    else if (count > (blocks < count * FEW_BLOCKS ? ONE_SHORT_ROW : ONE_ROW)) {
      rowLength = ceilRoot(count, 2);
    }
    const rows = Math.ceil(count / (rowLength * planes));
    this.#planes = Array.from({ length: planes }, () => Array.from({ length: rows }, () => []));
    this.#capacity = planes * rows * rowLength;
    const all = this.#rows();
    members.forEach((member, at) => all[at % all.length]!.push(member));
  }

  /** How many dimensions a block spreads along: what the source gives its owner. */
  get dimensions(): number {
    return this.#planes.length > 1 ? 3 : this.#rows().length > 1 ? 2 : 1;
  }

  get size(): number {
    return this.#rows().reduce((sum, row) => sum + row.length, 0);
  }

  /** True where so many members would stand in rows and planes of other numbers. */
  outgrown(members: number): boolean {
    return members * 4 > this.#capacity * 5 || members * 2 < this.#capacity;
  }

  /** All members; those after each other stand in different rows. */
  members(): Member[] {
    const rows = this.#rows();
    const longest = Math.max(...rows.map((row) => row.length));
    const members: Member[] = [];
    for (let at = 0; at < longest; at++) {
      for (const row of rows) if (at < row.length) members.push(row[at]!);
    }
    return members;
  }

  /** To the shortest row. */
  add(member: Member): void {
    let shortest = this.#rows()[0]!;
    for (const row of this.#rows()) if (row.length < shortest.length) shortest = row;
    shortest.push(member);
  }

  remove(member: Member): void {
    for (const row of this.#rows()) {
      const at = row.indexOf(member);
      if (at >= 0) row.splice(at, 1);
    }
  }

  /** Whom a member relays to, by dimension. */
  relaysOf(member: Member): Relays<Member> {
    const place = this.#placeOf(member);
    if (place === undefined) return [];
    const { row, rowAt, planeAt, part } = place;
    const plane = this.#planes[planeAt]!;
    const inRow = others(row, row.indexOf(member));
    const inPlane = others(plane, rowAt).filter((other) => other.length > 0)
      .map((other) => other[Math.floor(part * other.length)]!);
    const beyond = others(this.#planes, planeAt)
      .map((other) => headOf(other, rowAt, part)).filter((head) => head !== undefined);
    return [inRow, inPlane, beyond].slice(0, this.dimensions);
  }

  #placeOf(member: Member): Place<Member> | undefined {
    const rows = this.#rows();
    for (const [planeAt, plane] of this.#planes.entries()) {
      for (const [rowAt, row] of plane.entries()) {
        const at = row.indexOf(member);
        if (at < 0) continue;
        const later = (rows.indexOf(row) + 0.5) / rows.length;
        return { row, rowAt, planeAt, part: (at + later) / row.length };
      }
    }
    return undefined;
  }

  #rows(): Row<Member>[] {
    return this.#planes.flat();
  }
}

/** Whether uplinks of these rates, in bytes per second, are worth standing by: like ones together. */
export function areUnlike(rates: readonly number[]): boolean {
  const sorted = rates.toSorted((one, other) => one - other);
  const spread = (part: number) => {
    const aside = Math.floor(sorted.length / part);
    return sorted.at(-1 - aside)! / sorted[aside]!;
  };
  return spread(4) >= UNLIKE_QUARTERS || spread(10) >= UNLIKE_TENTHS;
}

/** All but one, beginning with the next: so that those in a row do not all send to the same first. */
function others<Item>(list: readonly Item[], but: number): Item[] {
  return [...list.slice(but + 1), ...list.slice(0, but)];
}

/** The member of another plane that stands where an owner stands, or as near as there is one. */
function headOf<Member>(
  plane: readonly Row<Member>[],
  rowAt: number,
  part: number,
): Member | undefined {
  for (let step = 0; step < plane.length; step++) {
    const row = plane[(rowAt + step) % plane.length]!;
    if (row.length > 0) return row[Math.floor(part * row.length)];
  }
  return undefined;
}

function ceilRoot(value: number, degree: 2 | 3): number {
  let root = 1;
  while ((degree === 2 ? root * root : root * root * root) < value) root++;
  return root;
}
