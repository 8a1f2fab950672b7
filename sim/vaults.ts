/**
 * What is always true of vaults, as seen from outside, by disks alone.
 *
 * 1. No disk, and no domain of disks that may be lost together, ever has as many different shares of a
 *    content as are enough to open it. Not during a repair, and not when a lost device comes back.
 * 2. What a vault gives back is what was locked, byte for byte.
 */
import { type AppEvent, sameBytes } from "../runtime/core/mod.ts";
import { violated, type Violation } from "./checkers.ts";
import type { Disk } from "./disk.ts";
import type { Files } from "./files.ts";
import type { ClaimResult } from "./record.ts";

/** A share, as its owner has placed it: the only place that knows the shapes of a vault's events. */
interface Placing {
  readonly content: string;
  readonly number: number;
  readonly enough: number;
  readonly domain: string;
}

type Fields<Name> = Readonly<Record<keyof Name, string>>;

export class Vaults {
  readonly violations: Violation[] = [];
  /** By the share's name. */
  readonly #placed = new Map<string, Placing>();
  /** The disks of each domain. */
  readonly #disks = new Map<string, Set<Disk>>();
  readonly #handles = new Map<string, string>();
  /** Contents that were given back whole. */
  opened = 0;

  constructor(readonly files: Files, readonly diskOf: (peer: string) => Disk | undefined) {}

  told(disk: Disk, event: AppEvent): void {
    if (event.protocol !== "vault") return;
    const { content, handle } = event as AppEvent & Fields<{ content: 0; handle: 0 }>;
    if (event.name === "placing") this.#place(event);
    if (event.name === "locked" && !this.#handles.has(content)) this.#handles.set(content, handle);
    if (event.name === "opened") {
      this.#open(disk, content, (event as unknown as { bytes: number }).bytes);
    }
  }

  /** Violations as claims that fail. */
  results(): ClaimResult[] {
    return violated(this.violations);
  }

  /** A device is about to keep a piece. */
  kept(key: string): void {
    const [protocol, share, offset] = key.split("/");
    const placing = protocol === "vault" && offset === "0" ? this.#placed.get(share!) : undefined;
    if (placing === undefined) return;
    const numbers = new Set([placing.number]);
    for (const disk of this.#disks.get(placing.domain)!) {
      for (const piece of disk.pieces()) {
        const other = piece.startsWith("vault/")
          ? this.#placed.get(piece.split("/")[1]!)
          : undefined;
        if (other?.content === placing.content) numbers.add(other.number);
      }
    }
    if (numbers.size < placing.enough) return;
    this.violations.push({
      rule: "no device has enough shares to open a content",
      what: `${placing.domain.slice(0, 15)} has ${[...numbers].join(" ")} of ${
        placing.content.slice(0, 8)
      }`,
    });
  }

  #place(event: AppEvent): void {
    const { share, content, number, enough, domain } = event as unknown as Placing & {
      share: string;
    };
    this.#placed.set(share, { content, number, enough, domain });
    const disks = this.#disks.get(domain) ?? new Set();
    this.#disks.set(domain, disks);
    const disk = this.diskOf(event.peer!);
    if (disk !== undefined) disks.add(disk);
  }

  #open(disk: Disk, content: string, bytes: number): void {
    const handle = this.#handles.get(content);
    let length = 0, isTrue = handle !== undefined;
    for (const [key, piece] of disk.intact()) {
      if (!key.startsWith(`vault/${content}/`)) continue;
      const original = this.files.read(handle ?? "", Number(key.split("/")[2]), piece.length);
      isTrue &&= original !== undefined && sameBytes(original, piece);
      length += piece.length;
    }
    if (isTrue && length === bytes) {
      this.opened++;
      return;
    }
    const what = `${content.slice(0, 8)}: ${length} of ${bytes} bytes, ${
      isTrue ? "right" : "wrong"
    }`;
    this.violations.push({ rule: "a vault gives back what was locked", what });
  }
}
