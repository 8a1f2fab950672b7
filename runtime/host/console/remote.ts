/** A node that runs in another process of the same person. */
import type { Command } from "../../core/mod.ts";
import type { Opened } from "../disk/mod.ts";
import { type ControlFile, readControl } from "./control.ts";
import { fromJson, toJson } from "./json.ts";
import type { About, Desk, Numbered } from "./service.ts";
import type { Snapshot } from "./snapshot.ts";
import { Trouble } from "./trouble.ts";

/** The node of a folder, if one is running. */
export async function findRunning(folder: string): Promise<Remote | undefined> {
  const control = readControl(folder);
  if (control === undefined) return undefined;
  try {
    const remote = new Remote(control, undefined as never);
    return new Remote(control, await remote.get<About>("/about"));
  } catch {
    return undefined; // nobody answers there: that process has ended
  }
}

export class Remote implements Desk {
  constructor(readonly control: ControlFile, readonly about: About) {}

  async ask(command: Command): Promise<void> {
    await this.#post("/ask", command);
  }

  async open(paths: readonly string[], title?: string): Promise<Opened> {
    const absolute = paths.map((path) => path.startsWith("/") ? path : `${Deno.cwd()}/${path}`);
    return await this.#post("/open", { paths: absolute, title }) as Opened;
  }

  follow(after: number, listener: (told: Numbered) => void): () => void {
    const ending = new AbortController();
    this.#listen(after, listener, ending.signal).catch((error) => {
      if (!ending.signal.aborted) listener(lost(error));
    });
    return () => ending.abort();
  }

  async stop(now = false): Promise<void> {
    await this.#post("/stop", { now });
  }

  status(): Promise<Snapshot> {
    return this.get<Snapshot>("/status");
  }

  async get<Value>(path: string): Promise<Value> {
    const response = await this.#fetch(path, {});
    return await this.#value(response) as Value;
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    return await this.#value(await this.#fetch(path, { method: "POST", body: toJson(body) }));
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    const { port, token } = this.control;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers });
  }

  async #value(response: Response): Promise<unknown> {
    const value = fromJson(await response.text()) as { error?: string } | undefined;
    if (response.ok) return value;
    const kind = response.status === 422 ? "storage" : "refused";
    throw new Trouble(kind, value?.error ?? `The node answers ${response.status}`);
  }

  async #listen(
    after: number,
    listener: (told: Numbered) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const response = await this.#fetch(`/events?after=${after}`, { signal });
    let rest = "";
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) listener(fromJson(line) as Numbered);
    }
    throw new Error("it has stopped");
  }
}

/** Told in the place of events once the node is gone. */
function lost(error: unknown): Numbered {
  const words = `The node has gone: ${(error as Error).message}`;
  const event = { protocol: "host", name: "lost", words };
  return { n: 0, wall: Date.now(), at: 0, event };
}
