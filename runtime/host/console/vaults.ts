/** What verbs of the vault have in common: asking the node, showing how far it is, and naming contents. */
import type { AppEvent, Command } from "../../core/mod.ts";
import { vault } from "../../protocols/mod.ts";
import { defused } from "../text.ts";
import type { Desk } from "./service.ts";
import { sizeText, type Terminal } from "./terminal.ts";
import { Trouble } from "./trouble.ts";

type VaultEvent = vault.VaultEvent;
export type Listing = Extract<VaultEvent, { readonly name: "listed" }>;

/** A node says something of a job at least so often, or it is lost. */
const SILENCE_MILLISECONDS = 60_000;

/**
 * Asks, and waits for what `news` takes as the end of it; how far it is is shown meanwhile. Throws a
 * `Trouble` in the node's words where it cannot be done.
 */
export async function awaited<Result>(
  desk: Pick<Desk, "ask" | "follow">,
  command: Command,
  news: (event: AppEvent) => Result | undefined,
  terminal: Terminal,
  isAbout: (event: Extract<VaultEvent, { readonly name: "failed" }>) => boolean = () => true,
): Promise<Result> {
  const result = Promise.withResolvers<Result>(), since = Date.now();
  result.promise.catch(() => {}); // it may come before anybody waits, and is thrown below all the same
  let silence: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(silence);
    const lost = () => result.reject(new Trouble("unreachable", "The node says nothing any more"));
    silence = setTimeout(lost, SILENCE_MILLISECONDS);
  };
  heard();
  const unfollow = desk.follow(0, ({ wall, event }) => {
    if (wall < since || (!vault.isVaultEvent(event) && event.protocol !== "host")) return;
    heard();
    if (vault.isVaultEvent(event) && event.name === "progress") {
      terminal.progress(`${sizeText(event.done)} of ${sizeText(event.bytes)}`);
    }
    if (vault.isFailed(event) && isAbout(event)) {
      result.reject(new Trouble("refused", event.words));
    }
    if (event.name === "lost" && event.protocol === "host") {
      result.reject(new Trouble("unreachable", "The node has gone"));
    }
    const found = news(event);
    if (found !== undefined) result.resolve(found);
  });
  try {
    await desk.ask(command);
    return await result.promise;
  } finally {
    clearTimeout(silence);
    unfollow();
  }
}

/** What is in the vault, and which devices it has. */
export async function listing(
  desk: Pick<Desk, "ask" | "follow">,
  terminal: Terminal,
): Promise<Listing> {
  return await awaited(
    desk,
    vault.list(),
    (event) => event.name === "listed" ? event as Listing : undefined,
    terminal,
  );
}

/** The content that a name or the first digits of an id mean. */
export function contentNamed(word: string, { contents }: Listing): Listing["contents"][number] {
  const found = contents.filter(({ title, content, part }) =>
    part === undefined &&
    (title.toLowerCase() === word.toLowerCase() || (word.length >= 4 && content.startsWith(word)))
  );
  const [only, another] = found;
  if (only === undefined) throw new Trouble("refused", `Nothing in the vault is called "${word}"`);
  if (another === undefined) return only;
  const ids = found.map(({ content }) => content.slice(0, 8)).join(", ");
  throw new Trouble("refused", `Several files are called so: name one of ${ids}`);
}

/** One line about a content: whether it can be opened as things are. */
export function contentLine(
  { title, bytes, enough, count, present }: Listing["contents"][number],
): string {
  const state = present >= enough
    ? `${present} of ${count} shares are there, ${enough} open it`
    : `cannot be opened now: ${enough} shares are needed, ${present} are there`;
  return `${defused(title).padEnd(28)} ${sizeText(bytes).padStart(9)}  ${state}`;
}
