/** `share`, `get` and `send`: files without a session. */
import { fetch, isSwarmEvent, share as shareFiles } from "../../../protocols/swarm/mod.ts";
import { attach, type Attached } from "../attach.ts";
import { getLink, readGet } from "../links.ts";
import { attend } from "../lesson.ts";
import { isHostEvent } from "../service.ts";
import { sizeText } from "../terminal.ts";
import { exits, Trouble } from "../trouble.ts";
import type { Verb } from "../verb.ts";

const nothing = () => undefined;

export const share: Verb = {
  name: "share",
  shape: "FILE...",
  summary: "offer files to whoever has the link",
  examples: ["deno task node share holiday.jpg", "deno task node share --title Notes notes/"],
  flags: { title: { kind: "text", help: "what it is called" } },
  async run(errand) {
    const { words, texts, terminal } = errand;
    if (words.length === 0) throw new Trouble("usage", "Name a file or a folder to share");
    const attached = await attach(errand.settings, terminal);
    const opened = await attached.desk.open(words, texts.title);
    const link = await sharedLink(attached, opened);
    terminal.data("shared", { link, bytes: opened.bytes, files: opened.files });
    if (!terminal.json) {
      terminal.note(`"${opened.title}", ${sizeText(opened.bytes)}. Whoever runs this gets it:`);
      terminal.say(`deno task node get ${link}`);
    }
    if (!attached.isOwn) return 0;
    terminal.note("It is there for as long as this runs; Ctrl-C ends it");
    return await attend(attached, errand, { reading: nothing, begin: () => Promise.resolve() });
  },
};

export const get: Verb = {
  name: "get",
  shape: "LINK",
  summary: "get what somebody shares",
  examples: ["deno task node get starling:get/..."],
  flags: {},
  async run(errand) {
    const [text] = errand.words;
    const link = text === undefined ? undefined : readGet(text);
    if (link === undefined) {
      throw new Trouble(
        "usage",
        "Paste the whole link: starling:get/..., as `share` has printed it",
      );
    }
    const attached = await attach(errand.settings, errand.terminal);
    const { content, source } = link;
    let code = 0;
    const ended = await attend(attached, errand, {
      reading: nothing,
      begin: () => attached.desk.ask(fetch({ content, sources: [source] })),
      isOver({ event }) {
        if (!isHostEvent(event) || event.content !== content) return false;
        if (event.name === "trouble") code = exits.storage;
        else errand.terminal.data("received", { content, paths: event.paths });
        return true;
      },
    });
    return ended === 0 ? code : ended;
  },
};

/** Shares, and waits until it is hashed: the link that gets it. */
export async function sharedLink(
  { desk }: Pick<Attached, "desk">,
  { title, handle, files }: Awaited<ReturnType<Attached["desk"]["open"]>>,
): Promise<string> {
  const result = Promise.withResolvers<string>();
  const unfollow = desk.follow(0, ({ event }) => {
    if (!isSwarmEvent(event)) return;
    if (event.name === "shared" && event.handle === handle) {
      const { sign, agree, address } = desk.about;
      result.resolve(getLink(event.content, sign, agree, address));
    }
    if (event.name === "refused" && event.why.includes(`"${title}"`)) {
      result.reject(new Trouble("refused", event.why));
    }
  });
  await desk.ask(shareFiles({ title, handle, files }));
  try {
    return await result.promise;
  } finally {
    unfollow();
  }
}
