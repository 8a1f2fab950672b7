/** A gateway and scripted programs of the older kind, over real sockets on the loopback. */
import assert from "node:assert/strict";
import {
  Gateway,
  type GatewayOptions,
  legacy,
  type LegacyEvent,
} from "../../../runtime/host/legacy/gateway.ts";
import * as limits from "../../../runtime/host/legacy/limits.ts";

const HOST = "127.0.0.1";

function opened(options: Partial<GatewayOptions> = {}) {
  const told: LegacyEvent[] = [];
  const gateway = new Gateway({
    port: 0,
    hostname: HOST,
    who: "Ada",
    greet: [],
    told: (event) => void told.push(event),
    ...options,
  });
  const until = async (isThere: () => boolean) => {
    const end = Date.now() + 10_000;
    while (!isThere() && Date.now() < end) await pause(5);
    assert.ok(isThere(), `in ten seconds; told ${told.map(({ name }) => name)}`);
  };
  const names = (name: LegacyEvent["name"]) => told.filter((event) => event.name === name);
  return { gateway, told, until, names };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Sends bytes as the older program does: all at once, over a connection of their own. */
async function says(port: number, text: string, parts = 1): Promise<void> {
  const connection = await Deno.connect({ hostname: HOST, port });
  const bytes = new TextEncoder().encode(text);
  const size = Math.ceil(bytes.length / parts);
  for (let at = 0; at < bytes.length; at += size) {
    await connection.write(bytes.subarray(at, at + size));
    if (parts > 1) await pause(1);
  }
  connection.close();
}

/** A program that reads one message a connection, and remembers them. */
function olderProgram() {
  const listener = Deno.listen({ hostname: HOST, port: 0 });
  const heard: string[] = [];
  const done = (async () => {
    for await (const connection of listener) {
      const bytes = new Uint8Array(2048);
      const count = await connection.read(bytes); // it reads once
      heard.push(new TextDecoder().decode(bytes.subarray(0, count ?? 0)));
      connection.close();
    }
  })();
  const { port } = listener.addr;
  const close = async () => {
    listener.close();
    await done;
  };
  return { port, heard, close, address: `${HOST}:${port}` };
}

Deno.test("every kind of message goes both ways, byte for byte", async () => {
  const old = olderProgram();
  const { gateway, told, until, names } = opened({ greet: [old.address] });
  const me = `<${HOST}:${gateway.port}>`;
  try {
    await until(() => old.heard.length === 1);
    await says(gateway.port, `<${HOST}:${old.port}> @ <BETA>\nBETA: Hello\n<end>`);
    await says(gateway.port, `<${HOST}:${old.port}> @ <BETA>\nhello wire\n<end>`, 7);
    await says(gateway.port, `<${HOST}:${old.port}> @ <BETA>\nCONNECTION_REQUEST\n<end>`);
    await until(() => names("invited").length === 1);
    assert.deepEqual(gateway.peers.map(({ address, team }) => [address, team]), [
      [old.address, "BETA"],
    ]);
    gateway.ask(legacy("write", old.address, "good day"));
    gateway.ask(legacy("connect", old.address));
    await until(() => names("sent").length === 2);
    await says(gateway.port, `<${HOST}:${old.port}> DISCONNECT`);
    await until(() => names("left").length === 1);
    assert.deepEqual(gateway.peers, []);
    gateway.ask(legacy("part", old.address));
    await until(() => old.heard.length === 4);
  } finally {
    await gateway.close();
    await old.close();
  }
  assert.deepEqual(old.heard, [
    `${me} @ <Ada>\nAda: Hello\n<end>`,
    `${me} @ <Ada>\ngood day\n<end>`,
    `${me} @ <Ada>\nCONNECTION_REQUEST\n<end>`,
    `${me} DISCONNECT`,
  ]);
  assert.deepEqual(told.filter(({ name }) => name === "received").map(({ text }) => text), [
    "BETA: Hello",
    "hello wire",
  ]);
});

Deno.test("a burst of 20 senders with 10 messages each: 200 of 200 are told", async () => {
  const { gateway, until, names } = opened();
  try {
    await Promise.all(Array.from({ length: 20 }, async (_, sender) => {
      for (let nth = 0; nth < 10; nth++) {
        await says(gateway.port, `<${HOST}:${6000 + sender}> @ <T${sender}>\n${nth}\n<end>`);
      }
    }));
    await until(() => names("received").length === 200);
    assert.equal(new Set(names("received").map(({ team, text }) => `${team} ${text}`)).size, 200);
  } finally {
    await gateway.close();
  }
});

Deno.test("a silent connection and a bare one hold up nobody and are nobody", async () => {
  const { gateway, until, names } = opened();
  const silent = await Deno.connect({ hostname: HOST, port: gateway.port });
  try {
    (await Deno.connect({ hostname: HOST, port: gateway.port })).close();
    for (let nth = 0; nth < 12; nth++) {
      await says(gateway.port, `<${HOST}:6001> @ <A>\n${nth}\n<end>`);
    }
    await until(() => names("received").length === 12);
    assert.deepEqual(gateway.peers.map(({ address }) => address), [`${HOST}:6001`]);
  } finally {
    silent.close();
    await gateway.close();
  }
});

Deno.test("a message that names our own port is its team's, and never lists us", async () => {
  const { gateway, until, names } = opened();
  try {
    await says(gateway.port, `<${HOST}:6001> @ <BETA>\nfirst\n<end>`);
    await until(() => gateway.peers.length === 1);
    await says(gateway.port, `<${HOST}:${gateway.port}> @ <BETA>\nby menu 5\n<end>`);
    await says(gateway.port, `<${HOST}:${gateway.port}> @ <GAMMA>\nby menu 5 too\n<end>`);
    await says(gateway.port, `<${HOST}:${gateway.port}> DISCONNECT`);
    await says(gateway.port, `<${HOST}:6009> DISCONNECT`); // of whom nobody has heard
    await says(gateway.port, `<${HOST}:6001> @ <BETA>\nDISCONNECT the cable\n<end>`);
    await until(() => names("received").length === 4);
    const from = names("received").map(({ text, address }) => `${text}: ${address}`).sort();
    assert.deepEqual(from, [
      `DISCONNECT the cable: ${HOST}:6001`,
      `by menu 5 too: `,
      `by menu 5: ${HOST}:6001`,
      `first: ${HOST}:6001`,
    ]);
    assert.deepEqual(names("left"), []);
    assert.deepEqual(gateway.peers.map(({ address }) => address), [`${HOST}:6001`]);
  } finally {
    await gateway.close();
  }
});

Deno.test("ghosts from one address push out one another, and what cannot be shown is not sent", async () => {
  const { gateway, until, names } = opened();
  try {
    for (let port = 1; port <= 50; port++) {
      await says(gateway.port, `<${HOST}:${port}> @ <G${port}>\nboo\n<end>`);
    }
    await until(() => names("received").length === 50);
    assert.equal(gateway.peers.length, limits.PEERS_OF_ADDRESS);
    gateway.ask(legacy("write", `${HOST}:1`, "now DISCONNECT"));
    await until(() => names("failed").length === 1);
    assert.match(names("failed")[0]!.words, /takes the word DISCONNECT for a goodbye/);
    gateway.ask(legacy("write", `${HOST}:1`, "nobody listens"));
    await until(() => names("failed").length === 2);
    assert.match(names("failed")[1]!.words, /Cannot reach/);
  } finally {
    await gateway.close();
  }
});
