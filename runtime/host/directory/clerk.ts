/** Between a node that is a directory and its database: takes its questions, brings the answers. */
import type { AppEvent, Command } from "../../core/mod.ts";
import { directory } from "../../protocols/mod.ts";
import { PostgresShelf } from "./postgres_shelf.ts";
import { SqliteShelf } from "./sqlite_shelf.ts";

/** Where a directory keeps what it knows: a file, or a `postgres://` address. */
export async function openShelf(
  where: string,
  failed: (error: unknown) => void,
): Promise<SqliteShelf | PostgresShelf> {
  return /^postgres(ql)?:/.test(where)
    ? await PostgresShelf.open(where, failed)
    : new SqliteShelf(where);
}

export class Clerk {
  #waiting: directory.ShelfQuestion[] = [];

  constructor(
    readonly shelf: SqliteShelf | PostgresShelf,
    /** Gives the node a command. */
    readonly answer: (command: Command) => void,
  ) {}

  /** True for a question; those of one turn are written to the disk together. */
  takes(event: AppEvent): boolean {
    if (event.protocol !== "directory" || event.name !== "shelf") return false;
    this.#waiting.push(event as directory.ShelfQuestion);
    if (this.#waiting.length === 1) setTimeout(() => this.#work(), 0);
    return true;
  }

  async close(): Promise<void> {
    await this.shelf.close();
  }

  #work(): void {
    const questions = this.#waiting;
    this.#waiting = [];
    if (!(this.shelf instanceof SqliteShelf)) {
      for (const question of questions) this.#ask(question, this.answer);
      return;
    }
    const answers: Command[] = [];
    this.shelf.together(() => {
      for (const question of questions) this.#ask(question, (each) => answers.push(each));
    });
    for (const each of answers) this.answer(each); // only now they are safe
  }

  #ask(question: directory.ShelfQuestion, give: (command: Command) => void): void {
    const { ticket } = question;
    const then = (...answer: unknown[]) => {
      const command: directory.Shelved = { protocol: "directory", name: "shelved", ticket, answer };
      give(command);
    };
    switch (question.verb) {
      case "find":
        return this.shelf.find(question.id, then);
      case "take":
        return this.shelf.take(question.id, then);
      case "register":
        return this.shelf.register(question.id, question.entry, then);
      case "log":
        return this.shelf.log(question.from, then);
      case "stock":
        return this.shelf.stock(question.id, question.bundles, then);
    }
  }
}
