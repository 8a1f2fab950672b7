/** A verb that asks the running node for one thing, and waits for what becomes of it. */
import type { Command } from "../../core/mod.ts";
import type { Desk } from "./service.ts";
import { Trouble } from "./trouble.ts";
import type { Errand } from "./verb.ts";

/** The node has answered by then, or will not. */
const ANSWER_MILLISECONDS = 5_000;
/** Where nothing is told of success, a refusal has come by then. */
const REFUSAL_MILLISECONDS = 500;

/**
 * Resolves to the exit code once one of `news` is told by the command's protocol; where there is no such
 * news, once nobody has refused it for a moment. Throws a `Trouble` for a refusal, and for silence.
 */
export async function ordered(
  desk: Pick<Desk, "ask" | "follow">,
  command: Command,
  news: readonly string[],
  { terminal }: Pick<Errand, "terminal">,
): Promise<number> {
  const result = Promise.withResolvers<string | undefined>();
  const since = Date.now();
  const unfollow = desk.follow(0, ({ wall, event }) => {
    if (event.protocol !== command.protocol || wall < since) return;
    if (event.name === "refused") result.resolve((event as unknown as { words: string }).words);
    if (news.includes(event.name)) result.resolve(undefined);
  });
  const giveUp = news.length === 0
    ? setTimeout(() => result.resolve(undefined), REFUSAL_MILLISECONDS)
    : setTimeout(() => result.resolve("The node does not answer"), ANSWER_MILLISECONDS);
  await desk.ask(command);
  const why = await result.promise;
  clearTimeout(giveUp);
  unfollow();
  if (why !== undefined) throw new Trouble("refused", why);
  terminal.data("done", { command: command.name });
  return 0;
}
