/** A file in a group of real nodes: everybody has it, bit by bit, and once. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import type { PeerId } from "../../runtime/core/mod.ts";
import { unhex } from "../../runtime/core/mod.ts";
import type { Service } from "../../runtime/host/console/service.ts";
import { sealed } from "../../runtime/host/media/attachments.ts";
import { groups, swarm } from "../../runtime/protocols/mod.ts";
import { freePort } from "../host/net/stage.ts";
import { service } from "./services.ts";

const BYTES = 3_000_000;
const LIMIT_MILLISECONDS = 30_000;

async function until(holds: () => boolean, what: string): Promise<void> {
  const end = Date.now() + LIMIT_MILLISECONDS;
  while (!holds()) {
    assert.ok(Date.now() < end, `in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

Deno.test("a file in a group reaches all its members, and lands once, also over a restart", async () => {
  const folder = await Deno.makeTempDir();
  const discoveryPort = freePort();
  const open = (name: string) => service(folder, name, discoveryPort);
  const ana = await open("ana"), ben = await open("ben");
  let cleo = await open("cleo");
  const inbox = (name: string) =>
    fs.existsSync(`${folder}/${name} inbox`) ? fs.readdirSync(`${folder}/${name} inbox`) : [];
  const peerOf = ({ about }: Service) => about.peer as PeerId;
  try {
    await until(() => [ben, cleo].every((each) => ana.board.contacts.has(peerOf(each))), "found");
    await ana.ask(groups.create("Hiking", [peerOf(ben), peerOf(cleo)]));
    await until(() => [ben, cleo].every(({ board }) => board.rooms.size === 1), "the group");

    const path = `${folder}/map.bin`, bytes = randomBytes(BYTES);
    fs.writeFileSync(path, bytes);
    const { path: hidden, ...made } = sealed(ana.about.folder, path, false);
    const content = Promise.withResolvers<string>();
    ana.follow(0, ({ event }) => {
      if (swarm.shared(event)) content.resolve((event as unknown as { content: string }).content);
    });
    await ana.ask(swarm.share(await ana.open([hidden])));
    const { sign, agree, address } = ana.about;
    const source = { sign: unhex(sign)!, agree: unhex(agree)!, address };
    const attachment = {
      content: unhex(await content.promise)!,
      ...made,
      preview: new Uint8Array(0),
      ...source,
    };
    const { group } = [...ana.board.rooms.values()].at(0)!;
    await ana.ask(groups.write(group, "map.bin", { attachment }));
    await until(() => inbox("ben").length + inbox("cleo").length === 2, "the file at both");
    for (const name of ["ben", "cleo"]) {
      assert.deepEqual(inbox(name), ["map.bin"]);
      assert.ok(bytes.equals(fs.readFileSync(`${folder}/${name} inbox/map.bin`)), name);
    }

    await cleo.stop();
    cleo = await open("cleo");
    await until(() => cleo.board.talk.lines.length > 0, "what nobody has read is told again");
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual(inbox("cleo"), ["map.bin"], "once");
  } finally {
    await Promise.all([ana.stop(), ben.stop(), cleo.stop()]);
    await Deno.remove(folder, { recursive: true });
  }
});
