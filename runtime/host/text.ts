/** Other people's text, made safe to show in a terminal: nothing in it moves the cursor or turns letters round. */

// Control characters but tab, C1 controls, what changes direction, and what cannot be seen.
const ACTIVE =
  // deno-lint-ignore no-control-regex -- control characters are what it must find
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udfff]/g;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The same text on one line, with everything active written out as `\u{...}`. */
export function defused(text: string): string {
  return text.replace(ACTIVE, escaped).replace(LONE_SURROGATE, escaped);
}

/** The same, line by line: for text that may have several. */
export function defusedLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/).map(defused);
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
