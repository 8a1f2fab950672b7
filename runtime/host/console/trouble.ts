/** What ends a verb: a sentence for the person, and an exit code for scripts. */

/** 0 is success; 99, 98 and 97 belong to the simulator. */
export const exits = {
  bug: 1,
  usage: 2,
  config: 3,
  unreachable: 4,
  refused: 5,
  incomplete: 6,
  storage: 7,
  busy: 8,
  interrupted: 130,
} as const;

/** Thrown with a whole sentence that says what to do. */
export class Trouble extends Error {
  override readonly name = "Trouble";

  constructor(readonly exit: keyof typeof exits, message: string) {
    super(message);
  }
}
