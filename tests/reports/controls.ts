/** What no report may hold: characters that act instead of showing. */

/** Controls, but for the end of a line, and marks that turn the reading direction. */
export function controlsIn(text: string): string[] {
  return [...text].filter((character) => {
    const code = character.codePointAt(0) as number;
    return (code < 0x20 && code !== 0x0a) || (code >= 0x7f && code < 0xa0) ||
      (code >= 0x202a && code <= 0x202e);
  });
}
