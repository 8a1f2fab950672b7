/** `vault`: files in shares that the devices of a room hold, none of which can open them. */
import fs from "node:fs";
import process from "node:process";
import { vault } from "../../../protocols/mod.ts";
import { typeOf } from "../../media/types.ts";
import { blocksOf } from "../../pictures/blocks.ts";
import { isPreviewable, previewApart, rasterOfPreview } from "../../pictures/preview.ts";
import { newPhrase, readPhrase, secretOfPhrase } from "../../vault/phrase.ts";
import { joinedSecret, splitSecret } from "../../vault/split.ts";
import { attachRunning, hiddenLine } from "../attach.ts";
import type { Desk } from "../service.ts";
import { secretOf } from "../settings.ts";
import { sizeText } from "../terminal.ts";
import { defused } from "../../text.ts";
import { Trouble } from "../trouble.ts";
import { awaited, contentLine, contentNamed, listing } from "../vaults.ts";
import type { Errand, Verb } from "../verb.ts";
import { lockTiles, viewing } from "./view.ts";

const SHAPES =
  "new | lock FILE | list | open NAME | verify [NAME] | look NAME | view NAME | delete NAME | devices | recover | split ENOUGH COUNT";

type Deed = (desk: Desk, words: readonly string[], errand: Errand) => Promise<number>;

/** The first word says what. */
const DEEDS: Readonly<Record<string, Deed>> = {
  new: (desk, _words, errand) => making(desk, errand),
  lock: locking,
  list: (desk, _words, errand) => listed(desk, errand),
  open: opening,
  verify: verifying,
  look: looking,
  view: async (desk, words, errand) => {
    const all = await listing(desk, errand.terminal);
    return await viewing(desk, contentNamed(words.join(" "), all), all, errand);
  },
  delete: deleting,
  devices: (desk, _words, errand) => devices(desk, errand),
  recover: (desk, _words, errand) => recovering(desk, errand),
};

export const vaultVerb: Verb = {
  name: "vault",
  shape: SHAPES,
  summary: "files in shares at other devices, none of which can open them",
  examples: [
    "deno task node vault new",
    "deno task node vault lock badge.png",
    "deno task node vault list",
    "deno task node vault open badge.png",
  ],
  flags: {
    shares: { kind: "text", help: "how many shares there are; one a device without it" },
    enough: { kind: "text", help: "how many of them open it; two thirds without it" },
    preview: { kind: "switch", help: "keep a small picture of it, sealed, with the mapping" },
    tiles: {
      kind: "switch",
      help: "a picture's tiles too: view shows what the devices that are there have",
    },
    "phrase-file": { kind: "text", help: "a file with the vault's phrase, one line" },
    parts: { kind: "text", help: "a file with parts of the secret, one a line" },
  },
  async run(errand) {
    const [what = "list", ...words] = errand.words;
    if (what === "split") return await splitting(words, errand);
    const deed = Object.hasOwn(DEEDS, what) ? DEEDS[what] : undefined;
    if (deed === undefined) throw new Trouble("usage", `Say: vault ${SHAPES}`);
    return await deed(await attachRunning(errand.settings), words, errand);
  },
};

async function making(desk: Desk, { terminal }: Errand): Promise<number> {
  const phrase = newPhrase();
  await created(desk, await secretOfPhrase(phrase), { terminal });
  terminal.data("vault", { phrase });
  if (terminal.json) return 0;
  terminal.note(
    "Write this down: with it, and enough of the devices, any computer opens the vault",
  );
  terminal.say(phrase);
  return 0;
}

/** Another device's vault, by its phrase or by parts of its secret. */
async function recovering(desk: Desk, errand: Errand): Promise<number> {
  const { texts: { parts }, terminal } = errand;
  const secret = parts === undefined
    ? await secretOfPhrase(phraseOf(errand))
    : await joinedSecret(linesOf(parts)).catch(wrong);
  await created(desk, secret, errand);
  const until = Date.now() + RECOVER_MILLISECONDS;
  let found = await listing(desk, terminal);
  while (found.version === 0 && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    found = await listing(desk, terminal);
  }
  if (found.version === 0) {
    throw new Trouble("unreachable", "No device here knows that vault yet; it is looked for on");
  }
  terminal.data("recovered", { version: found.version, contents: found.contents.length });
  for (const content of found.contents) if (!terminal.json) terminal.say(contentLine(content));
  return 0;
}

const RECOVER_MILLISECONDS = 15_000;

async function created(desk: Desk, secret: Uint8Array, { terminal }: Pick<Errand, "terminal">) {
  await awaited(
    desk,
    vault.create(secret),
    (event) => event.name === "created" || undefined,
    terminal,
  );
}

async function locking(
  desk: Desk,
  [path, another]: readonly string[],
  errand: Errand,
): Promise<number> {
  const { texts, switches, terminal } = errand;
  if (path === undefined || another !== undefined) {
    throw new Trouble("usage", "Say which file: one");
  }
  if (fs.statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new Trouble("storage", `There is no file ${path}`);
  }
  const shape = {
    ...(texts.shares === undefined ? {} : { count: numberOf(texts.shares, "shares") }),
    ...(texts.enough === undefined ? {} : { enough: numberOf(texts.enough, "enough") }),
  };
  if ((texts.shares === undefined) !== (texts.enough === undefined)) {
    throw new Trouble("usage", "Say both, --shares and --enough, or neither");
  }
  const { handle, title, bytes } = await desk.open([path]);
  const preview = switches.has("preview") ? await previewed(path, errand) : {};
  const command = vault.lock({ handle, title, bytes, ...shape, ...preview });
  const locked = await awaited(
    desk,
    command,
    (event) => vault.isLocked(event) && event.handle === handle ? event : undefined,
    terminal,
    (failed) => failed.handle === handle,
  );
  terminal.data("locked", locked);
  if (!terminal.json) terminal.say(locked.words);
  if (switches.has("tiles")) await lockTiles(desk, path, locked.content, errand);
  return 0;
}

async function previewed(path: string, { terminal }: Errand): Promise<{ preview?: Uint8Array }> {
  const bytes = new Uint8Array(fs.readFileSync(path)), type = typeOf(bytes);
  const made = isPreviewable(type)
    ? await previewApart(bytes, type)
    : "There is none of such a file";
  if (typeof made !== "string") return { preview: made.jpeg };
  terminal.note(`It is locked without a preview. ${made}`);
  return {};
}

async function listed(desk: Desk, { terminal }: Errand): Promise<number> {
  const { vault: name, contents, locking } = await listing(desk, terminal);
  if (name === undefined) throw new Trouble("refused", "There is no vault here yet: vault new");
  for (const content of contents.filter(({ part }) => part === undefined)) {
    terminal.data("content", content);
    if (!terminal.json) terminal.say(contentLine(content));
  }
  for (const title of locking) {
    terminal.data("locking", { title });
    if (!terminal.json) terminal.say(`${defused(title).padEnd(28)}            is being locked`);
  }
  if (contents.length + locking.length === 0) {
    terminal.note("Nothing is in the vault yet: vault lock FILE");
  }
  return 0;
}

async function opening(
  desk: Desk,
  [word, more]: readonly string[],
  { terminal }: Errand,
): Promise<number> {
  const { content } = await named(desk, word, more, { terminal });
  const paths = await awaited(
    desk,
    vault.open(content),
    (event) => {
      const { name, content: of, paths, words } = event as unknown as Record<string, unknown>;
      if (event.protocol !== "host" || of !== content) return undefined;
      if (name === "trouble") throw new Trouble("storage", words as string);
      return paths as readonly string[] | undefined;
    },
    terminal,
    (failed) => failed.content === content,
  );
  terminal.data("opened", { content, paths });
  if (!terminal.json) terminal.say(paths[0]!);
  return 0;
}

async function verifying(
  desk: Desk,
  [word, more]: readonly string[],
  errand: Errand,
): Promise<number> {
  const { terminal } = errand, found = await listing(desk, terminal);
  if (more !== undefined) throw new Trouble("usage", "Say one name, or none for all");
  const contents = word === undefined
    ? found.contents.filter(({ part }) => part === undefined)
    : [contentNamed(word, found)];
  let isGood = true;
  for (const { content, enough } of contents) {
    const { shares, words } = await awaited(
      desk,
      vault.verify(content),
      (event) => vault.isVerified(event) && event.content === content ? event : undefined,
      terminal,
    );
    terminal.data("verified", { content, shares });
    if (!terminal.json) terminal.say(words);
    for (const { device, number, state } of shares) {
      if (state !== "good" && !terminal.json) {
        terminal.say(`  share ${number + 1} at ${device.slice(0, 8)}: ${state}`);
      }
    }
    isGood &&= shares.filter(({ state }) => state === "good").length >= enough;
  }
  return isGood ? 0 : 1;
}

async function looking(
  desk: Desk,
  [word, more]: readonly string[],
  { terminal }: Errand,
): Promise<number> {
  const { title, preview } = await named(desk, word, more, { terminal });
  if (preview.length === 0) throw new Trouble("refused", `"${title}" was locked without a preview`);
  terminal.data("preview", { title, jpeg: preview.toBase64() });
  if (terminal.json) return 0;
  const lines = blocksOf(await rasterOfPreview(preview), terminal.width, 24);
  for (const line of lines) terminal.say(line);
  return 0;
}

async function deleting(
  desk: Desk,
  [word, more]: readonly string[],
  { terminal }: Errand,
): Promise<number> {
  const { content, title } = await named(desk, word, more, { terminal });
  await awaited(
    desk,
    vault.remove(content),
    (event) => vault.isDeleted(event) && event.content === content || undefined,
    terminal,
  );
  terminal.data("deleted", { content });
  terminal.note(`"${title}" is gone: devices that are away drop their shares when they come`);
  return 0;
}

async function devices(desk: Desk, { terminal }: Errand): Promise<number> {
  const { devices: all } = await listing(desk, terminal);
  for (const each of all) {
    terminal.data("device", each);
    const { device, isPresent, shares, free, domain, faults } = each;
    const where = domain === "" ? "" : `  in ${domain}`;
    const state = isPresent ? `there, ${sizeText(free)} free` : "away";
    const bad = faults === 0 ? "" : `, has lost ${faults}`;
    if (!terminal.json) {
      terminal.say(`${device.slice(0, 8)}  ${state}, ${shares} shares${bad}${where}`);
    }
  }
  if (all.length === 0) terminal.note("No device offers room: they need a running node each");
  return 0;
}

/** Parts of the secret for several people, from the phrase. */
async function splitting(words: readonly string[], errand: Errand): Promise<number> {
  const [enough, count] = words.map((word) => numberOf(word, "split"));
  if (enough === undefined || count === undefined || words.length !== 2) {
    throw new Trouble("usage", "Say how many parts are enough, and of how many: vault split 3 5");
  }
  const secret = await secretOfPhrase(phraseOf(errand));
  const parts = await splitSecret(secret, enough, count).catch(wrong);
  errand.terminal.data("parts", { parts });
  if (errand.terminal.json) return 0;
  errand.terminal.note(`Give each of these to somebody else: any ${enough} of them open the vault`);
  for (const part of parts) errand.terminal.say(part);
  return 0;
}

async function named(
  desk: Desk,
  word: string | undefined,
  more: string | undefined,
  { terminal }: Pick<Errand, "terminal">,
) {
  if (word === undefined || more !== undefined) {
    throw new Trouble("usage", "Say which: its name, or the first digits of its id");
  }
  return contentNamed(word, await listing(desk, terminal));
}

/** From its file, or asked for; never from the command line, where all processes see it. */
function phraseOf({ texts }: Errand): string {
  const file = texts["phrase-file"];
  const isThere = process.stdin.isTTY === true;
  if (file === undefined && !isThere) {
    throw new Trouble("config", "Name the phrase's file: --phrase-file");
  }
  const read = readPhrase(file === undefined ? hiddenLine("Phrase: ") : secretOf(file)!);
  if ("problem" in read) throw new Trouble("usage", read.problem);
  return read.phrase;
}

function linesOf(path: string): readonly string[] {
  secretOf(path); // refuses a file that others can read
  return fs.readFileSync(path, "utf8").split(/\r?\n/).filter((line) => line.trim() !== "");
}

function numberOf(text: string, name: string): number {
  if (!/^\d{1,3}$/.test(text)) {
    throw new Trouble("usage", `Cannot use ${name} "${text}": a whole number`);
  }
  return Number(text);
}

function wrong(error: unknown): never {
  if (error instanceof RangeError) throw new Trouble("usage", error.message);
  throw error;
}
