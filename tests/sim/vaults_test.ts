/** The checker of vaults: finds a device that has enough shares, and bytes that were not locked. */
import assert from "node:assert/strict";
import { Stream } from "../../runtime/core/mod.ts";
import { Disk } from "../../sim/disk.ts";
import { Files } from "../../sim/files.ts";
import { Vaults } from "../../sim/vaults.ts";

const CONTENT = "c".repeat(64);

function watched() {
  const files = new Files((purpose) => new Stream(purpose));
  files.open("badge", new Uint8Array(100).fill(7));
  const disks = new Map([["one", new Disk()], ["other", new Disk()]]);
  const vaults = new Vaults(files, (peer) => disks.get(peer));
  const owner = new Disk();
  const tell = (name: string, fields: object) =>
    vaults.told(owner, { protocol: "vault", name, content: CONTENT, ...fields } as never);
  const place = (number: number, peer: string, domain = peer) =>
    tell("placing", { share: `${number}`.repeat(64), number, enough: 2, peer, domain });
  const keep = (number: number, peer: string) => {
    const key = `vault/${`${number}`.repeat(64)}/0`;
    vaults.kept(key);
    disks.get(peer)!.keep(key, new Uint8Array(8), 0);
  };
  return { vaults, owner, tell, place, keep, disks };
}

Deno.test("a device with enough different shares is found, at once; the same share twice is none", () => {
  const { vaults, place, keep } = watched();
  place(0, "one");
  place(1, "other");
  keep(0, "one");
  keep(1, "other");
  keep(0, "one");
  assert.deepEqual(vaults.results(), []);
  place(2, "one");
  keep(2, "one");
  assert.match(vaults.results()[0]!.actual, /^one has 2 0 of cccccccc/);
});

Deno.test("devices of one domain count together; a share that was dropped no longer does", () => {
  const { vaults, place, keep, disks } = watched();
  place(0, "one", "room");
  place(1, "other", "room");
  keep(0, "one");
  disks.get("one")!.drop(`vault/${"0".repeat(64)}/0`);
  keep(1, "other");
  assert.deepEqual(vaults.results(), []);
  keep(0, "one");
  assert.equal(vaults.results().length, 1);
});

Deno.test("what is opened is compared with what was locked, to its last byte", () => {
  const whole = new Uint8Array(100).fill(7);
  for (
    const [bytes, isRight] of [[whole, true], [whole.with(99, 8), false], [
      whole.subarray(1),
      false,
    ]] as const
  ) {
    const { vaults, owner, tell } = watched();
    tell("locked", { handle: "badge" });
    owner.keep(`vault/${CONTENT}/0`, bytes, 0);
    tell("opened", { bytes: 100 });
    assert.equal(vaults.results().length, isRight ? 0 : 1);
    assert.equal(vaults.opened, isRight ? 1 : 0);
  }
});
