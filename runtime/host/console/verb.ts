/** What a verb of the command line is: its name, its flags, its help, and what it does. */
import type { Settings } from "./settings.ts";
import type { Terminal } from "./terminal.ts";

export interface Flag {
  readonly kind: "text" | "switch";
  readonly help: string;
}

/** What a verb is given. */
export interface Errand {
  readonly words: readonly string[];
  readonly texts: Readonly<Record<string, string | undefined>>;
  readonly switches: ReadonlySet<string>;
  readonly settings: Settings;
  readonly terminal: Terminal;
  /** Resolves at the first SIGINT or SIGTERM; at the second the process ends. */
  readonly interrupted: Promise<void>;
}

export interface Verb {
  readonly name: string;
  /** What comes after the name, for the help. */
  readonly shape: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** Whole commands, the simplest first. */
  readonly examples: readonly string[];
  readonly flags: Readonly<Record<string, Flag>>;
  /** The exit code. */
  run(errand: Errand): Promise<number>;
}
