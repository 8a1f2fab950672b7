/** `look`: the preview of a picture that came with a message, also before the picture itself is there. */
import { blocksOf } from "../../pictures/blocks.ts";
import { rasterOfPreview } from "../../pictures/preview.ts";
import { defused } from "../../text.ts";
import { Trouble } from "../trouble.ts";
import type { Verb } from "../verb.ts";
import { lineNamed } from "./letters.ts";

const LINES = 24;

export const look: Verb = {
  name: "look",
  shape: "DIGITS",
  summary: "see the preview of a picture in the terminal, before it has come",
  examples: ["deno task node history --ids", "deno task node look 4be09a1c"],
  flags: {},
  async run({ words: [digits, more], settings, terminal }) {
    if (digits === undefined || more !== undefined) {
      throw new Trouble("usage", "Say which message, by the digits of history --ids");
    }
    const { preview, text } = await lineNamed(digits, settings);
    if (preview === undefined) throw new Trouble("refused", "There is no preview with it");
    const jpeg = Uint8Array.fromBase64(preview);
    terminal.data("preview", { text, jpeg: preview });
    if (terminal.json) return 0;
    const raster = await rasterOfPreview(jpeg).catch((error: Error) => {
      throw new Trouble("refused", error.message);
    });
    for (const line of blocksOf(raster, terminal.width, LINES)) terminal.say(line);
    terminal.say(defused(text));
    return 0;
  },
};
