/** The word somebody probably meant. */

/** The candidate with the fewest letters to change, where those are few; undefined where none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.max(2, Math.floor(word.length / 2)) + 1;
  for (const candidate of candidates) {
    // Whoever stops typing early has made no mistake in what is there.
    const changes = word !== "" && candidate.startsWith(word)
      ? 1
      : distance(word.toLowerCase(), candidate.toLowerCase());
    if (changes >= fewest) continue;
    fewest = changes;
    best = candidate;
  }
  return best;
}

/** Letters to insert, delete or replace (Levenshtein 1965), one row of the table at a time. */
function distance(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const replaced = (above[column - 1] as number) + (one[row - 1] === other[column - 1] ? 0 : 1);
      const shifted = Math.min(above[column] as number, current[column - 1] as number) + 1;
      current.push(Math.min(replaced, shifted));
    }
    above = current;
  }
  return above[other.length] as number;
}
