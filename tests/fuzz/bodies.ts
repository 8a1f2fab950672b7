/** What is read from bodies, disks and streams: manifests, records, frames. */
import { Deframer, encodeFrame, encodeReceipt } from "../../runtime/core/framing.ts";
import {
  type Frame,
  joined,
  limits as core,
  type Random,
  sameBytes,
} from "../../runtime/core/mod.ts";
import * as limits from "../../runtime/protocols/swarm/limits.ts";
import {
  decodeManifest,
  encodeManifest,
  type Manifest,
} from "../../runtime/protocols/swarm/manifest.ts";
import { decodeRecord, encodeRecord } from "../../runtime/protocols/swarm/records.ts";
import { conversation } from "../protocols/session/two.ts";
import type { Target } from "./target.ts";

const NAMES = ["a", "lecture.mp4", "\u00e9t\u00e9", "\u6f22\u5b57.txt", "x y", "\u{1f426}.svg"];

function manifestOf(random: Random): Manifest {
  const files = Array.from({ length: 1 + random.below(random.pick([1, 3, 20])) }, (_, at) => ({
    path: `${random.below(3) === 0 ? `folder ${random.below(3)}/` : ""}${at}${random.pick(NAMES)}`,
    bytes: random.below(random.pick([1, 300, 100_000_000])),
  }));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const blockBytes = random.pick([16, 64, 2048]) * 1024;
  const root = bytes === 0 ? new Uint8Array(32) : random.bytes(32);
  return { title: random.pick(NAMES), blockBytes, bytes, root, files };
}

const manifest: Target = {
  name: "swarm manifest",
  cap: limits.MANIFEST_BYTES,
  valid: (random) => encodeManifest(manifestOf(random)),
  accepts(bytes) {
    const read = decodeManifest(bytes);
    if (read === undefined) return false;
    if (!sameBytes(encodeManifest(read), bytes)) throw new Error("it can be written otherwise");
    return true;
  },
};

const record: Target = {
  name: "swarm record",
  cap: Infinity, // of this node's own making: a record is as long as it was written
  valid: (random) =>
    encodeRecord({
      manifest: random.below(3) === 0 ? random.bytes(0) : encodeManifest(manifestOf(random)),
      handle: random.pick(["", ...NAMES]),
      priority: random.below(1001),
      leaves: random.bytes(32 * random.below(5)),
      sources: Array.from({ length: random.below(4) }, () => ({
        sign: random.bytes(32),
        agree: random.bytes(32),
        address: random.pick(["", "10.0.0.1:1", "[fe80::1]:4545"]),
      })),
    }),
  accepts(bytes) {
    const read = decodeRecord(bytes);
    if (read === undefined) return false;
    if (!sameBytes(encodeRecord(read), bytes)) throw new Error("it can be written otherwise");
    return true;
  },
};

/** A stream is accepted as far as its frames go; what they are does not depend on how it was cut. */
const frames: Target = {
  name: "frames on a stream",
  cap: Infinity,
  valid(random) {
    const parts: Uint8Array[] = [];
    for (let left = 1 + random.below(4); left > 0; left--) {
      const head = random.bytes(random.below(random.pick([3, 60])));
      const body = random.bytes(random.below(100));
      parts.push(...encodeFrame(random.below(2) === 0 ? { head } : { head, body }));
      if (random.below(3) === 0) parts.push(encodeReceipt(1 + random.below(3)));
    }
    return joined(...parts);
  },
  accepts(bytes, isValid) {
    const atOnce = new Deframer();
    const found = atOnce.push(bytes);
    const bitByBit = new Deframer();
    const again: Frame[] = [];
    const step = 1 + bytes.length % 7;
    for (let at = 0; at < bytes.length; at += step) {
      again.push(...bitByBit.push(bytes.subarray(at, at + step)));
      if (bitByBit.reserved > 2 * (at + step) + 8) {
        throw new Error("memory is set aside in advance");
      }
    }
    const expected = read(bytes);
    if (found.length !== expected.spans.length) throw new Error("a frame is missed, or made up");
    if (atOnce.tooLarge !== expected.tooLarge) throw new Error("a limit is not kept");
    const stream = joined(...found.flatMap(encodeFrame));
    if (!sameBytes(stream, joined(...again.flatMap(encodeFrame)))) throw new Error("a cut matters");
    if (atOnce.tooLarge !== bitByBit.tooLarge) throw new Error("a cut decides what is too large");
    const receipts = atOnce.takeReceipts();
    if (receipts !== expected.receipts) throw new Error("a receipt is missed, or made up");
    if (receipts !== bitByBit.takeReceipts()) throw new Error("a cut matters to receipts");
    if (!sameBytes(stream, joined(...expected.spans))) throw new Error("other frames");
    for (const { head, body } of found) {
      if (head.length > core.HEAD_BYTES || (body?.length ?? 0) > core.BODY_BYTES) {
        throw new Error("a frame is larger than its limit");
      }
    }
    return isValid ? expected.rest === 0 : found.length > 0;
  },
};

/** A stream as it is read slowly. */
interface Slow {
  /** The bytes of each frame. */
  readonly spans: readonly Uint8Array[];
  /** Bodies that receipts are for. */
  readonly receipts: number;
  /** Whether what comes next is too large to begin with; else so many bytes are left over. */
  readonly tooLarge: boolean;
  readonly rest: number;
}

function read(bytes: Uint8Array): Slow {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const spans: Uint8Array[] = [];
  let at = 0, receipts = 0;
  const so = (tooLarge: boolean) => ({ spans, receipts, tooLarge, rest: bytes.length - at });
  for (;;) {
    if (at + 4 > bytes.length) return so(false);
    const word = view.getUint32(at);
    if (word > 0x2000_0000 && word <= 0x2000_ffff) {
      receipts += word - 0x2000_0000;
      at += 4;
      continue;
    }
    const head = word & 0x7fff_ffff, hasBody = word > 0x7fff_ffff;
    if (head > core.HEAD_BYTES) return so(true);
    if (hasBody && at + 8 > bytes.length) return so(false);
    const body = hasBody ? view.getUint32(at + 4) : 0;
    if (body > core.BODY_BYTES) return so(true);
    const end = at + (hasBody ? 8 : 4) + head + body;
    if (end > bytes.length) return so(false);
    spans.push(bytes.subarray(at, end));
    at = end;
  }
}

/** A message of a conversation whose next turn is awaited, so that both its header keys are tried. */
const message: Target = (() => {
  const { ana, ben } = conversation();
  ben.read(ana.write("first"));
  ana.read(ben.write("answer"));
  return {
    name: "session message",
    cap: Infinity,
    valid: (random) => ana.write("x".repeat(random.below(200))),
    accepts(bytes) {
      const before = ben.state;
      const isRead = ben.read(bytes) !== undefined;
      ben.state = before;
      return isRead;
    },
  };
})();

export const bodyTargets: readonly Target[] = [message, manifest, record, frames];
