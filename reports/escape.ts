/**
 * Names that peers chose, made safe to show. A name is data everywhere: it can neither move a cursor,
 * nor open a tag, nor end a table row, nor turn the reading direction.
 */

/**
 * C0 and C1 controls (with them every terminal escape), line separators, bidirectional controls,
 * invisible characters and lone surrogates. Joiners stay: Hindi and Persian are written with them.
 */
const UNSEEN =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu;

/** Text with each character that would act instead of showing written as `\u{1b}`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (found) => `\\u{${found.charCodeAt(0).toString(16)}}`);
}

/** Text for HTML or XML, in an element or a quoted attribute. */
export function markup(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return visible(text).replace(/[&<>"']/g, (found) => entities[found] as string);
}

/** Text for one cell of a Markdown table: no markup, no mention of a person, no end of the cell. */
export function cell(text: string): string {
  return markup(text).replace(/[\\`*_~|@#[\]]/g, (found) => `&#${found.charCodeAt(0)};`);
}

/** A value as JSON that can stand in a `<script>` element: nothing in it ends the element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Program text that can stand in a `<script>` element, its meaning unchanged. */
export function scriptText(source: string): string {
  // Both stand only in strings and regular expressions, where the escaped form means the same.
  return source.replace(/<\/(?=script)/gi, "<\\/").replace(/<!--/g, "<\\x21--");
}

/** The text cut to at most `limit` characters, the last of them an ellipsis. */
export function shortened(text: string, limit: number): string {
  const characters = [...text];
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join("")}…`;
}
