/** What the doctor says of a machine, and that each trouble comes with what to do. */
import assert from "node:assert/strict";
import { chosen } from "../../../runtime/host/net/interfaces.ts";
import { type Evidence, findingsOf } from "../../../runtime/host/doctor/findings.ts";

const address = (name: string, address: string, bits = 24) => ({
  name,
  family: "IPv4" as const,
  address,
  cidr: `${address}/${bits}`,
  scopeid: null,
});

const healthy: Evidence = {
  interfaces: chosen([address("lo", "127.0.0.1", 8), address("wlan0", "192.168.1.5")], undefined),
  port: { number: 45_454, heldBy: "nobody" },
  ownBeacons: ["192.168.1.5:40000"],
  hearsBeacons: true,
  others: ["192.168.1.9:45454"],
  listenedSeconds: 4,
  disk: { folder: "starling", freeBytes: 5e9 },
  now: new Date("2026-11-21T08:00:00Z"),
};

/** The machine above with something wrong, and what must be said then. */
const ILLS: readonly (readonly [Partial<Evidence>, RegExp])[] = [
  [{ interfaces: chosen([address("lo", "127.0.0.1", 8)], undefined) }, /in no network/],
  [
    { interfaces: chosen([address("wlan0", "169.254.3.4", 16)], undefined) },
    /gives out no addresses/,
  ],
  [
    {
      interfaces: chosen([address("wlan0", "192.168.1.5"), address("tun0", "10.8.0.2")], undefined),
    },
    /A VPN is on \(tun0\)/,
  ],
  [{ port: { number: 45_454, heldBy: "another" } }, /Another program holds port 45454/],
  [{ hearsBeacons: false }, /keeps the port of beacons to itself/],
  [{ ownBeacons: [] }, /does not hear its own beacons/],
  [{ others: [] }, /Nobody else was heard in 4 seconds/],
  [{ now: new Date("1970-01-01T00:00:00Z") }, /The clock says 1970-01-01/],
  [{ disk: { folder: "starling", freeBytes: 1e6 } }, /Only 0.0 GB are free/],
  [{ disk: { folder: "starling", freeBytes: 0, why: "EROFS" } }, /Nothing can be kept.*EROFS/],
];

Deno.test("a healthy machine gets no advice", () => {
  for (const { kind, what, advice } of findingsOf(healthy)) {
    assert.deepEqual([kind, advice], ["good", undefined], what);
  }
});

for (const [ill, said] of ILLS) {
  Deno.test(`the doctor says what to do where ${said.source}`, () => {
    const found = findingsOf({ ...healthy, ...ill }).filter(({ kind }) => kind !== "good");
    assert.equal(found.length, 1, JSON.stringify(found));
    assert.match(found[0]!.what, said);
    assert.ok(found[0]!.advice!.length > 20);
  });
}
