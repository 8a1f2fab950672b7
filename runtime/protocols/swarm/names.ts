/** File names that mean the same on every system, and nothing on any of them. */

// Names that Windows gives to devices, with any extension.
const DEVICES = /^(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$)(\.|$)/i;
// Control characters, what Windows forbids, invisible and direction-changing characters.
// deno-lint-ignore no-control-regex -- control characters are what it must find
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f<>:"\\|?*\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** A relative path whose every part is a portable name: safe to create below an inbox. */
export function isPortablePath(path: string): boolean {
  const parts = path.split("/");
  return parts.length <= 32 && parts.every(isPortableName);
}

export function isPortableName(name: string): boolean {
  return name.length > 0 && name.length <= 200 && name === name.normalize("NFC") &&
    !FORBIDDEN.test(name) && !name.includes("/") && !LONE_SURROGATE.test(name) &&
    !name.startsWith(".") && !name.startsWith("~") && !name.endsWith(".") &&
    name.trim() === name && !DEVICES.test(name);
}

/** The nearest portable path, for names as people and file systems have them. */
export function portablePath(path: string): string {
  const parts = path.split(/[/\\]/).filter((part) => part !== "" && part !== "." && part !== "..");
  const portable = parts.slice(-32).map(portableName);
  return portable.length > 0 ? portable.join("/") : "file";
}

function portableName(name: string): string {
  let portable = name.normalize("NFC");
  portable = portable.replace(new RegExp(LONE_SURROGATE, "g"), "\ufffd");
  portable = portable.replace(new RegExp(FORBIDDEN, "g"), "_").trim();
  portable = portable.replace(/^[.~]+/, "_").slice(0, 190).replace(/[. ]+$/, "_");
  if (DEVICES.test(portable)) portable = `_${portable}`;
  return isPortableName(portable) ? portable : "file";
}

/** A path that another one equals, or lies inside of, where case does not count. */
export function clashIn(paths: readonly string[]): string | undefined {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const path of paths) {
    const folded = path.toLowerCase();
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
