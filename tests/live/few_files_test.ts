/** What a node does where the system gives it no more file descriptors. */
import assert from "node:assert/strict";
import { testNeeding } from "../needs.ts";

const missing = Deno.build.os === "windows" ? "not a Unix" : undefined;

testNeeding(
  { what: "ulimit", missing },
  "a process without file descriptors takes connections again once it has some",
  async () => {
    const script = new URL("few_files.ts", import.meta.url).pathname;
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const flags = ["run", "--no-prompt", "--no-check", "--allow-net", "--config", config];
    const { stdout } = await new Deno.Command("sh", {
      args: [
        "-c",
        'ulimit -n 64; exec "$@"',
        "sh",
        Deno.execPath(),
        ...flags,
        script,
        `${freePort()}`,
      ],
      stderr: "inherit",
    }).output();
    assert.equal(new TextDecoder().decode(stdout).trim(), "full, then linked,received");
  },
);

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
