/** Crashes, cuts of power and lost disks: at any moment, and what becomes of the shares afterwards. */
import assert from "node:assert/strict";
import { vault } from "../../../runtime/protocols/mod.ts";
import {
  crash,
  crashAfter,
  diskFails,
  diskFull,
  powerOff,
  powerOffAfter,
  rot,
  wipe,
} from "../../../sim/mod.ts";
import { locking, opensLater, played, SECRET } from "./room.ts";

Deno.test("an owner that crashes before any of its orders goes on, and leaves no orphan", () => {
  let locked = 0;
  for (let orders = 0; orders < 120; orders += 3) {
    const { of, sharesAt, wrong, said } = played(90, (room) => {
      const { stage, owner } = room;
      const file = stage.file("badge.png", "300KB");
      stage.at("8s", crashAfter(owner, orders));
      stage.at("8001ms", owner, locking(file, { count: 4, enough: 2 }));
      stage.at("30s", owner, locking(file, { count: 4, enough: 2 })); // whoever was not told asks again
      opensLater(room, "8s");
    });
    assert.deepEqual(wrong, [], `before order ${orders}`);
    if (of("owner", "locked").length > 0) locked++;
    assert.ok(of("owner", "opened").length > 0, `before order ${orders}: ${said.length}`);
    const all = [1, 2, 3, 4].flatMap((at) => sharesAt(`device${at}`));
    assert.equal(all.length, 4, `before order ${orders}: ${all.length} shares lie at devices`);
  }
  assert.equal(locked, 40);
});

Deno.test("a device whose power is cut before any of its orders has what it said it has", () => {
  for (let orders = 0; orders < 40; orders++) {
    const { of, wrong } = played(60, (room) => {
      const { stage, owner, devices } = room;
      stage.at("8s", powerOffAfter(devices[0]!, orders));
      stage.at("8001ms", owner, locking(stage.file("badge.png", "100KB"), { count: 4, enough: 3 }));
      // Three of the others may be needed: the one that was cut off must have its share.
      stage.at("25s", crash(devices[1]!));
      opensLater(room, "20s");
    });
    assert.deepEqual(wrong, []);
    assert.ok(of("owner", "opened").length > 0, `before order ${orders}`);
  }
});

Deno.test("what devices have said is stored outlives a cut of all their power a moment later", () => {
  const { of, wrong } = played(60, (room) => {
    const { stage, owner, devices } = room;
    stage.at("8s", owner, locking(stage.file("badge.png", "300KB"), { count: 4, enough: 2 }));
    stage.between("9s", "20s", powerOff(devices)); // the system would have flushed it at 13 s
    opensLater(room, "25s");
  });
  assert.deepEqual(wrong, []);
  assert.equal(of("owner", "locked").length, 1);
  assert.equal(of("owner", "opened").length, 1);
});

Deno.test("a lost device's share is made anew elsewhere, and it drops its old one when it comes back", () => {
  const { of, sharesAt, wrong } = played(120, (room) => {
    const { stage, owner, devices } = room;
    stage.at("8s", owner, locking(stage.file("badge.png", "300KB"), { count: 4, enough: 2 }));
    stage.between("20s", "80s", crash(devices[0]!));
  }, { devices: 5 });
  assert.deepEqual(wrong, []);
  assert.equal(of("owner", "repaired").length, 1);
  assert.equal(of("owner", "repaired")[0]!.shares, 1);
  const all = [1, 2, 3, 4, 5].flatMap((at) => sharesAt(`device${at}`));
  assert.equal(all.length, 4);
});

Deno.test("a wiped device is found out when it comes, and is whole again", () => {
  const { of, sharesAt, wrong } = played(80, (room) => {
    const { stage, owner, devices } = room;
    stage.at("8s", owner, locking(stage.file("badge.png", "300KB"), { count: 4, enough: 2 }));
    stage.between("20s", "25s", crash(devices[0]!));
    stage.at("22s", wipe(devices[0]!));
    opensLater(room, "60s");
  });
  assert.deepEqual(wrong, []);
  assert.equal(of("owner", "repaired").length, 1);
  assert.equal(sharesAt("device1").length, 1);
  assert.equal(of("owner", "opened").length, 1);
});

Deno.test("what rots on a disk is found by its device, and made anew", () => {
  const { of, wrong } = played(200, (room) => {
    const { stage, owner, devices } = room;
    stage.at("8s", owner, locking(stage.file("badge.png", "100KB"), { count: 4, enough: 2 }));
    stage.at("20s", rot(devices[0]!));
    stage.at("150s", owner, vault.list());
    opensLater(room, "150s");
  });
  assert.deepEqual(wrong, []);
  assert.equal(of("owner", "repaired").length, 1);
  assert.equal(of("owner", "listed")[0]!.contents[0]!.present, 4);
});

Deno.test("an owner whose own disk is full or fails locks nothing, says so, and leaves nothing behind", () => {
  for (const fault of [diskFull, diskFails]) {
    for (const from of ["500ms", "4s", "8050ms", "8120ms", "8160ms", "8200ms"] as const) {
      const { of, sharesAt, wrong } = played(100, (room) => {
        const { stage, owner } = room, file = stage.file("badge.png", "300KB");
        stage.at("3s", owner, vault.create(SECRET)); // where it could not be made at first
        stage.between(from, "30s", fault(owner));
        stage.at("8s", owner, locking(file, { count: 4, enough: 2 }));
        stage.at("32s", owner, vault.create(SECRET));
        stage.at("45s", owner, locking(file, { count: 4, enough: 2 }));
        stage.between("55s", "57s", crash(owner));
        opensLater(room, "20s");
        stage.at("90s", owner, vault.list());
      });
      assert.deepEqual(wrong, []);
      assert.ok(of("owner", "opened").length > 0, `${fault.name} from ${from}`);
      assert.equal(of("owner", "listed")[0]!.contents[0]!.present, 4, `${fault.name} from ${from}`);
      const all = [1, 2, 3, 4].flatMap((at) => sharesAt(`device${at}`));
      assert.equal(all.length, 4, `${fault.name} from ${from}`);
    }
  }
});

Deno.test("what is deleted while the owner's disk fails is gone when it takes records again", () => {
  const { of, sharesAt, wrong } = played(90, ({ stage, owner }) => {
    const shape = { count: 4, enough: 2 };
    stage.at("8s", owner, locking(stage.file("badge.png", "300KB"), shape));
    stage.between("15s", "30s", diskFails(owner));
    stage.when(
      owner,
      vault.isLocked,
      { of: owner, ask: (_, { content }) => vault.remove(content) },
      {
        after: "10s",
      },
    );
    stage.between("50s", "52s", crash(owner));
    stage.at("80s", owner, vault.list());
  });
  assert.deepEqual(wrong, []);
  assert.deepEqual(of("owner", "listed")[0]!.contents, []);
  for (const at of [1, 2, 3, 4]) assert.deepEqual(sharesAt(`device${at}`), []);
});
