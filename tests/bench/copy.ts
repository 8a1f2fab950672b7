/** A plain copy of so many bytes to so many readers, one after another: the seconds of processor it took. */
import process from "node:process";

const [peers, bytes] = Deno.args.map(Number) as [number, number];
const chunk = new Uint8Array(64 * 1024).map((_, at) => at);
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const path = await Deno.makeTempFile();

for (let peer = 0; peer < peers; peer++) {
  const sending = (async () => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    for (let left = bytes; left > 0;) {
      left -= await conn.write(chunk.subarray(0, Math.min(chunk.length, left)));
    }
    conn.close();
  })();
  const reader = await listener.accept();
  const file = await Deno.open(path, { write: true, truncate: true });
  const buffer = new Uint8Array(64 * 1024);
  for (let count = await reader.read(buffer); count !== null; count = await reader.read(buffer)) {
    for (let at = 0; at < count;) at += file.writeSync(buffer.subarray(at, count));
  }
  file.close();
  await sending;
}
await Deno.remove(path);
const { user, system } = process.cpuUsage();
console.log((user + system) / 1e6);
Deno.exit(0);
