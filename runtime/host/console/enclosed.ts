/** A file that goes with a message: sealed, offered, and what the message says of it. */
import fs from "node:fs";
import { unhex } from "../../core/mod.ts";
import type { chat } from "../../protocols/mod.ts";
import { sealed } from "../media/attachments.ts";
import { isPreviewable, previewApart } from "../pictures/preview.ts";
import type { Attached } from "./attach.ts";
import { readGet } from "./links.ts";
import { sizeText, type Terminal } from "./terminal.ts";
import { Trouble } from "./trouble.ts";
import type { Errand } from "./verb.ts";
import { sharedLink } from "./verbs/files.ts";

/** What a message says of a file that goes with it. */
export interface Enclosed {
  readonly text: string;
  readonly attachment: chat.Attachment;
}

/** Seals a file and offers it to whoever has the message: what the message says of it. */
export async function enclosed(
  path: string,
  attached: Pick<Attached, "desk" | "isOwn">,
  { terminal, switches }: Pick<Errand, "terminal" | "switches">,
): Promise<Enclosed> {
  if (fs.statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new Trouble("storage", `There is no file ${path}`);
  }
  const { desk, isOwn } = attached;
  const made = sealedOr(desk.about.folder, path, switches.has("keep-details"));
  if (made.tells) {
    terminal.note(
      `It goes with all that it tells: of ${made.type} where and when it was taken cannot be taken out`,
    );
  }
  const link = readGet(await sharedLink(attached, await desk.open([made.path])))!;
  if (isOwn) {
    terminal.note("A file can be fetched while this node runs: deno task node start, then send");
  }
  const { key, bytes, type, name } = made;
  const { content, source: { keys, address } } = link;
  const { preview, about } = await previewed(path, type, terminal);
  const file = { content: unhex(content)!, key, bytes, type, name, preview };
  return {
    text: [name, sizeText(bytes), ...about].join(", "),
    attachment: { ...file, ...keys, address },
  };
}

/** What is seen of a picture before it has come, and its size in words. */
async function previewed(path: string, type: string, terminal: Terminal) {
  const preview = isPreviewable(type)
    ? await previewApart(new Uint8Array(fs.readFileSync(path)), type)
    : undefined;
  if (typeof preview === "string") terminal.note(`It goes without a preview. ${preview}`);
  if (preview === undefined || typeof preview === "string") {
    return { preview: new Uint8Array(0), about: [] };
  }
  return { preview: preview.jpeg, about: [`${preview.width} × ${preview.height}`] };
}

function sealedOr(folder: string, path: string, keepsDetails: boolean) {
  try {
    return sealed(folder, path, keepsDetails);
  } catch (error) {
    throw new Trouble(
      error instanceof RangeError ? "refused" : "storage",
      (error as Error).message,
    );
  }
}
