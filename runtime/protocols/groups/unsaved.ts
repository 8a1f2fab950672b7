/**
 * What a disk has refused of groups: tried again before anything is confirmed that depends on it, and after
 * a while. Messages go before the keys that went on after them, and among themselves as they came: a key
 * that is on the disk without its message would have lost it.
 */
import { byCodeUnit } from "../../core/mod.ts";
import type { Group } from "./group.ts";

/** A record's key, taken apart. */
export interface Place {
  readonly box: string;
  readonly group: string;
  readonly name: string;
}

export class Unsaved {
  readonly #keys = new Set<string>();

  add(key: string): void {
    this.#keys.add(key);
  }

  /** Everything, in the order in which it must be saved; none of it is remembered any more. */
  take(groups: ReadonlyMap<string, Group>): Place[] {
    const orderOf = ({ box, group, name }: Place) => {
      if (box !== "in") return box === "their" ? Number.MAX_SAFE_INTEGER : -1;
      return groups.get(group)?.unread.get(name)?.order ?? -1;
    };
    const places = [...this.#keys].sort(byCodeUnit).map((key): Place => {
      const [box = "", group = "", name = ""] = key.split("/");
      return { box, group, name };
    });
    this.#keys.clear();
    return places.sort((one, other) => orderOf(one) - orderOf(other));
  }
}
