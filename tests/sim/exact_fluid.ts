/** Max-min fair rates worked out from scratch, slowly and plainly: what sim/shares.ts must agree with. */

/** Where one flow goes, as indices into the capacities. */
export interface ExactFlow {
  readonly ports: readonly number[];
}

/**
 * Progressive filling (Bertsekas and Gallager, Data Networks, 6.5.2): all rates rise together; when a
 * port is full, the flows on it stay where they are, and the others go on rising.
 */
export function exactRates(capacities: readonly number[], flows: readonly ExactFlow[]): number[] {
  const rates: (number | undefined)[] = flows.map(() => undefined);
  for (;;) {
    let level = Infinity, full = -1;
    capacities.forEach((capacity, port) => {
      let left = capacity, rising = 0;
      flows.forEach((flow, index) => {
        if (!flow.ports.includes(port)) return;
        const rate = rates[index];
        if (rate === undefined) rising++;
        else left -= rate;
      });
      const share = left / rising;
      if (rising > 0 && share < level) [level, full] = [share, port];
    });
    if (full < 0) return rates.map((rate) => rate ?? Infinity);
    flows.forEach((flow, index) => {
      if (rates[index] === undefined && flow.ports.includes(full)) {
        rates[index] = Math.max(0, level);
      }
    });
  }
}
