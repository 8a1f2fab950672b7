/** A PostgreSQL server of a test's own: in a folder of its own, on a port of its own, ended with it. */
import type { Need } from "../../needs.ts";

const postgres = [
  "/usr/lib/postgresql/17/bin",
  "/usr/lib/postgresql/16/bin",
  "/usr/lib/postgresql/15/bin",
]
  .find((folder) => exists(`${folder}/initdb`));

/** What a server needs: its programs, and root to start them as somebody else, or no root at all. */
export const POSTGRES: Need = {
  what: "PostgreSQL",
  missing: postgres === undefined ? "initdb is not installed" : undefined,
};

export interface Cluster {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts one; throws with what it said where that fails. */
export async function startCluster(): Promise<Cluster> {
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "starling-postgres-" });
  const port = freePort();
  await Deno.chmod(folder, 0o777);
  await run("initdb", "-D", `${folder}/data`, "-A", "trust", "-U", "starling", "--no-sync");
  const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=off`;
  await run("pg_ctl", "-D", `${folder}/data`, "-o", options, "-w", "-l", `${folder}/log`, "start");
  return {
    url: `postgres://starling@127.0.0.1:${port}/postgres`,
    async stop() {
      await run("pg_ctl", "-D", `${folder}/data`, "-m", "immediate", "-w", "stop");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function run(program: string, ...args: string[]): Promise<void> {
  const command = [`${postgres}/${program}`, ...args];
  const isRoot = Deno.uid() === 0; // the server refuses to run as root
  const whole = isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
  const [name, ...rest] = [...whole, ...command];
  // The server that pg_ctl leaves behind would keep a pipe open for ever.
  const isTalkative = program === "initdb";
  const child = new Deno.Command(name!, {
    args: rest,
    stdin: "null",
    stdout: "null",
    stderr: isTalkative ? "piped" : "null",
  });
  const result = await child.output();
  if (result.success) return;
  const said = isTalkative ? new TextDecoder().decode(result.stderr) : "see its log";
  throw new Error(`${program}: ${said}`);
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
