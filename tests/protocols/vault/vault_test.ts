/** Vaults over the devices of a room: what they promise when devices, disks and people fail. */
import assert from "node:assert/strict";
import { vault } from "../../../runtime/protocols/mod.ts";
import * as limits from "../../../runtime/protocols/vault/limits.ts";
import { backUp, crash, cut, diskFull, isolate, restore, saying } from "../../../sim/mod.ts";
import { locking, opensLater, played, SECRET } from "./room.ts";

Deno.test("files of every awkward length come back as they were", () => {
  const sizes = {
    none: 0,
    one: 1,
    "one less": 4_079,
    exact: 2 * 4_096 - 16,
    more: 8_177,
    two: 1_048_577,
  };
  for (const [name, size] of Object.entries(sizes)) {
    const { of, wrong } = played(40, (room) => {
      const { stage, owner } = room;
      const file = stage.file(`${name}.png`, new Uint8Array(size).map((_, at) => at * 7));
      stage.at("8s", owner, locking(file));
      opensLater(room, "5s");
    });
    assert.deepEqual(wrong, []);
    assert.equal(of("owner", "opened")[0]?.bytes, size, name);
  }
});

Deno.test("no device has enough shares, every share is somewhere, and what is deleted is nowhere", () => {
  const { of, sharesAt, wrong } = played(40, (room) => {
    const { stage, owner } = room;
    stage.at("8s", owner, locking(stage.file("badge.png", "200KB"), { count: 9, enough: 4 }));
    stage.whenever(owner, vault.isLocked, {
      of: owner,
      ask: (_, { content }) => vault.remove(content),
    }, {
      after: "10s",
    });
  });
  assert.deepEqual(wrong, []);
  const [locked] = of("owner", "locked");
  assert.equal(locked!.devices.length, 9);
  assert.equal(of("owner", "deleted").length, 1);
  for (const at of [1, 2, 3, 4]) assert.deepEqual(sharesAt(`device${at}`), []);
});

Deno.test("too few devices, or all in one place, are refused with a sentence", () => {
  const few = played(25, ({ stage, owner }) => {
    stage.at("8s", owner, locking(stage.file("badge.png", "20KB"), { count: 6, enough: 4 }));
  }, { devices: 1 });
  const [failed] = few.of("owner", "failed");
  assert.match(
    failed!.words,
    /^Cannot lock "badge.png": 3 of 6 shares found a place and 5 are needed/,
  );
  assert.deepEqual(few.sharesAt("device1"), []);

  const together = played(25, ({ stage, owner }) => {
    stage.at("8s", owner, locking(stage.file("badge.png", "20KB"), { count: 6, enough: 4 }));
  }, { devices: 6, options: (name) => name === "owner" ? {} : { domain: "one shelf" } });
  assert.match(together.of("owner", "failed")[0]!.words, /3 of 6 shares found a place/);
  assert.deepEqual(together.wrong, []);
});

Deno.test("k devices suffice, and one fewer is a clear refusal that names who is missing, and no part of a file", () => {
  for (const down of [2, 3]) {
    const { of, sharesAt, wrong } = played(60, (room) => {
      const { stage, owner, devices } = room;
      stage.at("8s", owner, locking(stage.file("badge.png", "1500KB"), { count: 6, enough: 4 }));
      stage.at("20s", crash(devices.slice(0, down)));
      opensLater(room, "15s");
    }, { devices: 6, options: () => ({ lostAfter: 1e9 }) });
    assert.deepEqual(wrong, []);
    assert.equal(of("owner", "opened").length, down === 2 ? 1 : 0);
    if (down === 2) continue;
    const [failed] = of("owner", "failed");
    assert.match(
      failed!.words,
      /^Cannot open "badge.png": 4 shares are needed, and 3 can be had \(/,
    );
    assert.equal(failed!.devices.length, 3);
    assert.deepEqual(sharesAt("owner"), [], "nothing of it is left at the owner");
  }
});

Deno.test("the same file locked again is the same content, and costs the devices nothing", () => {
  const { of, sharesAt } = played(60, ({ stage, owner }) => {
    const file = stage.file("badge.png", "200KB");
    stage.at("8s", owner, locking(file));
    stage.at("20s", owner, locking(file));
  });
  const [first, second] = of("owner", "locked");
  assert.deepEqual([first!.again, second!.again], [false, true]);
  assert.equal(second!.content, first!.content);
  for (const at of [1, 2, 3, 4]) assert.equal(sharesAt(`device${at}`).length, 1);
});

Deno.test("a device whose disk is full is passed over", () => {
  const { of, wrong } = played(40, (room) => {
    const { stage, owner, devices } = room;
    stage.between("5s", "39s", diskFull(devices[0]!));
    stage.at("8s", owner, locking(stage.file("badge.png", "300KB"), { count: 4, enough: 2 }));
    opensLater(room, "5s");
  }, { devices: 5 });
  const [locked] = of("owner", "locked");
  assert.equal(locked!.devices.length, 4);
  assert.equal(new Set(locked!.devices).size, 4);
  assert.equal(of("owner", "opened").length, 1);
  assert.deepEqual(wrong, []);
});

Deno.test("a device that stops in the middle is given up, and its share goes elsewhere", () => {
  const { of, wrong } = played(60, (room) => {
    const { stage, owner, devices } = room;
    stage.at("8s", owner, locking(stage.file("badge.png", "6MB"), { count: 4, enough: 2 }));
    stage.at("8100ms", isolate(devices[1]!));
    opensLater(room, "5s");
  }, { devices: 5 });
  assert.equal(of("owner", "opened").length, 1);
  assert.ok(of("owner", "locked")[0]!.devices.length >= 3);
  assert.deepEqual(wrong, []);
});

Deno.test("a device that says it has stored, and has not, is found by a proof", () => {
  const { of } = played(60, (room) => {
    const { stage, owner } = room;
    stage.at("8s", owner, locking(stage.file("badge.png", "300KB"), { count: 4, enough: 2 }));
    stage.whenever(owner, vault.isLocked, {
      of: owner,
      ask: (_, { content }) => vault.verify(content),
    }, {
      after: "2s",
    });
  }, {
    change: (each, name) =>
      name !== "device1"
        ? each
        : saying(each, (message, body) =>
          message.kind !== "proof" ? { message, body } : { message, body: body!.slice().fill(0) }),
  });
  const states = of("owner", "verified")[0]!.shares.map(({ state }) => state).sort();
  assert.deepEqual(states, ["good", "good", "good", "wrong"]);
});

Deno.test("another machine with the secret finds the vault, deletes from it, and the first one hears of it", () => {
  const { of, wrong } = played(60, (room) => {
    const { stage, owner, heir } = room;
    stage.at("8s", owner, locking(stage.file("badge.png", "300KB")));
    stage.at("20s", heir, vault.create(SECRET));
    opensLater(room, "20s", heir);
    stage.whenever(owner, vault.isLocked, {
      of: heir,
      ask: (_, { content }) => vault.remove(content),
    }, {
      after: "30s",
    });
    stage.at("50s", owner, vault.list());
  });
  assert.deepEqual(wrong, []);
  assert.equal(of("heir", "recovered")[0]!.contents, 1);
  const [opened] = of("heir", "opened");
  assert.ok(opened!.isSure);
  assert.equal(of("owner", "recovered").length, 1);
  assert.deepEqual(of("owner", "listed")[0]!.contents, []);
});

Deno.test("two machines that lock at once, out of each other's sight, both have both in the end", () => {
  const { of, wrong } = played(120, (room) => {
    const { stage, owner, heir, devices } = room;
    stage.at("2s", heir, vault.create(SECRET));
    // Each sees half of the devices.
    stage.between("7s", "40s", cut([owner, ...devices.slice(0, 3)], [heir, ...devices.slice(3)]));
    stage.at("8s", owner, locking(stage.file("one.png", "100KB"), { count: 3, enough: 2 }));
    stage.at("8s", heir, locking(stage.file("two.png", "100KB"), { count: 3, enough: 2 }));
    stage.at("100s", [owner, heir], vault.list());
  }, { devices: 6 });
  assert.deepEqual(wrong, []);
  for (const who of ["owner", "heir"]) {
    const titles = of(who, "listed").at(-1)!.contents.map(({ title }) => title).sort();
    assert.deepEqual(titles, ["one.png", "two.png"], who);
  }
});

Deno.test("an owner whose disk is an earlier one again sees that at the first contact", () => {
  const { of, wrong } = played(90, (room) => {
    const { stage, owner } = room;
    stage.at("8s", owner, locking(stage.file("one.png", "100KB")));
    stage.at("20s", backUp(owner));
    stage.at("25s", owner, locking(stage.file("two.png", "100KB")));
    stage.between("40s", "45s", crash(owner));
    stage.at("42s", restore(owner));
    stage.at("60s", owner, vault.list());
    opensLater(room, "50s");
  });
  assert.deepEqual(wrong, []);
  const titles = of("owner", "listed")[0]!.contents.map(({ title }) => title).sort();
  assert.deepEqual(titles, ["one.png", "two.png"]);
  assert.equal(of("owner", "opened").length, 2);
});

Deno.test("who has not the secret gets nothing, and a forged pass ends the link", () => {
  const { of, sharesAt } = played(60, (room) => {
    const { stage, owner, heir } = room;
    stage.at("2s", heir, vault.create(new Uint8Array(32).fill(6)));
    stage.at("8s", owner, locking(stage.file("badge.png", "100KB")));
    opensLater(room, "10s", heir);
    stage.at("30s", heir, vault.list());
  });
  assert.deepEqual(of("heir", "listed")[0]!.contents, []);
  assert.equal(of("heir", "opened").length, 0);
  assert.equal(of("heir", "failed").length, 1);
  assert.equal(sharesAt("device1").length, 1);
});

Deno.test("a disk that is full after any number of pieces gives back what it took, and the file is locked elsewhere", () => {
  for (let kilobytes = 10; kilobytes <= 400; kilobytes += 26) {
    const { of, wrong } = played(60, (room) => {
      const { stage, owner } = room;
      stage.at("8s", owner, locking(stage.file("badge.png", "900KB"), { count: 5, enough: 3 }));
      opensLater(room, "10s");
    }, { small: `${kilobytes}KB` });
    assert.deepEqual(wrong, []);
    assert.equal(of("owner", "opened").length, 1, `${kilobytes} KB`);
  }
});

Deno.test("names that are paths, read backwards or have no end harm nobody", () => {
  const names = [
    "../../etc/passwd",
    "\u202Egnp.egdab",
    "a\u0000b",
    "x".repeat(255),
    "x".repeat(4_096),
  ];
  for (const title of names) {
    const { of, wrong } = played(30, (room) => {
      const { stage, owner } = room, { handle, size: bytes } = stage.file("badge.png", "20KB");
      stage.at("8s", owner, vault.lock({ handle, title, bytes }));
      opensLater(room, "5s");
    });
    assert.deepEqual(wrong, []);
    if (title.length > 255) {
      assert.match(of("owner", "failed")[0]!.words, /a name of so many letters/);
    } else assert.deepEqual(of("owner", "opened")[0]!.files, [{ path: title, bytes: 20_000 }]);
  }
});

Deno.test("a vault may fill a quarter of a device, and not more", () => {
  const { of } = played(60, (room) => {
    const { stage, owner } = room, shape = { count: 4, enough: 2 };
    stage.at("8s", owner, locking(stage.file("one.bin", "300KB"), shape));
    stage.at("20s", owner, locking(stage.file("two.bin", "300KB"), shape));
  }, { options: (name) => name === "owner" || name === "heir" ? {} : { offers: 1_000_000 } });
  assert.equal(of("owner", "locked").length, 1);
  assert.match(of("owner", "failed")[0]!.words, /^Cannot lock "two.bin"/);
});

Deno.test("tiles of a picture have places of their own, and go with it", () => {
  const { of, sharesAt, wrong } = played(60, ({ stage, owner }) => {
    stage.at("8s", owner, locking(stage.file("badge.png", "50KB"), { count: 6, enough: 4 }));
    const tiles = Array.from({ length: 6 }, (_, number) => stage.file(`${number}.jpeg`, "9KB"));
    stage.when(owner, vault.isLocked, { of: owner, ask: () => vault.list() });
    tiles.forEach(({ handle, name: title, size: bytes }, number) => {
      const tile = { handle, title, bytes, count: 3, enough: 2 };
      stage.when(owner, vault.isLocked, {
        of: owner,
        ask: (_, { content }) =>
          vault.lock({
            ...tile,
            part: { of: content, number, columns: 3, rows: 2, width: 30, height: 20 },
          }),
      }, { after: `${1 + number}s` });
    });
    stage.at("30s", owner, vault.list());
    stage.when(
      owner,
      vault.isLocked,
      { of: owner, ask: (_, { content }) => vault.remove(content) },
      {
        after: "30s",
      },
    );
    stage.at("50s", owner, vault.list());
  }, { devices: 6 });
  assert.deepEqual(wrong, []);
  const [, full, empty] = of("owner", "listed");
  const places = full!.contents.filter(({ part }) => part !== undefined).map(({ devices }) =>
    devices
  );
  assert.equal(places.length, 6);
  assert.ok(new Set(places.map((devices) => devices.toSorted().join())).size >= 4);
  assert.deepEqual(empty!.contents, []);
  for (const at of [1, 2, 3, 4, 5, 6]) assert.deepEqual(sharesAt(`device${at}`), []);
});

Deno.test("a tile of nothing, or of a grid that cannot be, is refused", () => {
  const wrongs = [
    { number: 6 },
    { columns: 0 },
    { rows: 2_000 },
    { width: 0 },
    { height: 70_000 },
    { of: "ab" },
  ];
  const { of } = played(40, ({ stage, owner }) => {
    const { handle, name: title, size: bytes } = stage.file("badge.png", "50KB");
    stage.at("8s", owner, vault.lock({ handle, title, bytes }));
    wrongs.forEach((wrong) =>
      stage.when(owner, vault.isLocked, {
        of: owner,
        ask: (_, { content }) => {
          const part = { of: content, number: 0, columns: 3, rows: 2, width: 30, height: 20 };
          return vault.lock({ handle, title, bytes, part: { ...part, ...wrong } });
        },
      }, { after: "1s" })
    );
  });
  assert.equal(of("owner", "failed").length, wrongs.length);
});

Deno.test("everybody may have a vault, and hold the others' shares, at the same time", () => {
  const { of, wrong, world } = played(80, ({ stage, owner, heir, devices }) => {
    const everybody = [owner, heir, ...devices];
    everybody.forEach((each, nth) => {
      stage.at("2s", each, vault.create(new Uint8Array(32).fill(20 + nth)));
      const file = stage.file(`${each.name}.png`, "300KB");
      stage.at("8s", each, locking(file, { count: 4, enough: 2 }));
      stage.when(each, vault.isLocked, { of: each, ask: (_, { content }) => vault.open(content) }, {
        after: "15s",
      });
    });
    stage.at("20s", crash(devices[0]!));
  }, { options: () => ({ offers: 1e8 }) });
  assert.deepEqual(wrong, []);
  for (const who of ["owner", "heir", "device2", "device3", "device4"]) {
    assert.equal(of(who, "opened").length, 1, who);
    assert.equal(of(who, "failed").filter(({ what }) => what !== "create").length, 0, who);
  }
  assert.equal(world.vaults.opened, 5);
});

Deno.test("a vault that is left alone is verified once in its time, not at each look", () => {
  const { of, wrong } = played(600, ({ stage, owner }) => {
    stage.at("8s", owner, locking(stage.file("badge.png", "60KB"), { count: 4, enough: 3 }));
  });
  assert.deepEqual(wrong, []);
  const times = 600e6 / limits.VERIFY_EVERY;
  const verified = of("owner", "verified").length;
  assert.ok(verified >= 1 && verified <= 1 + times, `${verified} times`);
});
