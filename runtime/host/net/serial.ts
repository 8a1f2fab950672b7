/** A serial line: a bound Bluetooth channel or a cable, by its device file, with at most one link at a time. */
import type { Address, Reason } from "../../core/mod.ts";
import * as limits from "./limits.ts";
import { encodePacket, type Packet, PacketReader, PAYLOAD_BYTES } from "./serial_packets.ts";
import { SerialSession } from "./serial_session.ts";
import { SerialStream } from "./serial_stream.ts";
import type { Stream } from "./stream.ts";

const SCHEME = "serial:";
const READ_BYTES = 4_096;
const FAREWELL_MILLIS = 200;

/** What comes of a line. */
export interface SerialOwner {
  /** The other end has answered; `isDialled` where this end is to speak first. */
  opened(address: Address, stream: Stream, isDialled: boolean): void;
  refused(address: Address, why: Reason): void;
}

export class SerialLine {
  readonly address: Address;
  readonly #path: string;
  readonly #owner: SerialOwner;
  readonly #millis: () => number;
  readonly #session: SerialSession;
  readonly #timer: ReturnType<typeof setInterval>;
  #device: Device | undefined;
  #stream: SerialStream | undefined;
  #waiting: Uint8Array[] = [];
  #isWriting = false;
  #isPaused = false;
  #isClosed = false;
  #dialledAt: number | undefined;

  constructor(path: string, owner: SerialOwner, millis: () => number) {
    this.address = SCHEME + path;
    this.#path = path;
    this.#owner = owner;
    this.#millis = millis;
    this.#session = new SerialSession({
      say: (packet) => this.#say(packet),
      opened: (isDialler) => this.#opened(isDialler),
      received: (payload) => this.#stream?.push(payload),
      closed: (why) => this.#ended(why),
      draw: () => crypto.getRandomValues(new Uint32Array(1))[0]! || 1,
    });
    this.#timer = setInterval(() => this.#look(), limits.SERIAL_LOOK_MILLIS);
    void this.#serve();
  }

  dial(): void {
    const { address } = this;
    if (this.#session.isOpen || this.#dialledAt !== undefined) {
      return queueMicrotask(() => this.#owner.refused(address, "duplicate"));
    }
    this.#dialledAt = this.#millis();
    this.#session.dial();
  }

  /** What was said last leaves, if it does so soon. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#stream?.resume();
    const until = this.#millis() + FAREWELL_MILLIS;
    while (this.#waiting.length > 0 && this.#millis() < until) await this.#write();
    this.#closeDevice();
  }

  /** Reads the device for as long as it is there, and looks for it again when it is not. */
  async #serve(): Promise<void> {
    while (!this.#isClosed) {
      await setRaw(this.#path);
      const device = await openDevice(this.#path);
      this.#device = device;
      if (device !== undefined && !this.#isClosed) await this.#read(device.input);
      this.#closeDevice();
      if (this.#isClosed) return;
      this.#session.reset("crashed");
      await new Promise((resolve) => setTimeout(resolve, limits.SERIAL_REOPEN_MILLIS));
    }
  }

  async #read(input: Deno.FsFile): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES), reader = new PacketReader();
    for (;;) {
      const count = await input.read(buffer).catch(() => null);
      if (count === null || this.#isClosed) return;
      for (const packet of reader.push(buffer.subarray(0, count))) {
        this.#session.heard(packet, this.#millis());
      }
      const pause = this.#stream?.pause();
      if (pause === undefined) continue;
      this.#isPaused = true;
      await pause;
      this.#isPaused = false;
      this.#session.forgive(this.#millis());
    }
  }

  #look(): void {
    const now = this.#millis();
    if (this.#isPaused) this.#session.forgive(now);
    if (this.#device !== undefined) this.#session.look(now);
    if (this.#dialledAt === undefined || now - this.#dialledAt < limits.DIAL_MILLIS) return;
    this.#dialledAt = undefined;
    this.#session.giveUp();
    this.#owner.refused(this.address, this.#device === undefined ? "unreachable" : "timed-out");
  }

  #opened(isDialler: boolean): void {
    const wasDialled = this.#dialledAt !== undefined;
    this.#dialledAt = undefined;
    const stream: SerialStream = new SerialStream({
      send: (bytes) => this.#sendData(stream, bytes),
      end: () => this.#endOf(stream),
    });
    this.#stream = stream;
    // The other end has dialled as well, and speaks first.
    if (wasDialled && !isDialler) this.#owner.refused(this.address, "duplicate");
    this.#owner.opened(this.address, stream, isDialler);
  }

  /** The session is over. */
  #ended(why: Reason): void {
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.end(why);
  }

  /** The node wants the stream no more. */
  #endOf(stream: SerialStream): void {
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    this.#session.end(this.#millis());
  }

  async #sendData(stream: SerialStream, bytes: Uint8Array): Promise<number> {
    const count = Math.min(bytes.length, PAYLOAD_BYTES);
    if (this.#stream === stream) this.#session.send(bytes.subarray(0, count), this.#millis());
    while (this.#waiting.length > 0 && this.#stream === stream) await this.#write();
    return count;
  }

  #say(packet: Packet): void {
    const isRepeated = packet.kind === "hello" || packet.kind === "beat";
    if (this.#device === undefined) return;
    if (isRepeated && this.#waiting.length >= limits.SERIAL_PACKETS_WAITING) return;
    this.#waiting.push(encodePacket(packet));
    if (!this.#isWriting) void this.#write();
  }

  /** One writer at a time; whoever comes later waits a little. */
  async #write(): Promise<void> {
    if (this.#isWriting) return await new Promise((resolve) => setTimeout(resolve, 1));
    this.#isWriting = true;
    for (let bytes = this.#waiting[0]; bytes !== undefined; bytes = this.#waiting[0]) {
      const device = this.#device;
      const count = await device?.output.write(bytes).catch(() => undefined);
      if (count === undefined || device !== this.#device) {
        this.#waiting = []; // the reader sees it too, and begins anew
        break;
      }
      if (count === bytes.length) this.#waiting.shift();
      else this.#waiting[0] = bytes.subarray(count);
    }
    this.#isWriting = false;
  }

  #closeDevice(): void {
    this.#device?.input.close();
    this.#device?.output.close();
    this.#device = undefined;
  }
}

/** A file waits with a write while a read of it waits: so there are two. */
interface Device {
  readonly input: Deno.FsFile;
  readonly output: Deno.FsFile;
}

/** Undefined where it is not there, or not ours to use. */
async function openDevice(path: string): Promise<Device | undefined> {
  const input = await Deno.open(path, { read: true }).catch(() => undefined);
  const output = await Deno.open(path, { write: true }).catch(() => undefined);
  if (input !== undefined && output !== undefined) {
    await setRaw(path);
    return { input, output };
  }
  input?.close();
  output?.close();
  return undefined;
}

/** Asks the terminal driver to leave the bytes alone, where there is one and it can be asked. */
async function setRaw(path: string): Promise<void> {
  const flag = Deno.build.os === "darwin" ? "-f" : "-F";
  const args = [flag, path, "raw", "-echo"];
  try {
    await new Deno.Command("stty", { args, stdin: "null", stdout: "null", stderr: "null" })
      .output();
  } catch {
    // No such program, or not allowed: whoever bound the device has set it up.
  }
}
