/** Types of parseArgs as far as we use it: a name that is not declared is a compile error. */

type Values<B extends string, S extends string, C extends string, D> =
  & { [K in Exclude<B, C>]: boolean }
  & { [K in Exclude<S, C>]: K extends keyof D ? string : string | undefined }
  & { [K in C]: K extends B ? boolean[] : string[] };

export interface ParseOptions<
  B extends string,
  S extends string,
  C extends string,
  D,
> {
  boolean?: readonly B[];
  string?: readonly S[];
  /** Flags that may come more than once; each value is kept. */
  collect?: readonly C[];
  default?: D;
  /** Flags that `--no-NAME` switches off. */
  negatable?: readonly string[];
  alias?: Record<string, string | readonly string[]>;
  /** Leaves everything after the first word that is no flag in `_`. */
  stopEarly?: boolean;
  "--"?: boolean;
  /** Called for what is declared nowhere; returning false leaves it out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The flags of a command line by name, and in `_` the words between them. */
export declare function parseArgs<
  const B extends string = never,
  const S extends string = never,
  const C extends string = never,
  D extends Record<string, unknown> = Record<never, never>,
>(
  args: string[],
  options?: ParseOptions<B, S, C, D>,
): Values<B, S, C, D> & { _: (string | number)[]; "--"?: string[] };
