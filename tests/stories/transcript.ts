/** What happens in a short story, one line a happening: the best explanation that a protocol can have. */
import type { AnyProtocol, AppEvent, PeerId, Step } from "../../runtime/core/mod.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import { type Actor, lan, scenario, type Stage } from "../../sim/mod.ts";
import { World } from "../../sim/world.ts";

/** A story: who does what, and which of all that happens is told. */
export interface Tale {
  /** What the reader is to see in it, in a sentence or two. */
  readonly about: string;
  readonly lasts: `${number}s` | `${number}ms`;
  readonly protocols: () => readonly AnyProtocol[];
  /** Only lines about these protocols are told. */
  readonly of: readonly string[];
  /** Messages and events of these kinds are left out: there are many, and they say little. */
  readonly without?: readonly string[];
  readonly play: (stage: Stage<Record<never, never>>) => void;
}

/** Fields of an event that are told; the others are keys, or follow from these. */
const SHOWN = ["title", "who", "text", "topic", "peer", "why", "bytes", "hops", "again", "number"];

/** The whole transcript. The same story has the same one everywhere. */
export function transcriptOf(tale: Tale): string {
  const lines: string[] = [];
  const nameOf = (peer: PeerId): string =>
    world.stage.actors.find((actor) => actor.peer === peer)?.name ?? "somebody";
  const line = (who: string, protocol: string, what: string, rest = "") => {
    if (
      !tale.of.includes(protocol) || tale.without?.includes(`${protocol}.${what.split(" ")[1]}`)
    ) {
      return;
    }
    const millis = (world.now / 1e6).toFixed(1).padStart(8);
    lines.push(`${millis} ms  ${who.padEnd(8)} ${what}${rest}`.trimEnd());
  };
  const world = new World({
    scenario: scenario({
      seed: 1,
      lasts: tale.lasts,
      network: lan({ latency: "1ms", bandwidth: "100Mbps" }),
      protocols: (_settings, actor) =>
        tale.protocols().map((each) => overheardBy(each, actor, line, nameOf)),
      play: tale.play,
    }),
    crypto: nodeCrypto,
    watch: {
      told(_now, actor, event) {
        line(actor.name, event.protocol, `tells ${event.name}`, fieldsOf(event, nameOf));
      },
      stepped(_now, machine, input, step) {
        if (input.kind === "started") line(machine.name, tale.of[0]!, `starts, boot ${input.boot}`);
        for (const [protocol, what] of storedBy(step)) line(machine.name, protocol, what);
      },
    },
  });
  world.run();
  return [`# ${tale.about}`, "", ...lines, ""].join("\n");
}

type Line = (who: string, protocol: string, what: string, rest?: string) => void;

/** The same protocol; what it is asked and what reaches it is written down. */
function overheardBy(
  protocol: AnyProtocol,
  { name }: Actor,
  line: Line,
  nameOf: (peer: PeerId) => string,
): AnyProtocol {
  const { asked } = protocol;
  return {
    ...protocol,
    received(message, from, body, ctx) {
      const length = body === undefined ? "" : `, body of ${body.length} bytes`;
      line(name, protocol.name, `gets ${message.kind}`, ` from ${nameOf(from)}${length}`);
      protocol.received(message, from, body, ctx);
    },
    ...(asked === undefined ? {} : {
      asked(command, ctx) {
        line(name, protocol.name, `asked ${command.name}`);
        asked.call(protocol, command, ctx);
      },
    }),
  };
}

function fieldsOf(event: AppEvent, nameOf: (peer: PeerId) => string): string {
  return Object.entries(event)
    .filter(([field, value]) => SHOWN.includes(field) && value !== false && value !== undefined)
    .map(([field, value]) => `${field} ${field === "peer" ? nameOf(value as PeerId) : value}`)
    .map((text, at) => at === 0 ? `: ${text}` : `, ${text}`)
    .join("");
}

/** What a step puts on the disk, in words; keys are cut where they name peers or contents. */
function storedBy({ effects }: Step): [string, string][] {
  const stored: [string, string][] = [];
  for (const effect of effects) {
    if (effect.kind !== "save" && effect.kind !== "keep") continue;
    const [protocol, ...rest] = effect.key.split("/");
    const key = rest.map((part) => part.length > 20 ? `${part.slice(0, 6)}…` : part).join("/");
    const { bytes } = effect;
    const what = bytes === undefined ? "removes" : effect.kind === "save" ? "saves" : "keeps";
    stored.push([
      protocol!,
      `${what} ${key}${bytes === undefined ? "" : `, ${bytes.length} bytes`}`,
    ]);
  }
  return stored;
}
