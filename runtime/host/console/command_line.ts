/** From the words of a command line to a verb that runs: the table of verbs, their help, their flags. */
import { parseArgs } from "@std/cli/parse-args";
import { completions } from "./completions.ts";
import { keys, settingNames, unknownName } from "./settings.ts";
import { Trouble } from "./trouble.ts";
import type { Verb } from "./verb.ts";
import { menu, send } from "./verbs/chat.ts";
import { group } from "./verbs/group.ts";
import { find, id } from "./verbs/identity.ts";
import { adopt, devices, link, unlink } from "./verbs/devices.ts";
import { doctor } from "./verbs/doctor.ts";
import { get, share } from "./verbs/files.ts";
import { join, teach } from "./verbs/lab.ts";
import {
  backup,
  config,
  history,
  init,
  peers,
  restoring,
  start,
  status,
  stop,
} from "./verbs/node.ts";
import { look } from "./verbs/look.ts";
import { block, edit, friend, unblock, unsend } from "./verbs/letters.ts";
import { answer, ask, say } from "./verbs/talk.ts";
import { vaultVerb } from "./verbs/vault.ts";

export const verbs: readonly Verb[] = [
  teach,
  join,
  share,
  get,
  menu,
  send,
  edit,
  unsend,
  look,
  group,
  vaultVerb,
  friend,
  block,
  unblock,
  devices,
  link,
  adopt,
  unlink,
  say,
  ask,
  answer,
  status,
  peers,
  history,
  id,
  find,
  init,
  start,
  stop,
  doctor,
  backup,
  restoring,
  config,
  completions(() => verbs),
];

const SWITCHES = ["json", "quiet", "help", "version"] as const;

/** A command line, taken apart. */
export interface Parsed {
  readonly verb: Verb | undefined;
  readonly words: readonly string[];
  readonly texts: Readonly<Record<string, string | undefined>>;
  readonly switches: ReadonlySet<string>;
}

/** Throws a `Trouble` that names what was probably meant. */
export function parsed(args: readonly string[]): Parsed {
  const [first] = args;
  const named = first === undefined || first.startsWith("-") ? undefined : first;
  const verb = verbs.find(({ name }) => name === named);
  if (named !== undefined && verb === undefined) {
    throw unknownName("verb", named, verbs.map(({ name }) => name));
  }
  const own = Object.entries(verb?.flags ?? {});
  const texts = [...own.filter(([, { kind }]) => kind === "text").map(([name]) => name), "config"];
  const switches = own.filter(([, { kind }]) => kind === "switch").map(([name]) => name);
  const known = [...texts, ...switches, ...settingNames, ...SWITCHES].map((name) => `--${name}`);
  const flags = parseArgs([...args], {
    string: [...texts, ...settingNames, "_"] as string[],
    boolean: [...switches, ...SWITCHES] as string[],
    alias: { h: "help", q: "quiet" },
    unknown(arg, key) {
      if (key === undefined) return true;
      throw unknownName("option", arg.split("=")[0]!, known);
    },
  }) as Record<string, unknown> & { _: (string | number)[] };
  const words = flags._.map(String).slice(verb === undefined ? 0 : 1);
  const given: Record<string, string | undefined> = {};
  for (const name of [...texts, ...settingNames]) {
    const value = flags[name];
    if (value === "") throw new Trouble("usage", `--${name} needs a value`);
    if (typeof value === "string") given[name] = value;
  }
  const on = [...switches, ...SWITCHES].filter((name) => flags[name] === true);
  return { verb, words, texts: given, switches: new Set(on) };
}

/** What can be said at all, or about one verb. */
export function helpOf(verb: Verb | undefined): string {
  return verb === undefined ? generalHelp() : verbHelp(verb);
}

function generalHelp(): string {
  const widest = Math.max(...verbs.map(({ name, shape }) => name.length + shape.length + 1));
  return [
    "deno task node teach lecture.pdf      at the teacher's",
    "deno task node join                   at each student's",
    "",
    ...verbs.map(({ name, shape, summary }) =>
      `  ${`${name} ${shape}`.padEnd(widest)}  ${summary}`
    ),
    "",
    "deno task node VERB --help says more. --json prints data, --quiet nothing else.",
  ].join("\n");
}

function verbHelp({ name, shape, summary, examples, flags }: Verb): string {
  const line = (flag: string, help: string) => `  --${flag.padEnd(18)} ${help}`;
  return [
    ...examples,
    "",
    `${name} ${shape}`.trim() + `: ${summary}`,
    "",
    ...Object.entries(flags).map(([flag, { help }]) => line(flag, help)),
    ...Object.entries(keys).map(([flag, { help }]) => line(flag, help)),
    line("config", "a file of settings; starling.json without it"),
    line("json", "results as JSON, one object a line"),
    line("quiet", "nothing on stderr but what went wrong"),
  ].join("\n");
}
