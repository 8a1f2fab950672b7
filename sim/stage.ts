/** What `play` is given to write a story with: cast, props, acts and claims, in that order. */
import {
  type Address,
  type AppEvent,
  type Crypto,
  type Identity,
  identityFrom,
  type Random,
} from "../runtime/core/mod.ts";
import { type Actor, type ActorOptions, type Actors, listOf, startOf } from "./cast.ts";
import { EventClaim, type EventGuard, type EventTest, type ValueClaim } from "./claims.ts";
import { type Act, type Asking, Counter, type Cue, type Deed, type Tally } from "./deeds.ts";
import type { Fault } from "./faults.ts";
import type { FileHandle } from "./files.ts";
import type { Oracle } from "./oracle.ts";
import { Player } from "./player.ts";
import type { RunFacts } from "./recorder.ts";
import { natureOf } from "./nature.ts";
import { squalls, type StormOptions } from "./storm.ts";
import {
  type Duration,
  type Nanos,
  nanos,
  onlyKnown,
  type Size,
  sizeOf,
  spoken,
  UsageError,
} from "./units.ts";

/** Most machines of one world: pairs of them are numbered in 32 bits. */
const MOST_ACTORS = 65_000;

interface ExpectOptions {
  readonly by?: Duration;
  readonly from?: Duration;
  /** By so long after `from`. */
  readonly within?: Duration;
  /** Exactly so often until then; 0 is never. */
  readonly times?: number;
  /** So many machines are enough. */
  readonly enough?: number;
  /** Machines that are down at the deadline are not excused. */
  readonly evenIfDown?: boolean;
  /** Only of those that tell such an event, at any time. */
  readonly given?: EventTest;
}

/** Something asked on cue. */
interface Reaction<Event extends AppEvent> {
  readonly ask: Asking<Event>;
  readonly of: Actors;
}

interface CueOptions {
  readonly after?: Duration;
}

/** When one of these tells such an event, `after` so long: a fault, or something asked. */
interface Awaiting {
  <Event extends AppEvent>(
    actors: Actors,
    test: EventGuard<Event>,
    what: Fault | Reaction<Event>,
    options?: CueOptions,
  ): void;
  (
    actors: Actors,
    test: EventTest,
    what: Fault | Reaction<AppEvent>,
    options?: CueOptions,
  ): void;
}

const CLAIM_OPTIONS = ["by", "from", "within", "times", "enough", "evenIfDown", "given"];

interface ValueOptions {
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly unit?: string;
  /** Not claimed where a live stage has no rates: of the loopback. */
  readonly needsRates?: boolean;
}

interface StageOptions<Values> {
  readonly settings: Values;
  readonly lasts: Nanos;
  readonly crypto: Crypto;
  readonly oracle: Oracle;
  /** Bytes that take the place of the scenario's first file. */
  readonly userFile: { readonly name: string; readonly bytes: Uint8Array } | undefined;
  /** Where each machine can be dialled; undefined: an address of the simulated network. */
  readonly addressAt?: ((index: number) => Address) | undefined;
}

/** Collects a story. Its verbs may be taken off it: `play({ named, at, expect })`. */
export class Stage<Values> {
  readonly settings: Values;
  /** Draws of the scenario itself, the same for the same seed. */
  readonly random: Random;
  /** How long the run lasts. */
  readonly lasts: Nanos;
  readonly actors: Player[] = [];
  readonly files: { readonly handle: FileHandle; readonly content: number | Uint8Array }[] = [];
  readonly acts: Act[] = [];
  readonly cues: Cue[] = [];
  readonly claims: EventClaim[] = [];
  readonly values: ValueClaim<RunFacts>[] = [];
  readonly tallies: Counter[] = [];
  addressed = false;
  readonly addressAt: ((index: number) => Address) | undefined;
  /** True once the story is complete. */
  closed = false;

  readonly #crypto: Crypto;
  readonly #oracle: Oracle;
  #userFile: StageOptions<Values>["userFile"];

  constructor({ settings, lasts, crypto, oracle, userFile, addressAt }: StageOptions<Values>) {
    this.settings = settings;
    this.lasts = lasts;
    this.random = oracle.stream("scenario");
    this.#crypto = crypto;
    this.#oracle = oracle;
    this.#userFile = userFile;
    this.addressAt = addressAt;
  }

  /** One machine for each name, by name. */
  named = <const Name extends string>(
    ...names: readonly (Name | ActorOptions)[]
  ): Record<Name, Actor> => {
    const last = names.at(-1);
    const options = typeof last === "object" ? last as ActorOptions : {};
    const cast: Record<string, Actor> = {};
    for (const name of names) if (typeof name === "string") cast[name] = this.#add(name, options);
    return cast as Record<Name, Actor>;
  };

  /** So many alike: `pc1`, `pc2`, ... */
  many = (name: string, count: number, options: ActorOptions = {}): Actor[] => {
    if (!(Number.isInteger(count) && count >= 0)) {
      throw new UsageError(`Cannot cast ${count} of "${name}": a whole number from 0`);
    }
    return Array.from({ length: count }, (_, at) => this.#add(`${name}${at + 1}`, options));
  };

  /** A file that nodes can read: repeatable bytes, or your own. `--file` takes the first one's place. */
  file = (name: string, content: Size | Uint8Array): FileHandle => {
    const own = this.#userFile;
    this.#userFile = undefined;
    const bytes = own?.bytes ?? (typeof content === "string" ? sizeOf(content) : content);
    const size = typeof bytes === "number" ? bytes : bytes.length;
    const handle = { handle: own?.name ?? name, name: own?.name ?? name, size };
    if (this.files.some((file) => file.handle.handle === handle.handle)) {
      throw new UsageError(`Cannot open two files called "${handle.name}"`);
    }
    this.files.push({ handle, content: bytes });
    return handle;
  };

  /** At a time, a fault, or something that machines are asked. */
  at: {
    (time: Duration, fault: Fault): void;
    (time: Duration, actors: Actors, asking: Asking): void;
  } = (time: Duration, subject: Fault | Actors, asking?: Asking): void => {
    this.acts.push({ at: this.#time(time, "at"), deed: this.#deed(subject, asking) });
  };

  /** Again and again, from the first time on, the last time before the other. */
  every = (
    interval: Duration,
    actors: Actors,
    asking: Asking,
    { from = "0s", until }: { readonly from?: Duration; readonly until?: Duration } = {},
  ): void => {
    const step = nanos(interval);
    if (step <= 0) throw new UsageError(`Cannot do something every "${interval}": it needs a time`);
    const end = until === undefined ? this.lasts : this.#time(until, "until");
    const deed = this.#deed(actors, asking);
    for (let at = this.#time(from, "from"); at < end; at += step) this.acts.push({ at, deed });
  };

  /** A fault that is mended at the second time. */
  between = (from: Duration, to: Duration, fault: Fault): void => {
    const begin = this.#time(from, "between"), end = this.#time(to, "between");
    if (end <= begin) {
      throw new UsageError(`Cannot end ${fault.name} at ${to}: it begins at ${from}`);
    }
    if (fault.end === undefined) throw new UsageError(`Cannot mend ${fault.name}: use at() for it`);
    this.acts.push({ at: begin, deed: { kind: "begin", fault } });
    this.acts.push({ at: end, deed: { kind: "end", fault } });
  };

  /** Faults that chance chooses, all mended when it is over. */
  storm = (actors: Actors, options: StormOptions): void => {
    const list = this.#known(actors);
    const [from, to] = [this.#time(options.from, "storm"), this.#time(options.to, "storm")];
    if (to <= from) throw new UsageError(`Cannot end a storm at ${options.to}: it begins later`);
    if (list.length === 0) throw new UsageError("Cannot let a storm loose: nobody is named");
    for (const { from, to, fault } of squalls(this.#oracle, list, options)) {
      this.acts.push({ at: from, deed: { kind: "begin", fault } });
      if (fault.end !== undefined) this.acts.push({ at: to, deed: { kind: "end", fault } });
    }
  };

  /** Lets chance choose what each of these machines is like: its clock, processor, disk and cable. */
  vary = (actors: Actors): void => {
    for (const actor of this.#known(actors)) actor.set(natureOf(this.#oracle, actor.name));
  };

  /** The first time only. */
  when: Awaiting = (actors: Actors, test: EventTest, what: unknown, options?: CueOptions): void =>
    this.#await(false, actors, test, what as Fault | Reaction<AppEvent>, options);

  /** Each time. */
  whenever: Awaiting = (
    actors: Actors,
    test: EventTest,
    what: unknown,
    options?: CueOptions,
  ): void => this.#await(true, actors, test, what as Fault | Reaction<AppEvent>, options);

  /** Each of these tells such an event in time. */
  expect = (name: string, actors: Actors, test: EventTest, options: ExpectOptions = {}): void => {
    onlyKnown(options, CLAIM_OPTIONS, "claim option");
    const { times, enough, evenIfDown = false, given } = options;
    const list = this.#known(actors);
    if (list.length === 0) throw new UsageError(`Cannot claim "${name}": nobody is named`);
    const from = options.from === undefined ? 0 : this.#time(options.from, `claim "${name}"`);
    const by = this.#deadline(name, from, options);
    if (times !== undefined && !(Number.isInteger(times) && times >= 0)) {
      throw new UsageError(`Cannot claim "${name}" ${times} times: a whole number from 0`);
    }
    if (enough !== undefined && !(enough >= 1 && enough <= list.length)) {
      throw new UsageError(
        `Cannot claim "${name}" of ${enough} machines: ${list.length} are named`,
      );
    }
    const limits = { from, by, times, enough, evenIfDown, given };
    this.claims.push(new EventClaim(name, list, test, limits));
  };

  /** A number of the whole run keeps to its limit. */
  expectValue = (name: string, value: (run: RunFacts) => number, options: ValueOptions): void => {
    onlyKnown(options, ["atMost", "atLeast", "unit", "needsRates"], "claim option");
    const { atMost, atLeast, unit = "", needsRates = false } = options;
    if (atMost === undefined && atLeast === undefined) {
      throw new UsageError(`Cannot claim "${name}": say atMost or atLeast`);
    }
    this.values.push({ name, value, atMost, atLeast, unit, needsRates });
  };

  /** Counts such events of these, for `expectValue`. */
  tally = (actors: Actors, test: EventTest): Tally => {
    const counter = new Counter(new Set(this.#known(actors)), test);
    this.tallies.push(counter);
    return counter;
  };

  /** The secret seed of a machine's identity. */
  secretOf(name: string): Uint8Array {
    return this.#oracle.stream(`identity/${name}`).bytes(32);
  }

  identityOf(name: string): Identity {
    return identityFrom(this.secretOf(name), this.#crypto);
  }

  /** Ends the writing: checks what can only be checked then. */
  close(): void {
    this.closed = true;
    if (this.#userFile !== undefined) {
      throw new UsageError("Cannot use --file: this scenario has no file()");
    }
    if (this.actors.length === 0) {
      throw new UsageError("Cannot play: the scenario names no machine");
    }
    for (const { name, options } of this.actors) {
      if (startOf(options) > this.lasts) {
        throw new UsageError(
          `Cannot start ${name} at ${options.startsAt}: the run is over by then`,
        );
      }
    }
    this.acts.sort((one, other) => one.at - other.at); // stable: equal times stay as written
  }

  #add(name: string, options: ActorOptions): Player {
    if (!/^[\w-]+$/.test(name)) throw new UsageError(`Cannot name a machine "${name}": use a word`);
    if (this.actors.some((actor) => actor.name === name)) {
      throw new UsageError(`Cannot name two machines "${name}"`);
    }
    if (this.actors.length === MOST_ACTORS) {
      throw new UsageError(`Cannot cast more than ${MOST_ACTORS}`);
    }
    const actor = new Player(this, name, this.actors.length);
    this.actors.push(actor);
    return actor.set(options);
  }

  #await(
    each: boolean,
    actors: Actors,
    test: EventTest,
    what: Fault | Reaction<AppEvent>,
    { after = "0s" }: CueOptions = {},
  ): void {
    const deed = "ask" in what ? this.#deed(what.of, what.ask) : this.#deed(what);
    const cue = { actors: new Set(this.#known(actors)), test, after: nanos(after), deed };
    this.cues.push({ ...cue, each, done: false });
  }

  #deed(subject: Fault | Actors, asking?: Asking): Deed {
    if ("kind" in subject && subject.kind === "fault") {
      if (asking !== undefined) throw new UsageError(`Cannot ask a fault: ${subject.name}`);
      return { kind: "begin", fault: subject };
    }
    if (asking === undefined) throw new UsageError("Cannot ask nothing: name a command or a fault");
    return { kind: "ask", actors: this.#known(subject as Actors), asking };
  }

  /** Refuses machines of another scenario, which would never tell anything here. */
  #known(actors: Actors): readonly Actor[] {
    const list = listOf(actors);
    for (const actor of list) {
      if (this.actors[actor?.index] !== actor) {
        throw new UsageError(`Unknown machine "${actor?.name}": name it with named() or many()`);
      }
    }
    return list;
  }

  #time(text: Duration, what: string): Nanos {
    const time = nanos(text);
    if (time > this.lasts) {
      throw new UsageError(`Cannot reach ${what} ${text}: the run lasts ${spoken(this.lasts)}`);
    }
    return time;
  }

  #deadline(name: string, from: Nanos, { by, within }: ExpectOptions): Nanos {
    if (by !== undefined && within !== undefined) {
      throw new UsageError(`Cannot claim "${name}": say by or within, not both`);
    }
    const deadline = by !== undefined
      ? this.#time(by, `claim "${name}" by`)
      : within !== undefined
      ? from + nanos(within)
      : this.lasts;
    if (deadline > this.lasts) {
      throw new UsageError(`Cannot claim "${name}" within ${within}: the run is over by then`);
    }
    if (deadline < from) {
      throw new UsageError(`Cannot claim "${name}" by ${by}: it counts from later`);
    }
    return deadline;
  }
}
