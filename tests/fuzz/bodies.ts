/** What is read from bodies, disks and streams: manifests, records, frames. */
import { Deframer, encodeFrame } from "../../runtime/core/framing.ts";
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
    const list: Frame[] = Array.from({ length: 1 + random.below(4) }, () => {
      const head = random.bytes(random.below(random.pick([3, 60])));
      return random.below(2) === 0 ? { head } : { head, body: random.bytes(random.below(100)) };
    });
    return joined(...list.flatMap(encodeFrame));
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
    if (found.length !== expected.frames) throw new Error("a frame is missed, or made up");
    if (atOnce.tooLarge !== expected.tooLarge) throw new Error("a limit is not kept");
    const stream = joined(...found.flatMap(encodeFrame));
    if (!sameBytes(stream, joined(...again.flatMap(encodeFrame)))) throw new Error("a cut matters");
    if (atOnce.tooLarge !== bitByBit.tooLarge) throw new Error("a cut decides what is too large");
    if (!sameBytes(stream, bytes.subarray(0, stream.length))) throw new Error("other frames");
    for (const { head, body } of found) {
      if (head.length > core.HEAD_BYTES || (body?.length ?? 0) > core.BODY_BYTES) {
        throw new Error("a frame is larger than its limit");
      }
    }
    return isValid ? stream.length === bytes.length : found.length > 0;
  },
};

/** How many frames there are, read slowly, and whether the next one is too large to begin with. */
function read(bytes: Uint8Array): { readonly frames: number; readonly tooLarge: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  for (let frames = 0;; frames++) {
    if (at + 4 > bytes.length) return { frames, tooLarge: false };
    const word = view.getUint32(at);
    const head = word & 0x7fff_ffff, hasBody = word > 0x7fff_ffff;
    if (head > core.HEAD_BYTES) return { frames, tooLarge: true };
    if (hasBody && at + 8 > bytes.length) return { frames, tooLarge: false };
    const body = hasBody ? view.getUint32(at + 4) : 0;
    if (body > core.BODY_BYTES) return { frames, tooLarge: true };
    at += (hasBody ? 8 : 4) + head + body;
    if (at > bytes.length) return { frames, tooLarge: false };
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
