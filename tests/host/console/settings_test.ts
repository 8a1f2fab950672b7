/** What a person has settled and typed: which word counts, and what a wrong one is answered with. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { parsed } from "../../../runtime/host/console/command_line.ts";
import { secretOf, settingsOf } from "../../../runtime/host/console/settings.ts";
import { Trouble } from "../../../runtime/host/console/trouble.ts";

function settled(
  { flags = {}, environment = {}, file }: {
    flags?: Record<string, string>;
    environment?: Record<string, string>;
    file?: string;
  },
) {
  return settingsOf({
    flags,
    environment: (name) => environment[name],
    file: file === undefined ? undefined : { path: "starling.json", text: file },
    home: "/ana",
  });
}

function refused(act: () => unknown, exit: string, words: RegExp): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof Trouble);
    assert.equal(error.exit, exit);
    assert.match(error.message, words);
    return true;
  });
}

Deno.test("a flag counts more than the environment, that more than the file, that more than the default", () => {
  const file = '{"port": 1, "name": "File", "bind": ["10.0.0.1", "10.0.0.2"]}';
  const environment = { STARLING_PORT: "2", STARLING_DISCOVERY_PORT: "5" };
  const all = settled({ flags: { port: "3" }, environment, file });
  assert.deepEqual(all.port, { value: "3", origin: "flag" });
  assert.deepEqual(all["discovery-port"], { value: "5", origin: "environment" });
  assert.deepEqual(all.name, { value: "File", origin: "file" });
  assert.equal(all.bind.value, "10.0.0.1,10.0.0.2");
  assert.deepEqual(all.folder, { value: "/ana/.starling", origin: "default" });
});

Deno.test("an unknown key of the file is refused with the nearest one", () => {
  refused(() => settled({ file: '{"prot": 1}' }), "config", /"prot": did you mean "port"/);
  refused(() => settled({ file: "[1]" }), "config", /no JSON object/);
  refused(() => settled({ file: "{" }), "config", /Cannot read starling.json/);
  refused(() => settled({ flags: { port: "x1" } }), "config", /whole number/);
});

Deno.test("an unknown verb or option is refused with the nearest one", () => {
  refused(() => parsed(["taech"]), "usage", /"taech": did you mean "teach"/);
  refused(() => parsed(["join", "--nmae", "Ben"]), "usage", /did you mean "--name"/);
  refused(() => parsed(["send", "--to", "", "hello"]), "usage", /--to needs a value/);
});

Deno.test("words that look like numbers stay words, and flags belong to their verb", () => {
  const { verb, words, texts } = parsed(["answer", "3", "007", "--name", "5"]);
  assert.equal(verb?.name, "answer");
  assert.deepEqual(words, ["3", "007"]);
  assert.equal(texts.name, "5");
  refused(() => parsed(["say", "--title", "x"]), "usage", /Unknown option/);
});

Deno.test("a secret is read from a file that nobody else can read, and from no other", () => {
  const path = Deno.makeTempFileSync();
  try {
    fs.writeFileSync(path, "open sesame\nmore\n");
    fs.chmodSync(path, 0o644);
    refused(() => secretOf(path), "config", /Others can read/);
    fs.chmodSync(path, 0o600);
    assert.equal(secretOf(path), "open sesame");
    refused(() => secretOf(`${path}.none`), "config", /Cannot read/);
    assert.equal(secretOf(""), undefined);
  } finally {
    Deno.removeSync(path);
  }
});
