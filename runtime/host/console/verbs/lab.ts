/** `teach` and `join`: a lesson in one word each. */
import { lab, membership } from "../../../protocols/mod.ts";
import { attach, type Attached, personOf } from "../attach.ts";
import { joinLink, readJoin } from "../links.ts";
import { attend, showLink, studentsReading, teachersReading } from "../lesson.ts";
import { Trouble } from "../trouble.ts";
import type { Errand, Verb } from "../verb.ts";

/** A session that a restart goes on with has told so by then. */
const RESTORED_MILLISECONDS = 300;

export const teach: Verb = {
  name: "teach",
  shape: "[FILE...]",
  summary: "open a session, and give files to everybody in it",
  examples: [
    "deno task node teach lecture.pdf",
    'deno task node teach --title "Networks 7" --name "Ms Ada" slides/',
  ],
  flags: {
    title: { kind: "text", help: "what the session is called" },
    hours: { kind: "text", help: "how long it lasts; 4 without it" },
  },
  async run(errand) {
    const { settings, texts, words, terminal } = errand;
    const attached = await attach(settings, terminal);
    const { desk } = attached;
    const who = personOf(errand.settings), title = texts.title ?? `${who}'s session`;
    const opened = words.length === 0 ? undefined : await desk.open(words);
    return await attend(attached, errand, {
      reading: teachersReading,
      async begin() {
        const isRestored = await goesOn(attached);
        if (!isRestored) await desk.ask(lab.open({ title, who, ...lastingOf(texts.hours) }));
        showTheWay(attached, errand);
        if (opened === undefined) return;
        const { handle, title: name, files } = opened;
        await desk.ask(lab.share({ title: name, handle, files }));
      },
    });
  },
};

export const join: Verb = {
  name: "join",
  shape: "[LINK | ADDRESS]",
  summary: "join a session, and get what is given there",
  examples: [
    "deno task node join",
    "deno task node join 192.168.1.5",
    "deno task node join starling:join/192.168.1.5:45454/...",
  ],
  flags: {
    "until-done": { kind: "switch", help: "end once everything that was given is here" },
  },
  async run(errand) {
    const { settings, terminal, words: [where], switches } = errand;
    const link = where === undefined ? undefined : readJoin(where, Number(settings.port.value));
    if (where !== undefined && link === undefined) {
      throw new Trouble("usage", `Cannot read "${where}": type an address, or paste a whole link`);
    }
    const attached = await attach(settings, terminal);
    const { desk } = attached;
    const here = new Set<string>(), given = new Set<string>();
    return await attend(attached, errand, {
      reading: studentsReading,
      async begin() {
        if (link?.authority !== undefined) {
          await desk.ask(lab.trust({ authorities: [link.authority] }));
        }
        if (link !== undefined) await desk.ask(membership.meet([link.address]));
        if (!await goesOn(attached)) await desk.ask(lab.join({ who: personOf(errand.settings) }));
      },
      isOver({ event }) {
        const { content } = event as { readonly content?: string };
        if (event.name === "published" && content !== undefined) given.add(content);
        if (event.name === "received" && content !== undefined) here.add(content);
        return switches.has("until-done") && given.size > 0 && given.size === here.size;
      },
    });
  },
};

/** True where the node is in a session already, perhaps since before a restart. */
async function goesOn({ desk }: Attached): Promise<boolean> {
  let isThere = false;
  const unfollow = desk.follow(0, ({ event }) => {
    if (event.protocol !== "lab") return;
    if (event.name === "opened" || event.name === "welcomed") isThere = true;
    if (event.name === "closed" || event.name === "departed") isThere = false;
  });
  await new Promise((resolve) => setTimeout(resolve, RESTORED_MILLISECONDS));
  unfollow();
  return isThere;
}

function showTheWay({ desk }: Attached, { terminal }: Errand): void {
  const { address, addresses, sign } = desk.about;
  terminal.data("ready", { address, addresses, link: joinLink(address, sign) });
  if (terminal.json) return;
  terminal.note(`\nStudents in this room:  ${terminal.bold("deno task node join")}`);
  terminal.note(`If that finds nobody:   ${terminal.bold(`deno task node join ${address}`)}`);
  showLink(desk.about, terminal);
  terminal.note("Type to talk to everybody, NUMBER: ANSWER to answer, /end to end the session\n");
}

function lastingOf(hours: string | undefined): { lasts?: number } {
  if (hours === undefined) return {};
  const count = Number(hours);
  if (!(count > 0 && count <= 24)) {
    throw new Trouble("usage", `Cannot teach for ${hours} hours: more than 0, 24 at most`);
  }
  return { lasts: Math.round(count * 3600 * 1e6) };
}
