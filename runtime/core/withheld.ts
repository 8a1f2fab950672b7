/** What becomes of a step's orders from a save on that the disk refuses: nothing may overtake it. */
import type { Effect, Input, LinkId } from "./io.ts";
import type { Reason } from "./reason.ts";

export interface Withheld {
  /** Still performed: loads and hang-ups, and the hang-up of each link whose sequence is broken. */
  readonly orders: readonly Exclude<Effect, { kind: "save" }>[];
  /** What the node is told instead of the rest: of each record, piece, dial and link. */
  readonly facts: readonly Input[];
}

/** `rest` begins with the save. */
export function withheld(rest: readonly Effect[], why: Reason): Withheld {
  const broken = new Set<LinkId>();
  const orders: Exclude<Effect, { kind: "save" }>[] = [];
  const facts: Input[] = [];
  for (const effect of rest) {
    if (effect.kind === "load" || effect.kind === "hang-up") orders.push(effect);
    else if (effect.kind === "send") broken.add(effect.link);
    else if (effect.kind === "settle") facts.push({ kind: "settled", name: effect.name, why });
    else if (effect.kind === "dial") {
      facts.push({ kind: "refused", order: "dial", key: effect.address, why });
    } else if (effect.kind === "save" || effect.kind === "keep") {
      facts.push({ kind: "refused", order: effect.kind, key: effect.key, why });
    }
  }
  for (const link of broken) {
    orders.push({ kind: "hang-up", link, why });
    facts.push({ kind: "unlinked", link, why });
  }
  return { orders, facts };
}
