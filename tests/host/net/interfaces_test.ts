/** Which addresses of a machine are used, in which order, and what an address says about where it is. */
import assert from "node:assert/strict";
import {
  chosen,
  isOnLink,
  kindOf,
  type SystemAddress,
} from "../../../runtime/host/net/interfaces.ts";
import {
  addressOf,
  broadcastOf,
  bytesOf,
  isLinkLocal,
  isPrivate,
  placeOf,
  plainHost,
} from "../../../runtime/host/net/ip.ts";

const LAPTOP: readonly SystemAddress[] = [
  address4("lo", "127.0.0.1", 8),
  address4("docker0", "172.17.0.1", 16),
  address4("tailscale0", "100.101.102.103", 32),
  address6("wlan0", "fe80::1:2", 64, 3),
  address6("wlan0", "fd00:1::5", 64, 3),
  address4("wlan0", "192.168.7.20", 22),
  address6("lo", "::1", 128, 0),
];

Deno.test("the address that others reach best comes first: cables, then radio, VPNs and virtual ones", () => {
  assert.deepEqual(chosen(LAPTOP, undefined).map(({ host }) => host), [
    "192.168.7.20",
    "fd00:1::5",
    "100.101.102.103",
    "172.17.0.1",
    "fe80::1:2%wlan0",
    "127.0.0.1",
    "::1",
  ]);
  const docked = [...LAPTOP, address4("eth0", "10.0.0.9", 24)];
  assert.equal(chosen(docked, undefined)[0]!.address, "10.0.0.9");
  const unassigned = [...LAPTOP, address4("eth0", "169.254.3.4", 16)];
  assert.equal(chosen(unassigned, undefined)[0]!.address, "192.168.7.20");
});

Deno.test("a machine without a network, and one that is bound, use what they have and no more", () => {
  const alone = LAPTOP.filter(({ name }) => name === "lo");
  assert.deepEqual(chosen(alone, undefined).map(({ host }) => host), ["127.0.0.1", "::1"]);
  assert.deepEqual(chosen(LAPTOP, ["172.17.0.1"]).map(({ name }) => name), ["docker0"]);
  assert.deepEqual(chosen(LAPTOP, ["fe80::1:2%wlan0"]).map(({ host }) => host), [
    "fe80::1:2%wlan0",
  ]);
  assert.deepEqual(chosen(LAPTOP, ["10.9.9.9"]), []);
  const [second] = chosen(alone, ["127.0.0.2"]);
  assert.deepEqual([second!.host, second!.broadcast], ["127.0.0.2", "127.255.255.255"]);
});

Deno.test("names of interfaces say what they are", () => {
  const names = {
    wired: ["eth0", "enp3s0", "en0", "Ethernet", "ens18"],
    wireless: ["wlan0", "wlp2s0", "Wi-Fi", "wlx00c0ca"],
    vpn: ["tun0", "utun4", "wg0", "tailscale0", "ppp0", "zt7nnig26"],
    virtual: ["docker0", "br-2f1a", "veth9", "virbr0", "vEthernet (WSL)", "vboxnet0", "tap0"],
    loopback: ["lo", "lo0", "Loopback Pseudo-Interface 1"],
  };
  for (const [kind, all] of Object.entries(names)) {
    for (const name of all) assert.equal(kindOf(name), kind, name);
  }
});

Deno.test("an address is read as it is written, and anything else is none", () => {
  for (const text of ["10.0.0.7:45454", "[fe80::1%eth0]:1", "[::1]:65535", "host.local:80"]) {
    assert.equal(addressOf(placeOf(text)!), text);
  }
  const wrong = ["", ":1", "10.0.0.7", "10.0.0.7:0", "10.0.0.7:65536", "::1:5", "[::1]", "a b:5"];
  for (const text of [...wrong, "[::1%]:5", "[eth0]:5", "a:b:5", "[::1]:x", "\n:5"]) {
    assert.equal(placeOf(text), undefined, text);
  }
  assert.equal(plainHost("::ffff:10.0.0.7"), "10.0.0.7");
  assert.equal(plainHost("fe80::1%eth0"), "fe80::1");
});

Deno.test("the bytes of an address, short forms included", () => {
  assert.deepEqual([...bytesOf("10.0.3.255")!], [10, 0, 3, 255]);
  assert.deepEqual([...bytesOf("::1")!], [...new Array(15).fill(0), 1]);
  assert.deepEqual([...bytesOf("fd00:1::5:abcd")!.slice(0, 4)], [0xfd, 0, 0, 1]);
  assert.deepEqual([...bytesOf("1:2:3:4:5:6:7:8")!.slice(12)], [0, 7, 0, 8]);
  assert.deepEqual([...bytesOf("64:ff9b::10.0.0.7")!.slice(12)], [10, 0, 0, 7]);
  const wrong = ["", "10.0.0", "10.0.0.256", "host", "1::2::3", ":::", "1:2:3", "12345::", "::g"];
  for (const text of [...wrong, "1:2:3:4:5:6:7:8:9", "::1:2:3:4:5:6:7:8"]) {
    assert.equal(bytesOf(text), undefined, text);
  }
});

Deno.test("what is near: the same cable, and networks that the internet does not reach", () => {
  const used = chosen(LAPTOP, undefined);
  for (
    const host of ["192.168.4.1", "192.168.7.255", "fd00:1::99", "100.101.102.103", "127.9.9.9"]
  ) {
    assert.ok(isOnLink(host, used), host);
  }
  for (const host of ["192.168.8.1", "fd00:2::1", "100.101.102.104", "8.8.8.8", "host"]) {
    assert.ok(!isOnLink(host, used), host);
  }
  const inside = ["10.1.1.1", "172.31.0.1", "192.168.255.1", "169.254.1.1", "fd12::1", "fe80::9"];
  for (const host of inside) assert.ok(isPrivate(host), host);
  const outside = ["11.0.0.1", "172.32.0.1", "192.169.0.1", "8.8.8.8", "2001:db8::1", "::1", "x"];
  for (const host of outside) assert.ok(!isPrivate(host), host);
  assert.ok(isLinkLocal("fe80::1%eth0") && isLinkLocal("169.254.9.9") && !isLinkLocal("fd00::1"));
});

Deno.test("everyone in an IPv4 network", () => {
  assert.equal(broadcastOf("192.168.7.20", 22), "192.168.7.255");
  assert.equal(broadcastOf("10.77.0.1", 24), "10.77.0.255");
  assert.equal(broadcastOf("127.0.0.1", 8), "127.255.255.255");
  assert.equal(broadcastOf("10.0.0.5", 30), "10.0.0.7");
  for (const bits of [31, 32]) assert.equal(broadcastOf("10.0.0.5", bits), undefined);
  assert.equal(broadcastOf("fe80::1", 64), undefined);
});

function address4(name: string, address: string, bits: number): SystemAddress {
  return { name, family: "IPv4", address, cidr: `${address}/${bits}`, scopeid: null };
}

function address6(name: string, address: string, bits: number, scopeid: number): SystemAddress {
  return { name, family: "IPv6", address, cidr: `${address}/${bits}`, scopeid };
}
