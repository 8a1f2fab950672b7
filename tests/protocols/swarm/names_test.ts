/** Names from people, systems and enemies: what is stored means the same everywhere, and escapes nowhere. */
import assert from "node:assert/strict";
import { Stream, utf8 } from "../../../runtime/core/mod.ts";
import { clashIn, isPortablePath, portablePath } from "../../../runtime/protocols/swarm/names.ts";

/** What is not portable, and what becomes of it. */
const NASTY: readonly (readonly [string, string])[] = [
  // Devices of Windows, whatever follows the first dot.
  ["CON", "_CON"],
  ["con.air.nfo", "_con.air.nfo"],
  ["nul.txt", "_nul.txt"],
  ["COM1", "_COM1"],
  ["com\u00b9.log", "_com\u00b9.log"],
  ["LPT9.tar.gz", "_LPT9.tar.gz"],
  ["Prn", "_Prn"],
  ["aux.c", "_aux.c"],
  ["CONIN$", "_CONIN$"],
  ["con .txt", "_con .txt"],
  ["NUL\u00a0.txt", "_NUL\u00a0.txt"],
  // Ends that Windows forgets.
  ["report.", "report_"],
  ["report...", "report_"],
  ["report ", "report"],
  ["report  ", "report"],
  ["report. .", "report_"],
  [" report", "report"],
  ["\u00a0report\u3000", "report"],
  ["nul ", "_nul"],
  // Ways out of the inbox.
  ["../../etc/passwd", "etc/passwd"],
  ["..", "file"],
  [".", "file"],
  ["a/../../b", "a/b"],
  ["a/./b", "a/b"],
  ["..\\..\\boot.ini", "boot.ini"],
  ["/etc/passwd", "etc/passwd"],
  ["//etc//passwd", "etc/passwd"],
  ["C:\\Windows\\system32\\cmd.exe", "C_/Windows/system32/cmd.exe"],
  ["C:autoexec.bat", "C_autoexec.bat"],
  ["\\\\server\\share\\x", "server/share/x"],
  ["\\\\?\\C:\\x", "_/C_/x"],
  ["\\\\.\\PhysicalDrive0", "PhysicalDrive0"],
  ["a\u0000.txt", "a_.txt"],
  ["file:///etc/passwd", "file_/etc/passwd"],
  ["", "file"],
  ["/", "file"],
  // Streams, globs, pipes and redirections.
  ["notes.txt:hidden", "notes.txt_hidden"],
  ["notes.txt::$DATA", "notes.txt__$DATA"],
  ['what?*"<>|', "what______"],
  // What a shell or a file manager takes for something else.
  [".bashrc", "_bashrc"],
  [".ssh/authorized_keys", "_ssh/authorized_keys"],
  ["...", "_"],
  ["~root", "_root"],
  ["~/.profile", "_/_profile"],
  ["line\nbreak", "line_break"],
  ["\u001b]0;owned\u0007", "_]0;owned_"],
  ["\u009b2J", "_2J"],
  ["del\u007f", "del_"],
  // What cannot be seen, or turns the text around it.
  ["holiday\u202egpj.exe", "holiday_gpj.exe"],
  ["\u2066x\u2069", "_x_"],
  ["zero\u200bwidth", "zero_width"],
  ["joined\u200d", "joined_"],
  ["soft\u00adhyphen", "soft_hyphen"],
  ["\ufeffbom.txt", "bom.txt"],
  [".g\u200cit", "_g_it"],
  ["\u206astill there", "_still there"],
  ["tag\udb40\udc41", "tag_"],
  ["\u3164", "_"],
  ["line\u2028separator", "line_separator"],
  // Half a character, and one character in two ways.
  ["half\ud83d", "half\ufffd"],
  ["\udc00half", "\ufffdhalf"],
  ["cafe\u0301", "caf\u00e9"],
  ["\u212bngstr\u00f6m", "\u00c5ngstr\u00f6m"],
  // Too long: by bytes, not by characters.
  ["x".repeat(201), "x".repeat(200)],
  ["\u6f22".repeat(70), "\u6f22".repeat(66)],
  [`${"\u{1f426}".repeat(60)}.mp4`, `${"\u{1f426}".repeat(49)}.mp4`],
  [`${"a".repeat(300)}.tar.gz`, `${"a".repeat(197)}.gz`],
  [`${"deep/".repeat(40)}x`, `${"deep/".repeat(31)}x`],
  [`${"d".repeat(199)}/`.repeat(3) + "x", `${"d".repeat(199)}/${"d".repeat(199)}/x`],
];

/** What is portable as it is. */
const FINE = [
  "lecture.mp4",
  "Lecture 7 - Networks (final).pdf",
  "photos/2026/\u00e9t\u00e9.jpg",
  "\u8b1b\u7fa9/\u7b2c\u4e00\u56de.mp4",
  "\u0434\u043e\u043c.txt",
  "\u05e9\u05dc\u05d5\u05dd.doc",
  "\u2764\ufe0f.png",
  "\u{1f426}.svg",
  "console.log",
  "com10.txt",
  "nullable",
  "a.b.c.d",
  "x".repeat(200),
  "-rf",
  "$HOME",
  "file~1.txt",
  "README",
];

Deno.test("no nasty name is portable, and each has a nearest one that is", () => {
  assert.ok(NASTY.length >= 60);
  for (const [nasty, expected] of NASTY) {
    assert.equal(isPortablePath(nasty), false, JSON.stringify(nasty));
    assert.equal(portablePath(nasty), expected, JSON.stringify(nasty));
    assert.ok(isPortablePath(expected), JSON.stringify(expected));
  }
});

Deno.test("a portable name stays as it is", () => {
  for (const name of FINE) {
    assert.ok(isPortablePath(name), JSON.stringify(name));
    assert.equal(portablePath(name), name);
  }
});

const PIECES = [
  ...'abzAZ09 ._-~$/\\:*?"<>|\u0000\u0007\u001b\n\u007f\u0085\u00a0\u00ad\u00e9e\u0301\u00b9\u00df',
  ...["\u0130", "\u0131", "\u017f", "\u200b", "\u200d", "\u202e", "\u2066", "\u2028", "\u212a"],
  ...["\u3000", "\u3164", "\u6f22", "\ufeff", "\uffff", "\ud800", "\udc00", "\u{1f426}"],
  ...["\u{e0041}", "..", "../", "...", "con", "NUL", "com1", "lpt\u00b3", ".txt", "file", "  "],
];

function nasty(random: Stream): string {
  let name = "";
  const wide = random.below(20) === 0;
  for (let left = random.below(wide ? 400 : 12); left > 0; left--) {
    const isAny = random.below(4) === 0;
    name += isAny ? String.fromCharCode(random.below(0x1_0000)) : random.pick(PIECES);
  }
  return name;
}

Deno.test("whatever a name is, what is stored is portable, below the inbox, and stays as it is", () => {
  const random = new Stream("nasty names");
  let kept = 0;
  for (let round = 0; round < 100_000; round++) {
    const name = nasty(random);
    const portable = portablePath(name);
    if (!isPortablePath(portable)) assert.fail(`${JSON.stringify(name)} became ${portable}`);
    if (portable.startsWith("/") || /(^|\/)\.\.?(\/|$)|[\\:]/.test(portable)) {
      assert.fail(`${JSON.stringify(name)} leads out: ${portable}`);
    }
    if (portable !== portablePath(portable)) assert.fail(`${portable} changes again`);
    if (isPortablePath(name)) {
      kept++;
      assert.equal(portable, name, "what is portable is not changed");
    }
  }
  assert.ok(kept > 1000, `${kept} were portable as they were`);
});

Deno.test("no part of what is stored is longer than file systems take, nor the whole than the wire", () => {
  const random = new Stream("long names");
  for (let round = 0; round < 2000; round++) {
    const name = Array.from({ length: 1 + random.below(500) }, () => random.pick(PIECES)).join("");
    const portable = portablePath(name);
    assert.ok(utf8(portable).length <= 512);
    for (const part of portable.split("/")) assert.ok(utf8(part).length <= 200, part);
  }
});

Deno.test("names that some system takes for one another clash, as do a file and its folder", () => {
  const clashing = [
    ["a", "a"],
    ["README", "readme"],
    ["caf\u00e9", "CAF\u00c9"],
    ["stra\u00dfe", "STRASSE"],
    ["\u1e9e", "\u00df"],
    ["\u03b1\u03a3", "\u03b1\u03c3"], // a capital sigma, and one in the middle of a word
    ["\u03b1\u03c2", "\u0391\u03a3"],
    ["\u017fee", "see"], // a long s
    ["\u212aelvin", "kelvin"],
    ["\u01c4", "\u01c5"],
    ["notes", "notes/today"],
    ["notes/today", "Notes"],
    ["a/b/c", "A/B"],
    ["x", "a/b", "a/B/c"],
  ];
  for (const paths of clashing) assert.equal(clashIn(paths), paths.at(-1), paths.join(" "));
  const apart = [
    [],
    ["a", "b"],
    ["a/b", "a/c", "ab"],
    ["a", "ab/a", "a b"],
    ["\u00e9", "e"],
    ["\u03b1", "a"],
  ];
  for (const paths of apart) assert.equal(clashIn(paths), undefined, paths.join(" "));
});

Deno.test("a clash is found wherever it stands among thousands", () => {
  const paths = Array.from({ length: 4000 }, (_, at) => `folder${at % 50}/file${at}`);
  assert.equal(clashIn(paths), undefined);
  for (const at of [0, 1234, 3999]) {
    const other = paths[(at + 2000) % 4000]!.toUpperCase();
    assert.ok(clashIn([...paths.slice(0, at), other, ...paths.slice(at)]) !== undefined);
  }
});
