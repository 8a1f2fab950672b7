/** A process that has hardly any file descriptors, and a crowd that takes all of them for a while. */
import type { Input } from "../../runtime/core/mod.ts";
import { openNetwork } from "../../runtime/host/net/mod.ts";

const facts: Input[] = [];
const open = (post: (fact: Input) => void) =>
  openNetwork({
    port: 0,
    discoveryPort: Number(Deno.args[0]),
    bind: ["127.0.0.1"],
    micros: () => Math.floor(performance.now() * 1_000),
    post,
  });
const ana = await open((fact) => facts.push(fact));
const ben = await open((fact) => {
  if (fact.kind === "linked") ben.send(fact.link, { head: Uint8Array.of(1) });
  if (fact.kind === "refused") setTimeout(() => ben.dial(ana.address), 100);
});
const crowd: Deno.TcpConn[] = [];
let refusals = 0;
for (let count = 0; count < 100; count++) {
  await Deno.connect({ hostname: "127.0.0.1", port: ana.port })
    .then((conn) => crowd.push(conn), () => refusals++);
}
await new Promise((resolve) => setTimeout(resolve, 300));
for (const conn of crowd) conn.close();
ben.dial(ana.address);
for (let wait = 0; wait < 100 && facts.length < 2; wait++) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
console.log(`${refusals > 0 ? "full, then" : "never full;"} ${facts.map(({ kind }) => kind)}`);
Deno.exit(0);
