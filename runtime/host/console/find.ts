/** Whom an ID belongs to: asked of the directories and of those who are near, and waited for. */
import type { PeerId } from "../../core/mod.ts";
import { directory } from "../../protocols/mod.ts";
import type { Desk } from "./service.ts";
import { Trouble } from "./trouble.ts";

/** Answers come by then, or the node says that nobody has any. */
const WAIT_MILLISECONDS = 25_000;

export type Found = Extract<directory.DirectoryEvent, { readonly name: "found" }>;

/** Throws a `Trouble` in the words of what is wrong. */
export async function findById(desk: Desk, id: directory.Id): Promise<Found> {
  const result = Promise.withResolvers<Found>();
  const fail = (words: string) => result.reject(new Trouble("unreachable", words));
  const since = Date.now();
  const unfollow = desk.follow(0, ({ wall, event }) => {
    if (wall < since || !directory.isDirectoryEvent(event)) return;
    if (event.name === "found" && event.id === id) result.resolve(event);
    if (event.name === "nobody" && event.id === id) fail(event.words);
    if (event.name === "changed" && event.id === id) fail(event.words);
  });
  const giveUp = setTimeout(() => fail(`Nobody has answered for ${id}`), WAIT_MILLISECONDS);
  try {
    await desk.ask(directory.find(id));
    return await result.promise;
  } finally {
    clearTimeout(giveUp);
    unfollow();
  }
}

/** A person named by fifteen digits, looked up; undefined where the text is no ID. */
export async function peerById(text: string, desk: Desk): Promise<PeerId | undefined> {
  if (!/^[\d\s.-]{15,24}$/.test(text)) return undefined;
  const read = directory.readId(text);
  if ("problem" in read) throw new Trouble("usage", read.problem);
  return (await findById(desk, read.id)).peer;
}
