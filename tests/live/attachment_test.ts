/** A file goes with a letter, from one real node to another. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { unhex } from "../../runtime/core/mod.ts";
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
