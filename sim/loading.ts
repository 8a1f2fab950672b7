/** Loads a scenario's file, and says in words what was wrong with it. */
import { isScenario, type Scenario } from "./scenario.ts";

/** The scenario that a file exports. Throws where it exports none. */
export async function load(url: string): Promise<Scenario> {
  const { default: scenario } = await import(url);
  if (isScenario(scenario)) return scenario;
  throw new TypeError("a scenario's file says `export default scenario({ ... })`");
}

/** The scenario's name: its file's, without its folder. */
export function nameOf(path: string): string {
  return path.replace(/^.*[/\\]/, "").replace(/\.[jt]s$/, "");
}

/** Whether the person got something wrong; also where another copy of the class says so. */
export function isUsage(error: unknown): error is Error {
  return error instanceof Error && error.name === "UsageError";
}

/** A stack only where it is of use to somebody: where the bug is ours. */
export function messageOf(error: unknown, fault: "input" | "bug", path: string): string {
  if (isUsage(error)) return error.message;
  const text = error instanceof Error ? error.message : String(error);
  if (fault === "input") return `Cannot load ${path}: ${text}`;
  return error instanceof Error && error.stack !== undefined ? error.stack : text;
}
