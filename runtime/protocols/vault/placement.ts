/**
 * Which device holds which share: no device, and no domain of devices that may be lost together, ever has
 * as many different shares of a content as are enough to open it.
 *
 * A largest matching of shares with places, found by augmenting paths (Ford and Fulkerson 1956), as
 * "servers of happiness" in Tahoe-LAFS are; places are opened one a device at a time, so that no device
 * has two while another has none.
 */

/** A device, as far as placing depends on it. */
export interface Site {
  readonly device: string;
  /** Devices of the same domain count together. */
  readonly domain: string;
  /** Numbers of shares that are there, or may still be there. */
  readonly has: ReadonlySet<number>;
  /** Shares that it has room for. */
  readonly room: number;
}

/** The device of each share that found one. */
export type Placement = ReadonlyMap<number, string>;

/** Places as many of `shares` as can be; `enough` of them open the content. Sites in order of preference. */
export function placed(
  shares: readonly number[],
  sites: readonly Site[],
  enough: number,
): Placement {
  const matching = new Matching(sites, enough - 1);
  for (let most = 1; most < enough && matching.size < shares.length; most++) {
    matching.mostEach = most;
    for (const share of shares) if (!matching.has(share)) matching.add(share);
  }
  return matching.placement();
}

class Matching {
  /** New shares that a device may get, for now. */
  mostEach = 1;
  readonly #siteOf = new Map<number, Site>();

  constructor(readonly sites: readonly Site[], readonly most: number) {}

  get size(): number {
    return this.#siteOf.size;
  }

  has(share: number): boolean {
    return this.#siteOf.has(share);
  }

  /** Finds a place for one more, moving others where that helps; false where there is none. */
  add(share: number): boolean {
    return this.#place(share, new Set());
  }

  placement(): Placement {
    return new Map([...this.#siteOf].map(([share, { device }]) => [share, device]));
  }

  /** `tried` are shares that this path has moved already. */
  #place(share: number, tried: Set<number>): boolean {
    tried.add(share);
    for (const site of this.sites) {
      if (this.#fits(share, site, undefined)) {
        this.#siteOf.set(share, site);
        return true;
      }
    }
    for (const site of this.sites) {
      if (site.has.has(share)) continue;
      for (const [other, place] of [...this.#siteOf]) {
        // Another one goes elsewhere, and this one takes what it leaves: at its device or in its domain.
        const makesRoom = place === site || place.domain === site.domain;
        if (tried.has(other) || !makesRoom || !this.#fits(share, site, other)) continue;
        this.#siteOf.delete(other);
        this.#siteOf.set(share, site);
        if (this.#place(other, tried)) return true;
        this.#siteOf.delete(share);
        this.#siteOf.set(other, place);
      }
    }
    return false;
  }

  /** Whether a site may have this share too, were another one not placed. */
  #fits(share: number, site: Site, without: number | undefined): boolean {
    if (site.has.has(share)) return false;
    let here = 0;
    const all = new Set<number>([share]), inDomain = new Set<number>([share]);
    for (const known of site.has) all.add(known);
    for (const each of this.sites) {
      if (each.domain === site.domain) { for (const known of each.has) inDomain.add(known); }
    }
    for (const [other, place] of this.#siteOf) {
      if (other === without || other === share) continue;
      if (place === site) {
        here++;
        all.add(other);
      }
      if (place.domain === site.domain) inDomain.add(other);
    }
    return here < Math.min(this.mostEach, site.room) && all.size <= this.most &&
      inDomain.size <= this.most;
  }
}

/**
 * How many shares a content gets, and how many are to be enough, where nobody says: one a device, and two
 * thirds of them, so that a third of the devices may be lost.
 */
export function usualShape(devices: number): { readonly enough: number; readonly count: number } {
  const count = Math.max(3, Math.min(14, devices));
  return { enough: Math.max(2, Math.floor(2 * count / 3)), count };
}
