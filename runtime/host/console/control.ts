/**
 * How other processes of the same person reach a running node: HTTP on the loopback interface.
 *
 * Only who can read the node's folder knows the token. A page in a browser is refused by its Origin,
 * a rebound name by its Host, and a slow or silent caller by node:http's limits on time.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { isCommand } from "./commands.ts";
import { snapshotOf } from "./snapshot.ts";
import { fromJson, toJson } from "./json.ts";
import type { Numbered, Service } from "./service.ts";

const NAME = "control.json";
const MOST_BODY_BYTES = 16 * 1024 * 1024;
const TIMEOUTS = {
  headersTimeout: 5_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
};
const MOST_CONNECTIONS = 64;
/** What a reader of events may be behind; then it is cut off, and asks again from where it was. */
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;

/** What a node's folder says about the process that runs it. */
export interface ControlFile {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
}

export interface Control {
  readonly port: number;
  close(): Promise<void>;
}

/** Opens the control server of a node, and writes where it is into the node's folder. */
export async function openControl(
  service: Service,
  stop: (now: boolean) => void,
): Promise<Control> {
  const token = randomBytes(32).toString("hex");
  const server = http.createServer(TIMEOUTS, (request, response) => {
    answer(service, stop, token, request, response).catch((error) => {
      refuse(response, 500, (error as Error).message);
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const path = `${service.about.folder}/${NAME}`;
  fs.rmSync(path, { force: true });
  fs.writeFileSync(path, JSON.stringify({ pid: Deno.pid, port, token }), {
    mode: 0o600,
    flag: "wx",
  });
  return {
    port,
    close() {
      fs.rmSync(path, { force: true });
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** What the folder says, or undefined where no node has written it. */
export function readControl(folder: string): ControlFile | undefined {
  try {
    return JSON.parse(fs.readFileSync(`${folder}/${NAME}`, "utf8")) as ControlFile;
  } catch {
    return undefined; // none, or half of one: whoever wrote it is not running
  }
}

async function answer(
  service: Service,
  stop: (now: boolean) => void,
  token: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const problem = objectionTo(request, token);
  if (problem !== undefined) return refuse(response, 403, problem);
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  switch (`${request.method} ${url.pathname}`) {
    case "GET /about":
      return send(response, service.about);
    case "GET /status":
      return send(response, snapshotOf(service));
    case "GET /events":
      return follow(service, Number(url.searchParams.get("after") ?? 0), response);
    case "POST /ask": {
      const command = await bodyOf(request);
      if (!isCommand(command)) return refuse(response, 400, "that is no command");
      await service.ask(command);
      return send(response, {});
    }
    case "POST /open": {
      const { paths, title } = await bodyOf(request) as { paths: string[]; title?: string };
      try {
        return send(response, await service.open(paths, title));
      } catch (error) {
        return refuse(response, 422, (error as Error).message);
      }
    }
    case "POST /stop": {
      const { now } = await bodyOf(request) as { now?: boolean };
      send(response, {});
      return stop(now === true);
    }
    default:
      return refuse(response, 404, "there is nothing of that name");
  }
}

function objectionTo(request: http.IncomingMessage, token: string): string | undefined {
  const { host, origin, authorization } = request.headers;
  if (origin !== undefined) return "pages may not ask this";
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host ?? "")) return "this is not for that host";
  const given = new TextEncoder().encode(authorization ?? "");
  const wanted = new TextEncoder().encode(`Bearer ${token}`);
  const isRight = given.length === wanted.length && timingSafeEqual(given, wanted);
  return isRight ? undefined : "the token is wrong";
}

async function bodyOf(request: http.IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Uint8Array).length;
    if (length > MOST_BODY_BYTES) throw new Error("that is too long");
    chunks.push(chunk as Uint8Array);
  }
  const value = fromJson(new TextDecoder().decode(Buffer.concat(chunks)));
  if (typeof value !== "object" || value === null) throw new Error("that is no JSON object");
  return value;
}

function follow(service: Service, after: number, response: http.ServerResponse): void {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.flushHeaders();
  const write = (told: Numbered) => {
    response.write(`${toJson(told)}\n`);
    if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
  };
  const leave = service.follow(Number.isInteger(after) ? after : 0, write);
  response.once("close", leave);
}

function send(response: http.ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(`${toJson(value)}\n`);
}

function refuse(response: http.ServerResponse, status: number, why: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { "content-type": "application/json", connection: "close" });
  response.end(`${toJson({ error: why })}\n`);
}
