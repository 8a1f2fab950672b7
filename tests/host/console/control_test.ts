/** The control server of a node: who may ask it, and what it survives. */
import assert from "node:assert/strict";
import { openControl, readControl } from "../../../runtime/host/console/control.ts";
import { Service } from "../../../runtime/host/console/service.ts";
import { LiveNode } from "../../../runtime/host/live_node.ts";
import { freePort } from "../net/stage.ts";

interface Stage {
  readonly port: number;
  readonly token: string;
  readonly folder: string;
  /** Sends bytes as they are, and gives back the first line of what comes, or "" where nothing does. */
  raw(text: string): Promise<string>;
  ask(method: string, path: string, body?: string, headers?: Record<string, string>): Promise<
    { readonly status: string; readonly text: string }
  >;
}

async function running(work: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const options = { folder, port: 0, bind: ["127.0.0.1"], discoveryPort: freePort() };
  const node = await LiveNode.open(options);
  const service = new Service(node, `${folder}/inbox`);
  const control = await openControl(service, () => {});
  const { port, token } = readControl(folder)!;
  const exchange = async (text: string): Promise<string> => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) {
      const count = await conn.write(bytes.subarray(at)).catch(() => undefined);
      if (count === undefined) break; // it reads no further
      at += count;
    }
    const chunks: string[] = [], buffer = new Uint8Array(65_536);
    for (;;) {
      const count = await conn.read(buffer).catch(() => null);
      if (count === null) return chunks.join("");
      chunks.push(new TextDecoder().decode(buffer.subarray(0, count)));
    }
  };
  const stage: Stage = {
    ...{ port, token, folder },
    raw: async (text) => (await exchange(text)).split("\r\n")[0]!,
    async ask(method, path, body = "", headers = {}) {
      const all = {
        host: "127.0.0.1",
        authorization: `Bearer ${token}`,
        connection: "close",
        "content-length": `${new TextEncoder().encode(body).length}`,
        ...headers,
      };
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
      const text = await exchange(`${method} ${path} HTTP/1.1\r\n${lines}\r\n${body}`);
      return { status: text.split(" ")[1] ?? "", text };
    },
  };
  try {
    await work(stage);
    assert.equal((await stage.ask("GET", "/about")).status, "200", "it lives on");
  } finally {
    await control.close();
    await service.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("only who has read the folder is answered: not pages, not rebound names, not guesses", async () => {
  await running(async ({ ask, folder }) => {
    const wrong: readonly Record<string, string>[] = [
      { authorization: "" },
      { authorization: "Bearer 00" },
      { authorization: `Bearer ${"0".repeat(64)}` },
      { origin: "http://127.0.0.1" },
      { origin: "null" },
      { host: "evil.example" },
      { host: "127.0.0.1.evil.example" },
    ];
    for (const headers of wrong) {
      for (const path of ["/about", "/status", "/events", "/nothing"]) {
        const { status, text } = await ask("GET", path, "", headers);
        assert.equal(status, "403", `${JSON.stringify(headers)} ${path}`);
        assert.ok(!text.includes(folder), "nothing is told");
      }
      assert.equal((await ask("POST", "/stop", "{}", headers)).status, "403");
    }
    assert.equal(Deno.statSync(`${folder}/control.json`).mode! & 0o777, 0o600);
  });
});

Deno.test("what is no command is refused, and the node goes on", async () => {
  await running(async ({ ask, raw }) => {
    const bodies = ["", "{", "null", "[]", "7", '"x"', "{}", '{"protocol":1,"name":2}'];
    for (const body of bodies) {
      assert.match((await ask("POST", "/ask", body)).status, /^(400|500)$/, body);
    }
    for (
      const command of [
        { protocol: "nobody", name: "nothing" },
        { protocol: "lab", name: "say" },
        { protocol: "lab", name: "open", title: 7 },
        { protocol: "swarm", name: "fetch", content: "zz", sources: 3 },
        { protocol: "__proto__", name: "constructor" },
      ]
    ) {
      const { status } = await ask("POST", "/ask", JSON.stringify(command));
      assert.match(status, /^(200|400|422|500)$/, JSON.stringify(command));
    }
    assert.equal((await ask("DELETE", "/about")).status, "404");
    assert.match(await raw("\x16\x03\x01 not HTTP\r\n\r\n"), /^(HTTP\/1.1 400|$)/);
  });
});

Deno.test("a body beyond the limit is not read to its end", async () => {
  await running(async ({ ask }) => {
    const body = `{"protocol":"lab","name":"say","text":"${"x".repeat(17 * 1024 * 1024)}"}`;
    assert.match(
      (await ask("POST", "/ask", body).catch(() => ({ status: "" }))).status,
      /^(500)?$/,
    );
  });
});
