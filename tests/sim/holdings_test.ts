/** What the disks hold in the end, against what nodes have said that they have. */
import assert from "node:assert/strict";
import type { AppEvent, Stream } from "../../runtime/core/mod.ts";
import { Stream as Draws } from "../../runtime/core/mod.ts";
import type { Actor } from "../../sim/cast.ts";
import { Disk } from "../../sim/disk.ts";
import { Files } from "../../sim/files.ts";
import { Holdings } from "../../sim/holdings.ts";
import { Published } from "../../sim/published.ts";

const actors = ["teacher", "ana", "ben"].map((name, index) => ({ name, index }) as Actor);
const [teacher, ana, ben] = actors as [Actor, Actor, Actor];
const CONTENT = "c0", PIECE = 40_000, BYTES = 100_000;

function hall(lives = [1, 1, 1]) {
  const files = new Files((purpose): Stream => new Draws(purpose));
  files.open("film", BYTES);
  const published = new Published(files);
  const disks = actors.map(() => new Disk());
  const holdings = new Holdings({
    published,
    diskOf: ({ index }) => disks[index]!,
    lifeOf: ({ index }) => lives[index]!,
    hashOf: (handle, bytes) => `${handle} of ${bytes}`,
  });
  const tell = (actor: Actor, name: string, fields = {}) => {
    const event = { protocol: "swarm", name, content: CONTENT, ...fields } as AppEvent;
    published.told(event);
    holdings.told(actor, event);
  };
  tell(teacher, "shared", { title: "The film", handle: "film", bytes: BYTES });
  const keep = ({ index }: Actor, but?: number) => {
    for (let piece = 0; piece * PIECE < BYTES; piece++) {
      if (piece === but) continue;
      const bytes = files.read("film", piece * PIECE, Math.min(PIECE, BYTES - piece * PIECE))!;
      disks[index]!.keep(`swarm/${CONTENT}/${piece * PIECE}`, bytes, 0);
    }
  };
  return { files, disks, holdings, tell, keep, lives };
}

Deno.test("nobody has said that it has anything: nothing is claimed", () => {
  const { holdings, keep } = hall();
  keep(ana);
  assert.deepEqual(holdings.results(), []);
});

Deno.test("who has all of it holds its bytes, and their hash is told", () => {
  const { holdings, keep, tell } = hall();
  for (const actor of [ana, ben]) {
    keep(actor);
    tell(actor, "completed", { bytes: BYTES });
  }
  const [claim] = holdings.results();
  assert.deepEqual(
    [claim!.ok, claim!.name, claim!.target, claim!.actual],
    [true, "every peer holds the same bytes", "all 2 that have it", "sha256 film of 100000"],
  );
});

Deno.test("a piece that is missing, or is another's, is found", () => {
  const { holdings, keep, tell, files, disks } = hall();
  for (const actor of [ana, ben]) {
    keep(actor, 1);
    tell(actor, "completed", { bytes: BYTES });
  }
  disks[2]!.keep(`swarm/${CONTENT}/${PIECE}`, files.read("film", 0, PIECE)!, 0);
  const [claim] = holdings.results();
  assert.deepEqual([claim!.ok, claim!.actual], [false, "0 of 2, not: ana ben"]);
});

Deno.test("who has restarted since, has let go of it, or has a bad disk is excused", () => {
  const { holdings, keep, tell, disks, lives } = hall();
  for (const actor of [ana, ben]) {
    keep(actor, 1);
    tell(actor, "completed", { bytes: BYTES });
  }
  lives[1] = 2;
  disks[2]!.rot(`swarm/${CONTENT}/0`);
  assert.deepEqual(holdings.results(), []);
  tell(ana, "completed", { bytes: BYTES });
  assert.equal(holdings.results()[0]!.ok, false);
  tell(ana, "cancelled");
  assert.deepEqual(holdings.results(), []);
});
