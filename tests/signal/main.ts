/**
 * `deno task signal`: our engine against Signal's own library, in both roles, with X3DH and with PQXDH.
 * The library is under the AGPL and no part of this project: it is installed into a folder of its own,
 * which is removed afterwards.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { joined, Stream, utf8 } from "../../runtime/core/mod.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import {
  opened,
  safetyNumber,
  sealed,
  type State,
  type Tools,
} from "../../runtime/protocols/session/mod.ts";
import { answers, begins, kyberKey, signed } from "./contact.ts";
import { type Library, make, SignalPerson } from "./library.ts";
import { marked, signal } from "./profile.ts";

const PACKAGE = "@signalapp/libsignal-client@0.72.1";
const MESSAGES = 200;
/** So many arrive together, in any order: the library reads messages of the last five chains. */
const REORDERED = 4;
const NAMES = [utf8("+14155550101"), utf8("+14155550102")] as const;

/** One side of a conversation, in Signal's format. */
class Side {
  constructor(
    public state: State,
    readonly ours: Uint8Array,
    readonly theirs: Uint8Array,
    readonly tools: Tools,
  ) {}

  write(text: string): Uint8Array {
    const about = joined(marked(this.ours), marked(this.theirs));
    const sent = sealed(this.state, utf8(text), about, this.tools)!;
    this.state = sent.state;
    return sent.bytes;
  }

  read(bytes: Uint8Array): string | undefined {
    const about = joined(marked(this.theirs), marked(this.ours));
    const got = opened(this.state, bytes, about, this.tools);
    if (got === undefined) return undefined;
    this.state = got.state;
    return new TextDecoder().decode(got.clear);
  }
}

interface Flying {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly isFirst: boolean;
}

function toolsOf(name: string, version: 3 | 4): Tools {
  const stream = new Stream(name);
  return { profile: signal(version), crypto: nodeCrypto, chance: (length) => stream.bytes(length) };
}

/** We begin: their bundle, our first message. */
async function weBegin(library: Library, version: 3 | 4): Promise<void> {
  const them = new SignalPerson(library, version === 4);
  const tools = toolsOf(`begin ${version}`, version);
  const secret = tools.chance(32);
  const { state, wrap } = begins(secret, them.bundle, tools);
  const us = new Side(state, nodeCrypto.agreementKey(secret), them.bundle.identity, tools);
  assert.equal(await them.read(wrap(us.write("first")), true), "first");
  await talk(us, them, `begin ${version}`);
}

/** They begin: our bundle, signed as Signal signs. */
async function theyBegin(library: Library, version: 3 | 4): Promise<void> {
  const them = new SignalPerson(library, version === 4);
  const tools = toolsOf(`answer ${version}`, version);
  const { chance } = tools;
  const secrets = {
    identity: chance(32),
    signed: chance(32),
    once: chance(32),
    kyber: version === 4 ? chance(64) : undefined,
  };
  const identity = nodeCrypto.agreementKey(secrets.identity);
  const key = nodeCrypto.agreementKey(secrets.signed);
  const by = (message: Uint8Array) => signed(secrets.identity, message, chance(64));
  const kyber = secrets.kyber && kyberKey(secrets.kyber);
  await them.begin({
    identity,
    signed: key,
    signature: by(marked(key)),
    once: nodeCrypto.agreementKey(secrets.once),
    kyber: kyber && { key: kyber, signature: by(kyber) },
  });
  const { bytes, isFirst } = await them.write("first");
  assert.ok(isFirst);
  const { state, theirs, message } = answers(secrets, bytes);
  const us = new Side(state, identity, theirs, tools);
  assert.equal(us.read(message), "first");
  await talk(us, them, `answer ${version}`);
}

/** Hundreds of messages both ways, some lost, in any order. */
async function talk(us: Side, them: SignalPerson, name: string): Promise<void> {
  const random = new Stream(name);
  const toThem: Flying[] = [], toUs: Flying[] = [];
  let read = 0;
  const deliver = async (flying: Flying[], isOurs: boolean) => {
    const [{ bytes, text, isFirst }] = flying.splice(random.below(flying.length), 1) as [Flying];
    if (random.below(20) === 0) return; // lost
    read++;
    if (isOurs) return assert.equal(await them.read(bytes, isFirst), text);
    const message = isFirst ? innerOf(bytes) : bytes;
    assert.equal(us.read(message), text);
    assert.equal(us.read(message), undefined, "once");
  };
  const arrive = async (flying: Flying[]) => {
    while (flying.length > 0) await deliver(flying, flying === toThem);
  };
  for (let nth = 0; nth < 2 * MESSAGES; nth++) {
    const text = `message ${nth}`;
    if (nth % 2 === 0) toThem.push({ bytes: us.write(text), text, isFirst: false });
    else toUs.push({ ...await them.write(text), text });
    for (const flying of [toThem, toUs]) {
      if (flying.length === REORDERED) await arrive(flying);
    }
  }
  await arrive(toThem);
  await arrive(toUs);
  console.log(`${name.padEnd(9)} ${read} of ${2 * MESSAGES} messages read, the others were lost`);
}

/** Until we have answered, each of their messages is wrapped in the first contact. */
function innerOf(bytes: Uint8Array): Uint8Array {
  const unused = new Uint8Array(32).fill(1);
  const ours = { identity: unused, signed: unused, once: unused, kyber: new Uint8Array(64) };
  return answers(ours, bytes).message;
}

function compareNumbers(library: Library): void {
  const [one, other] = [library.PrivateKey.generate(), library.PrivateKey.generate()];
  const keys = [one, other].map((each) => each.getPublicKey());
  const [ourName, theirName] = NAMES.map((name) => Buffer.from(name));
  const theirs = make(library.Fingerprint, 5_200, 1, ourName, keys[0], theirName, keys[1]) as {
    displayableFingerprint(): { toString(): string };
  };
  const [ourKey, theirKey] = keys.map((key) => Uint8Array.from(key.serialize()));
  const ours = safetyNumber(
    { key: ourKey!, name: NAMES[0] },
    { key: theirKey!, name: NAMES[1] },
  );
  assert.equal(ours, theirs.displayableFingerprint().toString());
  console.log(`safety number ${ours}: the same`);
}

async function installed(folder: string): Promise<Library> {
  await Deno.writeTextFile(`${folder}/package.json`, "{}");
  const { success, stderr } = await new Deno.Command("npm", {
    args: ["install", "--silent", "--no-audit", "--no-fund", PACKAGE],
    cwd: folder,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return createRequire(`${folder}/`)(PACKAGE.replace(/@[\d.]+$/, "")) as Library;
}

const folder = await Deno.makeTempDir({ prefix: "starling-signal-" });
try {
  const library = await installed(folder);
  for (const version of [3, 4] as const) {
    await weBegin(library, version);
    await theyBegin(library, version);
  }
  compareNumbers(library);
} finally {
  await Deno.remove(folder, { recursive: true });
}
