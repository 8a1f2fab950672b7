/** The page's own program: the files of this folder, their types stripped, as one classic script. */

import { stripTypeScriptTypes } from "node:module";
import axes from "./axes.ts" with { type: "text" };
import canvas from "./canvas.ts" with { type: "text" };
import download from "./download.ts" with { type: "text" };
import faults from "./faults.ts" with { type: "text" };
import heat from "./heat.ts" with { type: "text" };
import lines from "./lines.ts" with { type: "text" };
import page from "./page.ts" with { type: "text" };
import theme from "./theme.ts" with { type: "text" };
import units from "../units.ts" with { type: "text" };

/**
 * A page from file:// can load no modules, so they are joined: each after those that it imports. Their
 * names share one scope; a name declared twice is a syntax error, which a test would show.
 */
const parts = [units, axes, theme, canvas, heat, faults, lines, download, page];

/** The program, wrapped so that it adds nothing to the page's globals. */
export const pageScript: string = `"use strict";{\n${parts.map(joined).join("\n")}\n}`;

/** A module as a part of a larger program: no types, no imports, no exports. */
function joined(source: string): string {
  return stripTypeScriptTypes(source)
    .replace(/^import\s[^;]*;\n/gm, "")
    .replace(/^export (?=const|function|class|async)/gm, "")
    // What stripping leaves behind: lines of blanks where types stood, and comments for the reader
    // of the sources.
    .replace(/^\s*(\/\/.*)?\n/gm, "");
}
