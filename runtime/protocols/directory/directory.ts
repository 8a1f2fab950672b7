/** The directory: which keys belong to fifteen digits, and how to write to whose they are. */
import type {
  Address,
  AppEvent,
  Context,
  PeerId,
  PeerKeys,
  Protocol,
  Saved,
} from "../../core/mod.ts";
import { hex, isIncluded, leafOf, peerOf, Reader, Recent, Writer } from "../../core/mod.ts";
import { isMeshEvent, say } from "../mesh/mod.ts";
import type { DirectoryCommand } from "./commands.ts";
import { loggedBytes } from "./entry.ts";
import type { Head } from "./head.ts";
import { type Cost, type Id, REAL } from "./id.ts";
import * as limits from "./limits.ts";
import { challengeBytes, Registrar } from "./registrar.ts";
import { Seeker } from "./seeker.ts";
import { HostShelf, RecordShelf, type Shelf } from "./shelf.ts";
import { type Known, knownBytes, readKnown, Watch } from "./watch.ts";
import { type DirectoryMessage, directoryWire, rumourSchema } from "./wire.ts";

export interface DirectoryOptions {
  /** The protocol that writes letters. */
  readonly uses?: string;
  /** What this person is called. */
  readonly who?: string;
  /** How dear IDs are: a simulation's are cheap, and never pass in a real network. */
  readonly cost?: Cost;
  /** What makes this device's own ID. */
  readonly modifier?: number;
  /** Whether this node is a directory, and where it keeps what it knows. */
  readonly serves?: "records" | "host";
}

type DirectoryContext = Context<DirectoryMessage>;
type Message<Kind> = Extract<DirectoryMessage, { readonly kind: Kind }>;
const HEADS = "directory/head", AGAIN = "again";

/** Registers, looks up, proves; and is a directory for others, if it is to. */
export function directory(options: DirectoryOptions = {}): Protocol<DirectoryMessage> {
  let state: Directory;
  return {
    name: "directory",
    code: 7,
    wire: directoryWire,
    started(saved, ctx) {
      state = new Directory(options, ctx);
      state.restore(saved);
    },
    joined: (peer) => state.joined(peer),
    left: (peer) => state.left(peer),
    received: (message, from) => state.received(message, from),
    woke: () => state.again(),
    asked: (command) => state.asked(command as DirectoryCommand),
    heard: (event) => state.heard(event),
  };
}

class Directory {
  readonly #seeker: Seeker;
  readonly #registrar: Registrar | undefined;
  readonly #shelf: RecordShelf | HostShelf | undefined;
  readonly #known = new Map<Address, Known>();
  readonly #watches = new Map<PeerId, Watch>();
  /** Heads that others have been told of, so that none is told twice. */
  readonly #told = new Recent<string, true>(limits.COUNTED);
  /** What directories that this device does not ask yet have signed, as others tell. */
  readonly #rumours = new Recent<PeerId, readonly Head[]>(limits.RUMOURED);
  /** Where this device is just being registered; and whether its entry has changed since. */
  readonly #enrolling = new Map<PeerId, { isStale: boolean }>();
  readonly #registeredAt = new Set<PeerId>();
  /** The directory that wants more bundles. */
  #wantedBy: PeerId | undefined;

  constructor(options: DirectoryOptions, readonly ctx: DirectoryContext) {
    const { uses = "chat", who = "", cost = REAL, modifier, serves } = options;
    this.#seeker = new Seeker({ uses, who, cost, modifier });
    if (serves === undefined) return;
    this.#shelf = serves === "records" ? new RecordShelf(ctx) : new HostShelf(ctx);
    this.#registrar = new Registrar(this.#shelf as Shelf, cost, ctx);
  }

  restore({ records }: Saved): void {
    for (const [key, bytes] of records) {
      if (key.startsWith("known/")) {
        const known = readKnown(bytes);
        if (known !== undefined) this.#known.set(known.address, known);
      } else if (key === "version" || key.startsWith("pin/")) this.#seeker.restore(key, bytes);
      else if (this.#shelf instanceof RecordShelf) this.#shelf.restore(key, bytes);
    }
    this.#registrar?.start();
    this.again();
  }

  asked(command: DirectoryCommand): void {
    const { ctx } = this;
    switch (command.name) {
      case "shelved":
        if (this.#shelf instanceof HostShelf) this.#shelf.answered(command);
        return;
      case "use":
        return this.#use(command.address);
      case "find":
        this.#seeker.seek(command.id, ctx);
        for (const peer of this.#watches.keys()) this.#find(peer, command.id);
        return ctx.wake(AGAIN, limits.SEEK_FOR);
      case "publish":
        this.#seeker.describe(command.boxes, command.bundle, ctx);
        for (const peer of this.#watches.keys()) this.#enrol(peer);
        return;
      case "stock": {
        const to = this.#wantedBy;
        for (let at = 0; to !== undefined && at < command.bundles.length; at += limits.BUNDLES) {
          const bundles = command.bundles.slice(at, at + limits.BUNDLES);
          ctx.send(to, { kind: "stock", bundles });
        }
      }
    }
  }

  joined(peer: PeerId): void {
    const { ctx } = this;
    const known = this.#known.get(ctx.addressOf(peer) ?? "");
    const keys = ctx.keysOf(peer);
    if (known === undefined || keys === undefined) return;
    if (known.keys !== undefined && peerOf(known.keys, ctx.crypto) !== peer) {
      const words = `Somebody else answers where your directory was: ${known.address}`;
      return this.#seeker.tell({ name: "refused", why: "unexpected-peer", peer, words }, ctx);
    }
    if (known.keys === undefined) this.#note({ ...known, keys });
    let watch = this.#watches.get(peer);
    if (watch === undefined) {
      this.#watches.set(peer, watch = this.#watchOf(peer, known));
      for (const head of this.#rumours.get(peer) ?? []) watch.signed(head, ctx);
    }
    if (watch.isCaught) return;
    ctx.hold(peer);
    watch.again(ctx);
    if (this.#seeker.entry(ctx) !== undefined) this.#enrol(peer);
    for (const id of this.#seeker.sought) this.#find(peer, id);
  }

  left(peer: PeerId): void {
    this.#registrar?.left(peer);
    this.#registeredAt.delete(peer);
    this.#enrolling.delete(peer);
  }

  received(message: DirectoryMessage, from: PeerId): void {
    switch (message.kind) {
      case "enrol":
      case "register":
      case "stock":
      case "find":
      case "prove":
        if (this.#registrar?.isReady === true) serve(this.#registrar, message, from);
        return;
      default: {
        const watch = this.#watches.get(from);
        if (watch !== undefined && !watch.isCaught) this.#answered(message, from, watch);
      }
    }
  }

  heard(event: AppEvent): void {
    const { ctx } = this;
    this.#seeker.heard(event, ctx);
    if (!isMeshEvent(event) || event.name !== "heard" || event.topic !== HEADS) return;
    const reader = new Reader(event.payload);
    const { sign, agree, head } = rumourSchema.read(reader);
    if (!reader.whole) return;
    const peer = peerOf({ sign, agree }, ctx.crypto);
    const watch = this.#watches.get(peer);
    if (watch === undefined) {
      const heads = [...this.#rumours.get(peer) ?? [], head].slice(-limits.RUMOURS);
      this.#rumours.set(peer, heads);
    } else if (watch.signed(head, ctx)) this.#told.set(nameOf(peer, head), true);
  }

  /** Once in a while: who must be dialled, and who was looked for long enough. */
  again(): void {
    const { ctx } = this;
    this.#seeker.giveUp(ctx);
    for (const { address, keys } of this.#known.values()) {
      const peer = keys === undefined
        ? [...ctx.peers].find((each) => ctx.addressOf(each) === address)
        : peerOf(keys, ctx.crypto);
      const watch = peer && this.#watches.get(peer);
      if (peer === undefined || !ctx.isLinked(peer)) ctx.dial(address);
      else if (watch === undefined) this.joined(peer);
      else {
        watch.again(ctx);
        const isMissing = !watch.isCaught && !this.#registeredAt.has(peer);
        if (isMissing && this.#seeker.entry(ctx) !== undefined) this.#enrol(peer);
      }
    }
    const isComplete = [...this.#known.values()].every(({ keys }) =>
      keys !== undefined && ctx.isLinked(peerOf(keys, ctx.crypto))
    );
    if (!isComplete) ctx.wake(AGAIN, limits.DIAL_AGAIN);
    else if (this.#seeker.isSeeking) ctx.wake(AGAIN, limits.SEEK_FOR);
    else if (this.#known.size > 0) ctx.wake(AGAIN, limits.AGAIN);
  }

  #answered(message: DirectoryMessage, from: PeerId, watch: Watch): void {
    const { ctx } = this;
    switch (message.kind) {
      case "challenge":
        return this.#register(from, message.nonce);
      case "registered":
        return this.#registered(message, from, watch);
      case "found":
        return this.#found(message, from, watch);
      case "low":
        return this.#supply(from, message.stock);
      case "proved":
        return watch.proved(message.from, message.to, message.proof, ctx);
      case "refused":
        if (message.why === "no-proof") return watch.refused(ctx);
        this.#enrolling.delete(from);
        return this.#seeker.tell({
          name: "refused",
          why: message.why,
          peer: from,
          words: `The directory refuses: ${message.why}`,
        }, ctx);
    }
  }

  #use(address: Address): void {
    if (this.#known.has(address)) return;
    if (this.#known.size >= limits.DIRECTORIES) {
      const words = `At most ${limits.DIRECTORIES} directories can be asked`;
      return this.#seeker.tell({ name: "refused", why: "too-many", words }, this.ctx);
    }
    this.#note({ address, keys: undefined, head: undefined });
    this.again();
  }

  /** One registration at a time: a second challenge would make the answer to the first one wrong. */
  #enrol(directory: PeerId): void {
    const enrolling = this.#enrolling.get(directory);
    if (enrolling !== undefined) enrolling.isStale = true;
    else if (this.ctx.send(directory, { kind: "enrol" })) {
      this.#enrolling.set(directory, { isStale: false });
    }
  }

  /** It has come to an end, well or not. */
  #enrolled(directory: PeerId): void {
    const enrolling = this.#enrolling.get(directory);
    this.#enrolling.delete(directory);
    if (enrolling?.isStale === true) this.#enrol(directory);
  }

  #find(directory: PeerId, id: Id): void {
    this.ctx.send(directory, { kind: "find", id, wantsBundle: true });
  }

  #register(directory: PeerId, nonce: Uint8Array): void {
    const { ctx } = this;
    const entry = this.#seeker.entry(ctx);
    if (entry === undefined) return;
    const { crypto, identity } = ctx;
    const signature = crypto.sign(identity.signSecret, challengeBytes(nonce, directory, entry));
    ctx.send(directory, { kind: "register", entry, signature });
  }

  #registered({ id, place, stock }: Message<"registered">, from: PeerId, watch: Watch): void {
    const { ctx } = this;
    this.#enrolled(from);
    if (!this.#isPlaced(id, ctx.identity.keys, place, watch)) return;
    this.#supply(from, stock);
    if (this.#registeredAt.has(from)) return;
    this.#registeredAt.add(from);
    const words = `You can be found as ${id}`;
    this.#seeker.tell({ name: "registered", id, peer: from, words }, ctx);
  }

  #found({ id, entry, isHere, place, bundle }: Message<"found">, from: PeerId, watch: Watch): void {
    const { ctx } = this;
    if (!this.#isPlaced(id, entry.statement, place, watch)) return;
    if (this.#seeker.take(id, entry, bundle, isHere, ctx)) return;
    const words = "The directory has answered with keys that do not give this ID";
    this.#seeker.tell({ name: "refused", why: "wrong-id", peer: from, words }, ctx);
  }

  #supply(directory: PeerId, stock: number): void {
    if (stock >= limits.STOCK_LOW) return;
    this.#wantedBy = directory;
    this.#seeker.news({ name: "wanted", count: limits.STOCK - stock }, this.ctx);
  }

  /** Whether the log holds these keys for this ID, by a head that the directory stands by. */
  #isPlaced(
    id: Id,
    keys: { readonly sign: Uint8Array; readonly agree: Uint8Array },
    { index, head, proof }: Message<"found">["place"],
    watch: Watch,
  ): boolean {
    const { ctx } = this;
    const hash = (bytes: Uint8Array) => ctx.crypto.sha256(bytes);
    const leaf = leafOf(loggedBytes(id, keys), hash);
    return isIncluded(leaf, index, head.size, proof, head.root, hash) && watch.signed(head, ctx);
  }

  #watchOf(peer: PeerId, { address, head }: Known): Watch {
    const keys = this.ctx.keysOf(peer)!;
    return new Watch(
      peer,
      keys,
      head,
      (newest, ctx) => {
        this.#note({ address, keys, head: newest });
        if (this.#told.get(nameOf(peer, newest)) === true) return;
        this.#told.set(nameOf(peer, newest), true);
        ctx.ask(rumour(keys, newest));
      },
      (heads, ctx) => {
        for (const each of heads) ctx.ask(rumour(keys, each)); // whoever asks it can see for themselves
        const words = `The directory at ${address} says different things to different people`;
        this.#seeker.tell({ name: "lied", peer, words }, ctx);
        ctx.release(peer);
      },
    );
  }

  #note(known: Known): void {
    this.#known.set(known.address, known);
    this.ctx.save(`known/${known.address}`, knownBytes(known));
  }
}

function serve(
  registrar: Registrar,
  message: DirectoryMessage,
  from: PeerId,
): void {
  switch (message.kind) {
    case "enrol":
      return registrar.enrol(from);
    case "register":
      return registrar.register(from, message.entry, message.signature);
    case "stock":
      return registrar.stock(from, message.bundles);
    case "find":
      return registrar.find(from, message.id, message.wantsBundle);
    case "prove":
      return registrar.prove(from, message.from, message.to);
  }
}

/** Tells everybody near what a directory has signed. */
function rumour(keys: PeerKeys, head: Head) {
  const writer = new Writer();
  rumourSchema.write(writer, { ...keys, head });
  return say(HEADS, writer.take());
}

function nameOf(peer: PeerId, { size, root }: Head): string {
  return `${peer}/${size}/${hex(root)}`;
}
