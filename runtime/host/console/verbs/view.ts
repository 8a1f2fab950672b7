/** `vault lock --tiles` and `vault view`: a picture in tiles, of which those can be seen whose devices are there. */
import fs from "node:fs";
import { vault } from "../../../protocols/mod.ts";
import { firstFree } from "../../disk/inbox.ts";
import { typeOf } from "../../media/types.ts";
import { jpegOf } from "../../pictures/jpeg.ts";
import { isPreviewable, rasterOf } from "../../pictures/preview.ts";
import { joinedTiles, tilesOf } from "../../vault/tiles.ts";
import type { Desk } from "../service.ts";
import { Trouble } from "../trouble.ts";
import { awaited, type Listing } from "../vaults.ts";
import type { Errand } from "../verb.ts";

type Entry = Listing["contents"][number];

/** A tile opens with any two of three devices. */
const SHAPE = { count: 3, enough: 2 } as const;
const QUALITY = 88;

/** Locks the tiles of a picture that is locked already. */
export async function lockTiles(
  desk: Desk,
  path: string,
  of: string,
  { terminal }: Errand,
): Promise<void> {
  const bytes = new Uint8Array(fs.readFileSync(path)), type = typeOf(bytes);
  if (!isPreviewable(type)) {
    throw new Trouble("refused", "It is locked; there are no tiles of such a file");
  }
  const { files, ...grid } = await tilesOf(await rasterOf(bytes, type));
  const folder = fs.mkdtempSync(`${desk.about.folder}/cutting-`);
  try {
    for (const [number, file] of files.entries()) {
      const tile = `${folder}/${number}.jpeg`;
      fs.writeFileSync(tile, file, { mode: 0o600 });
      const { handle, title, bytes: length } = await desk.open([tile]);
      const command = vault.lock({
        handle,
        title,
        bytes: length,
        ...SHAPE,
        part: { of, number, ...grid },
      });
      await awaited(
        desk,
        command,
        (event) => vault.isLocked(event) && event.handle === handle || undefined,
        terminal,
        (failed) => failed.handle === handle,
      );
      terminal.progress(`${number + 1} of ${files.length} tiles`);
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  terminal.note(`${files.length} tiles of it can be seen by: deno task node vault view`);
}

/** Shows what can be seen: the file that the view is in. */
export async function viewing(
  desk: Desk,
  picture: Entry,
  { contents }: Listing,
  { terminal }: Errand,
): Promise<number> {
  const tiles = contents.filter(({ part }) => part?.of === picture.content);
  const [first] = tiles;
  if (first === undefined) {
    throw new Trouble("refused", `"${picture.title}" was locked without tiles: vault lock --tiles`);
  }
  const files = new Map<number, Uint8Array>();
  for (const { content, part } of tiles) {
    const path = await tilePath(desk, content, { terminal });
    if (path === undefined) continue;
    files.set(part!.number, new Uint8Array(fs.readFileSync(path)));
    fs.rmSync(path);
    terminal.progress(`${files.size} of ${tiles.length} tiles`);
  }
  if (files.size === 0) throw new Trouble("unreachable", "None of its tiles can be had now");
  const { columns, rows, width, height } = first.part!;
  const view = await joinedTiles({ columns, rows, width, height }, files);
  fs.mkdirSync(desk.about.inbox, { recursive: true });
  const stem = picture.title.replace(/\.[^.]*$/, "").replace(/[/\\\0]/g, "_");
  const jpeg = await jpegOf(view, QUALITY);
  const place = firstFree(desk.about.inbox, `${stem} view.jpeg`, (free) => {
    fs.writeFileSync(free, jpeg, { flag: "wx", mode: 0o600 });
  });
  const missing = tiles.length - files.size;
  terminal.data("view", { content: picture.content, path: place, tiles: tiles.length, missing });
  if (!terminal.json) {
    terminal.say(place);
    if (missing > 0) {
      terminal.note(`${missing} of ${tiles.length} tiles are missing: they are striped`);
    }
  }
  return 0;
}

/** Where an opened tile is; undefined where too few of its devices are there. */
async function tilePath(
  desk: Desk,
  content: string,
  { terminal }: Pick<Errand, "terminal">,
): Promise<string | undefined> {
  try {
    return await awaited(
      desk,
      vault.open(content),
      (event) => {
        const { name, content: of, paths } = event as unknown as Record<string, unknown>;
        const isIt = (event.protocol as string) === "host" && name === "received" && of === content;
        return isIt ? (paths as readonly string[])[0] : undefined;
      },
      terminal,
      (failed) => failed.content === content,
    );
  } catch (error) {
    if (error instanceof Trouble && error.exit === "refused") return undefined;
    throw error;
  }
}
