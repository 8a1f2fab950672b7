/** `init`, `start`, `status`, `peers`, `history`, `stop`, `backup`, `restore`, `config`: the node itself. */
import { hex } from "../../../core/mod.ts";
import { History } from "../../disk/history.ts";
import { backUp, restore, StorageError } from "../../disk/mod.ts";
import { written } from "../../../protocols/directory/mod.ts";
import { saveIdentity } from "../../identity_file.ts";
import { nodeCrypto } from "../../crypto.ts";
import { identityFrom } from "../../../core/mod.ts";
import { defused } from "../../text.ts";
import { attachRunning, endOf, hiddenLine, sealOf, startOwn, withSecret } from "../attach.ts";
import { shortName } from "../names.ts";
import { claimOf } from "../claim.ts";
import { lineText, Talk } from "../talk.ts";
import { findRunning, type Remote } from "../remote.ts";
import { settingNames } from "../settings.ts";
import { showLink } from "../lesson.ts";
import { agoText, sizeText } from "../terminal.ts";
import { exits, Trouble } from "../trouble.ts";
import type { Errand, Verb } from "../verb.ts";
import { shortId } from "./letters.ts";

/** A guess costs 100 ms: eight characters of a few words are out of reach of a thief with one disk. */
const LEAST_PASSPHRASE = 8;

export const init: Verb = {
  name: "init",
  shape: "",
  summary: "make an identity, and show it",
  examples: ["deno task node init", "deno task node init --passphrase"],
  flags: {
    passphrase: { kind: "switch", help: "asks for a passphrase that seals it from now on" },
  },
  async run({ settings, terminal, switches }) {
    const folder = settings.folder.value;
    const { peer, keys } = await withSecret(settings, async (secret) => {
      if (switches.has("passphrase")) await saveIdentity(folder, secret, newPassphrase());
      return identityFrom(secret, nodeCrypto);
    });
    terminal.data("identity", { peer, sign: hex(keys.sign), agree: hex(keys.agree), folder });
    const { id } = claimOf(folder, keys, terminal);
    if (!terminal.json) {
      terminal.say(`You are ${shortName(peer)}. Everything is in ${folder}`);
      terminal.say(`Others find you as ${written(id)}`);
    }
    return 0;
  },
};

function newPassphrase(): string {
  if (!Deno.stdin.isTerminal()) {
    throw new Trouble("config", "There is no terminal to ask at: name --passphrase-file");
  }
  const one = hiddenLine("New passphrase: ");
  if (one.length < LEAST_PASSPHRASE) {
    throw new Trouble("refused", `Too short: ${LEAST_PASSPHRASE} characters at least`);
  }
  if (hiddenLine("Once more: ") !== one) {
    throw new Trouble("refused", "They differ: nothing changed");
  }
  return one;
}

export const start: Verb = {
  name: "start",
  shape: "",
  summary: "run the node until it is stopped; other verbs then use it",
  examples: ["deno task node start", "deno task node start --port 0 --bind 127.0.0.1 --json"],
  flags: {},
  async run({ settings, terminal, interrupted }) {
    const running = await findRunning(settings.folder.value);
    if (running !== undefined) {
      const { pid } = running.control;
      throw new Trouble("busy", `Already running (process ${pid}, at ${running.about.address})`);
    }
    const attached = await startOwn(settings, terminal);
    const { about } = attached.desk;
    const { control } = attached.desk as unknown as { control: { port: number } };
    terminal.data("ready", { ...about, control: control.port });
    terminal.note(`Running as ${shortName(about.peer as never)} at ${about.address}`);
    terminal.note("Others find it by themselves in the same room; Ctrl-C ends it");
    showLink(about, terminal);
    const code = await Promise.race([
      interrupted.then(() => exits.interrupted),
      endOf(attached.desk).then(() => 0),
    ]);
    await attached.leave();
    return code;
  },
};

export const status: Verb = {
  name: "status",
  shape: "",
  summary: "what the running node does",
  examples: ["deno task node status", "deno task node status --json"],
  flags: {},
  async run({ settings, terminal }) {
    const now = await (await attachRunning(settings) as Remote).status();
    terminal.data("status", now);
    if (terminal.json) return 0;
    const { peer, address, session, roster, contacts, contents } = now;
    terminal.say(`${shortName(peer as never)} at ${address}`);
    const neighbours = contacts.filter(({ isNeighbour }) => isNeighbour).length;
    terminal.say(`${contacts.length} known, ${neighbours} linked`);
    if (session !== undefined) {
      const role = session.isTeacher ? "open" : `of ${defused(session.teacher)}`;
      terminal.say(`Session "${defused(session.title)}" (${role}), ${roster.length} here`);
    }
    for (const { title, bytes, role, state, have, others, bytesPerSecond } of contents) {
      const share = bytes === 0 ? 100 : Math.floor(100 * have / bytes);
      const done = others.filter((each) => each.have === bytes).length;
      const rest = role === "sharing"
        ? `${done} of ${others.length} have it`
        : `${share} %, ${state}, ${sizeText(bytesPerSecond)}/s`;
      terminal.say(`"${defused(title)}", ${sizeText(bytes)}: ${rest}`);
      for (const { who, have, why } of others) {
        if (have === bytes && why === undefined) continue;
        const reason = why === undefined ? "" : `, ${why}`;
        terminal.say(`  ${defused(who)}: ${Math.floor(100 * have / bytes)} %${reason}`);
      }
    }
    return 0;
  },
};

export const peers: Verb = {
  name: "peers",
  shape: "",
  summary: "who is there",
  examples: ["deno task node peers"],
  flags: {},
  async run({ settings, terminal }) {
    const { contacts } = await (await attachRunning(settings) as Remote).status();
    for (const contact of contacts) {
      terminal.data("peer", contact);
      if (terminal.json) continue;
      const { who, address, seen, gone, isNeighbour, standing } = contact;
      const state = gone !== undefined ? `gone: ${gone}` : isNeighbour ? "linked" : "known";
      const ago = agoText(Date.now() - seen);
      const about = [standing, state, `seen ${ago}`].filter((part) => part !== undefined);
      terminal.say(`${defused(who).padEnd(20)} ${address.padEnd(24)} ${about.join(", ")}`);
    }
    if (contacts.length === 0) terminal.note("Nobody yet: deno task node doctor says why");
    return 0;
  },
};

export const history: Verb = {
  name: "history",
  shape: "[WORDS]",
  summary: "what was said and written, or what has these words in it",
  examples: [
    "deno task node history",
    "deno task node history whiteboard",
    "deno task node history --with Ben --since 2026-11-01",
  ],
  flags: {
    with: { kind: "text", help: "only what these people wrote, or were written" },
    since: { kind: "text", help: "only what is as young as this day, 2026-11-01" },
    ids: { kind: "switch", help: "with the digits that edit, unsend and send --about take" },
  },
  async run({ settings, terminal, words, texts, switches }) {
    const whom = texts.with?.toLowerCase();
    const since = texts.since === undefined ? 0 : Date.parse(`${texts.since}T00:00:00`);
    if (Number.isNaN(since)) {
      throw new Trouble("usage", `Cannot read "${texts.since}": a day, as 2026-11-01`);
    }
    const sought = words.join(" ").toLowerCase();
    const talk = new Talk(Infinity);
    const folder = settings.folder.value;
    for (const entry of History.read(folder, await sealOf(settings))) talk.restore(entry);
    for (const line of talk.lines) {
      if (!`${line.who}: ${line.text}`.toLowerCase().includes(sought)) continue;
      if (line.wall < since) continue;
      if (whom !== undefined && !line.who.toLowerCase().includes(whom)) continue;
      terminal.data("line", line);
      const digits = switches.has("ids") ? `${shortId(line.id).padEnd(10)}` : "";
      if (!terminal.json) terminal.say(`${digits}${lineText(line, talk)}`);
    }
    return 0;
  },
};

export const stop: Verb = {
  name: "stop",
  shape: "",
  summary: "stop the running node",
  examples: ["deno task node stop"],
  flags: { now: { kind: "switch", help: "without saying goodbye" } },
  async run({ settings, switches, terminal }) {
    const desk = await attachRunning(settings);
    await desk.stop(switches.has("now"));
    terminal.data("done", { command: "stop" });
    terminal.note("Stopped");
    return 0;
  },
};

export const backup: Verb = {
  name: "backup",
  shape: "FILE",
  summary: "copy the node's records, identity and history, while it is stopped",
  examples: ["deno task node backup starling-backup.db"],
  flags: {},
  run({ settings, words: [path], terminal }) {
    if (path === undefined) throw new Trouble("usage", "Name the file to write");
    const written = stored(() => backUp(settings.folder.value, path));
    for (const file of written) terminal.data("file", { path: file });
    terminal.note(`Written: ${written.join(", ")}`);
    terminal.note("Keep them together, where nobody else reads them");
    return Promise.resolve(0);
  },
};

export const restoring: Verb = {
  name: "restore",
  shape: "FILE",
  summary: "make a node of a backup, in a folder where none is",
  examples: ["deno task node restore starling-backup.db", "deno task node start"],
  flags: {},
  run({ settings, words: [path], terminal }) {
    if (path === undefined) throw new Trouble("usage", "Name the file that backup has written");
    const folder = settings.folder.value;
    stored(() => restore(path, folder));
    terminal.data("done", { command: "restore", folder });
    terminal.note(`The node is in ${folder}. Never start the one that it is a copy of again`);
    return Promise.resolve(0);
  },
};

function stored<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new Trouble(/running/.test(error.message) ? "busy" : "storage", error.message);
  }
}

export const config: Verb = {
  name: "config",
  shape: "",
  summary: "every setting, and where it comes from",
  examples: ["deno task node config"],
  flags: {},
  run({ settings, terminal }: Errand) {
    for (const name of settingNames) {
      const { value, origin } = settings[name];
      terminal.data("setting", { name, value, origin });
      if (!terminal.json) terminal.say(`${name.padEnd(18)} ${value.padEnd(34)} ${origin}`);
    }
    return Promise.resolve(0);
  },
};
