/** A name that a peer chose stays a name, wherever it is shown. */
import assert from "node:assert/strict";
import { controlsIn } from "./controls.ts";
import { cell, markup, scriptJson, scriptText, shortened, visible } from "../../reports/escape.ts";

Deno.test("terminal escapes, controls and reading directions are shown and not obeyed", () => {
  assert.equal(visible("a\x1b]0;title\x07b"), "a\\u{1b}]0;title\\u{7}b");
  assert.equal(
    visible("\x1b[2J\r\n\t\x00\x7f\x9b"),
    "\\u{1b}[2J\\u{d}\\u{a}\\u{9}\\u{0}\\u{7f}\\u{9b}",
  );
  assert.equal(visible("gpj.\u202eexe"), "gpj.\\u{202e}exe");
  assert.equal(visible("\u200bzero\u2028\ufeff"), "\\u{200b}zero\\u{2028}\\u{feff}");
  assert.equal(visible("half \ud800 a pair"), "half \\u{d800} a pair");
});

Deno.test("names in any script pass unchanged", () => {
  for (const name of ["Zoë", "अनुष्का", "بن", "李雷", "🦜 starling", "क्\u200dष"]) {
    assert.equal(visible(name), name);
  }
});

Deno.test("markup holds neither a tag nor the end of an attribute", () => {
  assert.equal(
    markup(`</script><img src='x' title="&">`),
    "&lt;/script&gt;&lt;img src=&#39;x&#39; title=&quot;&amp;&quot;&gt;",
  );
  assert.deepEqual(controlsIn(markup("\x00\x08\x1b]")), [], "XML forbids them even as entities");
});

Deno.test("a Markdown cell ends no row, mentions nobody and links nowhere", () => {
  const told = cell("a|b\n`c` @ana [x](y) **z** <!-- ~~");
  assert.doesNotMatch(told, /[|\n`@[\]*<>~]/);
});

Deno.test("JSON in a script element never ends the element, and reads back the same", () => {
  const value = { name: "</script><!--<script>\u2028&" };
  const text = scriptJson(value);
  assert.doesNotMatch(text, /[<>&\u2028]/);
  assert.deepEqual(JSON.parse(text), value);
});

Deno.test("a program in a script element never ends the element, and means the same", () => {
  const program = `"</script></SCRIPT><!--".length + /<\\/script>/u.source.length`;
  const text = scriptText(program);
  assert.doesNotMatch(text, /<\/script|<!--/i);
  assert.equal(new Function(`return ${text}`)(), new Function(`return ${program}`)());
});

Deno.test("a long name is cut between characters", () => {
  assert.equal(shortened("🦜🦜🦜🦜", 3), "🦜🦜…");
  assert.equal(shortened("abc", 3), "abc");
});
