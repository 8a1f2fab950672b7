/**
 * The same transfer by webtorrent, for comparison: one seeder and some peers, each a process of its own
 * on the loopback, in clear text, told of one another, without a tracker. It is installed into a folder
 * of its own, and is no part of this project.
 */
const PACKAGE = "webtorrent@1.9.7";
/** What one of its processes runs, in Node: ROLE PORT FOLDER TORRENT FILE PORTS. */
const SCRIPT = `
import fs from "node:fs";
import WebTorrent from "webtorrent";
const [role, port, folder, torrent, file, ports] = process.argv.slice(2);
const off = { dht: false, tracker: false, lsd: false, utp: false, natUpnp: false, natPmp: false };
const client = new WebTorrent({ ...off, torrentPort: Number(port) });
client.on("error", (error) => { console.error(error.message); process.exit(1); });
let before;
const begin = () => { before = process.cpuUsage(); };
const get = () => client.add(torrent, { path: folder, announce: [] }, (added) => {
  for (const other of ports.split(",")) if (other !== port) added.addPeer("127.0.0.1:" + other);
  added.on("done", () => console.log("done"));
});
const tell = () => {
  const { user, system } = process.cpuUsage(before);
  console.log("cpu " + (user + system) / 1e6);
  process.exit(0);
};
if (role === "seed") client.seed(file, { announce: [] }, (seeded) => {
  fs.writeFileSync(torrent, seeded.torrentFile);
  console.log("ready");
});
else client.on("listening", () => console.log("ready"));
// The first word begins, the second ends.
process.stdin.once("data", () => {
  begin();
  if (role === "get") get();
  process.stdin.once("data", tell);
});
`;

interface Peer {
  readonly child: Deno.ChildProcess;
  readonly lines: AsyncIterator<string>;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
}

/** Megabytes delivered for each second of processors since all were ready; undefined where it cannot be installed. */
export async function webtorrent(peers: number, bytes: number): Promise<number | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "starling-webtorrent-" });
  const running: Peer[] = [];
  try {
    if (!await isInstalled(folder)) return undefined;
    await Deno.writeTextFile(`${folder}/peer.mjs`, SCRIPT);
    await Deno.writeFile(`${folder}/file.bin`, new Uint8Array(bytes).map((_, at) => at >>> 7));
    const ports = Array.from({ length: peers + 1 }, freePort);
    const start = (role: string, at: number) => {
      const own = `${folder}/${at}`;
      Deno.mkdirSync(own);
      const words = [role, `${ports[at]}`, own, `${folder}/a.torrent`, `${folder}/file.bin`];
      const peer = started(folder, [...words, ports.join(",")]);
      running.push(peer);
      return peer;
    };
    await said(start("seed", 0), "ready");
    const leechers = ports.slice(1).map((_, at) => start("get", at + 1));
    await Promise.all(leechers.map((peer) => said(peer, "ready")));
    for (const peer of running) await word(peer);
    await Promise.all(leechers.map((peer) => said(peer, "done")));
    let seconds = 0;
    for (const peer of running) {
      await word(peer);
      seconds += Number((await said(peer, "cpu ")).slice("cpu ".length));
    }
    return peers * bytes / 1e6 / seconds;
  } finally {
    for (const { child, writer } of running) {
      writer.releaseLock();
      await child.stdin.close().catch(() => {}); // it has ended by itself
      try {
        child.kill("SIGKILL");
      } catch {
        // the same
      }
      await child.status;
    }
    await Deno.remove(folder, { recursive: true });
  }
}

async function isInstalled(folder: string): Promise<boolean> {
  await Deno.writeTextFile(`${folder}/package.json`, "{}");
  const { success } = await new Deno.Command("npm", {
    args: ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE],
    cwd: folder,
    stdout: "null",
    stderr: "null",
  }).output().catch(() => ({ success: false }));
  return success;
}

function started(folder: string, words: readonly string[]): Peer {
  const child = new Deno.Command("node", {
    args: [`${folder}/peer.mjs`, ...words],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  return { child, lines: linesOf(child.stdout), writer: child.stdin.getWriter() };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}

/** The next line that begins like this. */
async function said({ lines }: Peer, what: string): Promise<string> {
  for (;;) {
    const { done, value } = await lines.next();
    if (done === true) throw new Error(`webtorrent ended before it said "${what}"`);
    if (value.startsWith(what)) return value;
  }
}

function word({ writer }: Peer): Promise<void> {
  return writer.write(new TextEncoder().encode("\n"));
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
