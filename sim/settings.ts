/** What a scenario lets its user change: `--set key=value`, typed, and refused where it cannot be. */
import {
  type Duration,
  nanos,
  partsOf,
  type Rate,
  rateOf,
  type Share,
  type Size,
  sizeOf,
  unknown,
  UsageError,
} from "./units.ts";

interface Units {
  readonly duration: Duration;
  readonly size: Size;
  readonly rate: Rate;
  readonly share: Share;
}

/** One knob of a scenario. A number is a whole number. */
export type Setting =
  | { readonly choices: readonly string[]; readonly default: string }
  | { readonly default: number; readonly atLeast?: number; readonly atMost?: number }
  | { readonly default: boolean }
  | { [Unit in keyof Units]: { readonly unit: Unit; readonly default: Units[Unit] } }[keyof Units];

export type Settings = Readonly<Record<string, Setting>>;

/** The values of a scenario's settings, each of its own type. */
export type ValuesOf<S extends Settings> = {
  readonly [Key in keyof S]: S[Key] extends { readonly choices: readonly (infer Choice)[] } ? Choice
    : S[Key] extends { readonly unit: infer Unit extends keyof Units } ? Units[Unit]
    : S[Key] extends { readonly default: number } ? number
    : S[Key] extends { readonly default: boolean } ? boolean
    : never;
};

type Value = string | number | boolean;

/** The defaults, changed by `key=value` texts. Throws a UsageError in plain words. */
export function valuesOf(settings: Settings, changes: readonly string[]): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const [key, setting] of Object.entries(settings)) values[key] = setting.default;
  for (const change of changes) {
    const split = change.indexOf("=");
    if (split <= 0) throw new UsageError(`Cannot read --set "${change}": write key=value`);
    const key = change.slice(0, split);
    const setting = Object.hasOwn(settings, key) ? settings[key] : undefined;
    if (setting === undefined) throw unknown("setting", key, Object.keys(settings));
    values[key] = parsed(key, setting, change.slice(split + 1));
  }
  return values;
}

function parsed(key: string, setting: Setting, text: string): Value {
  if ("choices" in setting) {
    if (!setting.choices.includes(text)) throw unknown(`value of ${key}`, text, setting.choices);
    return text;
  }
  if ("unit" in setting) {
    if (setting.unit === "duration") nanos(text as Duration);
    else if (setting.unit === "size") sizeOf(text as Size);
    else if (setting.unit === "rate") rateOf(text as Rate);
    else partsOf(text as Share);
    return text;
  }
  if (typeof setting.default === "boolean") {
    if (text !== "true" && text !== "false") {
      throw unknown(`value of ${key}`, text, ["true", "false"]);
    }
    return text === "true";
  }
  const { atLeast = 0, atMost = Number.MAX_SAFE_INTEGER } = setting as {
    readonly atLeast?: number;
    readonly atMost?: number;
  };
  const number = /^-?\d+$/.test(text) ? Number(text) : NaN;
  if (!(number >= atLeast && number <= atMost)) {
    throw new UsageError(`Cannot set ${key} to "${text}": a whole number, ${atLeast} to ${atMost}`);
  }
  return number;
}
