/** Tests that need what a machine may lack: they are skipped by name, with the reason. */

/** What a test needs, and why this machine lacks it, if it does. */
export interface Need {
  readonly what: string;
  readonly missing: string | undefined;
}

/** Registers a test; where something is missing, it is skipped. In CI, `tests/run.ts` counts that as failed. */
export function testNeeding(need: Need, name: string, body: () => void | Promise<void>): void {
  if (need.missing === undefined) Deno.test(name, body);
  else Deno.test.ignore(skippedName(need, name), body);
}

/** The name under which a test is skipped. */
export function skippedName({ what, missing }: Need, name: string): string {
  return `${name} [needs ${what}: ${missing}]`;
}
