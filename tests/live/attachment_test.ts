/** A file goes with a letter, from one real node to another. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { unhex, utf8 } from "../../runtime/core/mod.ts";
import { enclosed } from "../../runtime/host/console/enclosed.ts";
import { sealed } from "../../runtime/host/media/attachments.ts";
import { chat, swarm } from "../../runtime/protocols/mod.ts";
import { freePort } from "../host/net/stage.ts";
import { service } from "./services.ts";

Deno.test("a file of 25 MiB goes with a letter, and is in the inbox bit by bit", async () => {
  const folder = await Deno.makeTempDir();
  const discoveryPort = freePort();
  const open = (name: string) => service(folder, name, discoveryPort);
  const ana = await open("ana"), ben = await open("ben");
  try {
    const path = `${folder}/film.bin`, bytes = randomBytes(chat.ATTACHED_BYTES);
    fs.writeFileSync(path, bytes);
    const { path: hidden, ...made } = sealed(ana.about.folder, path, false);
    const opened = await ana.open([hidden]);
    const content = Promise.withResolvers<string>(), arrived = Promise.withResolvers<string>();
    ana.follow(0, ({ event }) => {
      if (swarm.shared(event)) content.resolve((event as unknown as { content: string }).content);
    });
    ben.follow(0, ({ event }) => {
      if (event.protocol !== "host") return;
      const { paths, words } = event as unknown as { paths?: string[]; words: string };
      if (paths === undefined) arrived.reject(new Error(words));
      else arrived.resolve(paths[0]!);
    });
    await ana.ask(swarm.share(opened));
    const { sign, agree, address } = ana.about;
    const attachment: chat.Attachment = {
      content: unhex(await content.promise)!,
      ...made,
      preview: new Uint8Array(0),
      sign: unhex(sign)!,
      agree: unhex(agree)!,
      address,
    };
    await ana.ask(chat.write({ to: [ben.about.peer as never], text: "film.bin", attachment }));
    const place = await arrived.promise;
    assert.ok(bytes.equals(fs.readFileSync(place)));
    assert.ok(place.endsWith("/film.bin"));
  } finally {
    await Promise.all([ana.stop(), ben.stop()]);
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("who sends an image or film that keeps its details is told so, unless it was asked for", async () => {
  const folder = await Deno.makeTempDir();
  const desk = await service(folder, "ana", freePort());
  try {
    const path = `${folder}/me at home`;
    fs.writeFileSync(path, utf8("\0\0\0\x18ftypheic"));
    const noted = async (...switches: readonly string[]) => {
      const notes: string[] = [];
      const terminal = { note: (line: string) => void notes.push(line) } as never;
      await enclosed(path, { desk, isOwn: false }, { terminal, switches: new Set(switches) });
      return notes;
    };
    const [note, ...others] = await noted();
    assert.match(note!, /image\/heic where and when it was taken cannot be taken out/);
    assert.deepEqual([others, await noted("keep-details")], [[], []]);
  } finally {
    await desk.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
