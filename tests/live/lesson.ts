/** A lesson of real processes on the loopback, with or without clients that mean no good. */
import { freePort } from "../host/net/stage.ts";
import { Node } from "./mortal.ts";

export interface LessonOptions {
  readonly students: number;
  readonly bytes: number;
  /**
   * One more student, whom nobody waits for. With strangers he stops reading, and every node has one
   * client that says nothing and one that sends half a frame.
   */
  readonly strangers: boolean;
}

export interface LessonResult {
  /** From the teacher's start to the last student's end. */
  readonly seconds: number;
  /** Students who ended with everything. */
  readonly done: number;
}

/** Students wait, the teacher comes with a file, and everybody gets it, or ten minutes pass. */
export async function lesson(
  { students, bytes, strangers }: LessonOptions,
): Promise<LessonResult> {
  const folder = await Deno.makeTempDir({ prefix: "starling-lesson-" });
  const common = ["--bind", "127.0.0.1", "--discovery-port", `${freePort()}`];
  const words = (name: string, port: number) => [
    ...["--folder", `${folder}/${name}`, "--name", name, "--port", `${port}`],
    ...["--inbox", `${folder}/${name}-inbox`],
    ...common,
  ];
  const file = `${folder}/lecture.bin`;
  await Deno.writeFile(file, new Uint8Array(bytes).map((_, at) => (at * 2_654_435_761) >>> 13));
  const nodes: Node[] = [], crowd: Deno.Conn[] = [];
  try {
    const ports = Array.from({ length: students + 1 }, freePort);
    const waiting = ports.slice(1).map((port, at) => {
      const node = new Node(["join", "--until-done", ...words(`pc${at}`, port)]);
      nodes.push(node);
      return node;
    });
    const deaf = new Node(["join", ...words("deaf", freePort())]);
    nodes.push(deaf);
    for (const port of ports.slice(1)) await listening(port);
    if (strangers) { for (const port of ports.slice(1)) crowd.push(...await unkind(port)); }
    const began = performance.now();
    nodes.push(new Node(["teach", file, ...words("teacher", ports[0]!)]));
    if (strangers) {
      await listening(ports[0]!);
      crowd.push(...await unkind(ports[0]!));
      setTimeout(() => deaf.freeze(), 1_000); // it has joined, and reads nothing any more
    }
    const deadline = new Promise<"late">((resolve) =>
      Deno.unrefTimer(setTimeout(() => resolve("late"), 600_000))
    );
    const ends = Promise.all(waiting.map(({ status }) => status));
    const ended = await Promise.race([ends, deadline]);
    const done = ended === "late" ? 0 : ended.filter(({ code }) => code === 0).length;
    return { seconds: (performance.now() - began) / 1000, done };
  } finally {
    for (const conn of crowd) conn.close();
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    await Deno.remove(folder, { recursive: true });
  }
}

/** One that says nothing, and one that sends the beginning of a frame. */
async function unkind(port: number): Promise<Deno.Conn[]> {
  const silent = await Deno.connect({ hostname: "127.0.0.1", port });
  const half = await Deno.connect({ hostname: "127.0.0.1", port });
  await half.write(Uint8Array.of(0, 0, 0, 200, 1, 2, 3));
  return [silent, half];
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`Nobody listens at ${port}`);
}
