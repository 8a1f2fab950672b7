/** A node's process, which a test may kill. */
const MAIN = new URL("../../runtime/main.ts", import.meta.url).pathname;

/** How often each test kills: a few times, or as often as `deno task kills` says. */
export const KILLS = Number(Deno.env.get("STARLING_KILLS") ?? 12);

export class Node implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly said: Promise<string>;

  constructor(words: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", MAIN, ...words],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.said = new Response(this.#child.stdout).text();
  }

  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** It stands still, with its sockets open, until it is killed. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#child.stdin.close().catch(() => {});
    await this.said;
  }
}
