/** File names that mean the same on every system, and nothing on any of them. */

import { utf8 } from "../../core/mod.ts";
import { PATH_BYTES } from "./limits.ts";

// Names that Windows gives to devices, with any extension, and with spaces before it.
const DEVICES =
  /^(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$)\s*(\.|$)/i;
// Control characters, what Windows forbids, invisible and direction-changing characters, and what is
// no character at all. HFS+ does not even tell names apart that differ only by some of them.
const FORBIDDEN =
  // deno-lint-ignore no-control-regex -- control characters are what it must find
  /[\u0000-\u001f\u007f-\u009f<>:"\\|?*\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff]|\udb40[\udc00-\udfff]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** In UTF-8. Every file system takes 255; the rest is room for suffixes and for encryption. */
const NAME_BYTES = 200;
const EXTENSION_BYTES = 16;
const PARTS = 32;

/** A relative path whose every part is a portable name: safe to create below an inbox. */
export function isPortablePath(path: string): boolean {
  const parts = path.split("/");
  return parts.length <= PARTS && parts.every(isPortableName) && utf8(path).length <= PATH_BYTES;
}

/** One part of a path that every file system takes as it is. */
export function isPortableName(name: string): boolean {
  return name.length > 0 && !LONE_SURROGATE.test(name) && utf8(name).length <= NAME_BYTES &&
    name === name.normalize("NFC") && !FORBIDDEN.test(name) && !name.includes("/") &&
    !name.startsWith(".") && !name.startsWith("~") && !name.endsWith(".") &&
    name.trim() === name && !DEVICES.test(name);
}

/** The nearest portable path, for names as people and file systems have them. */
export function portablePath(path: string): string {
  const parts = path.split(/[/\\]/).filter((part) => part !== "" && part !== "." && part !== "..");
  const portable = parts.slice(-PARTS).map(portableName);
  while (utf8(portable.join("/")).length > PATH_BYTES) portable.shift();
  return portable.length > 0 ? portable.join("/") : "file";
}

function portableName(name: string): string {
  let portable = name.replace(new RegExp(LONE_SURROGATE, "g"), "\ufffd").normalize("NFC").trim();
  portable = portable.replace(new RegExp(FORBIDDEN, "g"), "_").trim().replace(/^[.~]+/, "_");
  portable = portable.replace(/[.\s]+$/, "_");
  portable = shortened(DEVICES.test(portable) ? `_${portable}` : portable);
  return isPortableName(portable) ? portable : "file";
}

/** Cut in the middle, between characters: the extension says what it is. */
function shortened(name: string): string {
  if (utf8(name).length <= NAME_BYTES) return name;
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 && utf8(name.slice(dot)).length <= EXTENSION_BYTES
    ? name.slice(dot)
    : "";
  let stem = "";
  let left = NAME_BYTES - utf8(extension).length;
  for (const character of name) {
    left -= utf8(character).length;
    if (left < 0) break;
    stem += character;
  }
  return `${stem.replace(/[.\s]+$/, "_")}${extension}`.normalize("NFC");
}

/** A path that another one equals, or lies inside of, where case does not count. */
export function clashIn(paths: readonly string[]): string | undefined {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const path of paths) {
    const folded = withoutCase(path);
    if (files.has(folded) || folders.has(folded)) return path;
    files.add(folded);
    for (let at = folded.indexOf("/"); at >= 0; at = folded.indexOf("/", at + 1)) {
      const folder = folded.slice(0, at);
      if (files.has(folder)) return path;
      folders.add(folder);
    }
  }
  return undefined;
}

/** Both ways, since neither alone makes one of all the letters that some file system takes for one. */
function withoutCase(path: string): string {
  return path.toLowerCase().toUpperCase().normalize("NFC");
}
