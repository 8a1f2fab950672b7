/** The swarm within a node: takes commands, keeps its contents, and routes what peers say of them. */
import {
  type Command,
  type Micros,
  type PeerId,
  type Protocol,
  type Reason,
  sameBytes,
  type Saved,
  unhex,
} from "../../core/mod.ts";
import { Content, type SwarmContext } from "./content.ts";
import type { ContentSource, SwarmCommand, SwarmEvent } from "./events.ts";
import { Fetching } from "./fetching.ts";
import * as limits from "./limits.ts";
import { contentOf, encodeManifest, problemWith } from "./manifest.ts";
import { Looks } from "./looks.ts";
import { portablePath } from "./names.ts";
import { decodeRecord, encodeRecord } from "./records.ts";
import { Sharing } from "./sharing.ts";
import { PLAN_TIMER, Source } from "./source.ts";
import { Trade } from "./trade.ts";
import { Uploads } from "./uploads.ts";
import { type SwarmMessage, swarmWire } from "./wire.ts";

export interface SwarmOptions {
  /** How often plans, requests and announcements are looked after, by default 100 ms. */
  readonly tickEvery?: Micros;
}

const NONE = new Uint8Array(0);

/** Content distribution: one source, many peers, every block verified before it is kept or passed on. */
export function swarm({ tickEvery = 100_000 }: SwarmOptions = {}): Protocol<SwarmMessage> {
  let state: Swarm;
  return {
    name: "swarm",
    code: 4,
    wire: swarmWire,
    started(saved, ctx) {
      state = new Swarm(ctx, tickEvery);
      state.restore(saved);
    },
    joined: (peer) => state.joined(peer),
    left: (peer) => state.left(peer),
    received: (message, from, body) => state.received(message, from, body),
    drained: (peer, queued, ctx) => state.uploads.drained(peer, queued, ctx),
    unreachable: (address) => state.unreachable(address),
    refused: (key, why) => state.refused(key, why),
    loaded: (key, bytes) => state.loaded(key, bytes),
    woke: (timer) => state.woke(timer),
    asked: (command) => state.asked(command as SwarmCommand),
    heard(event, ctx) {
      // The detector knows of a silent death long before the link does.
      if (event.protocol !== "membership" || event.name !== "gone") return;
      if (event.peer !== undefined) ctx.hangUp(event.peer, "silent");
    },
  };
}

class Swarm {
  readonly uploads: Uploads;
  #ctx: SwarmContext;
  #looks: Looks;
  #contents = new Map<string, Content>();
  #trades = new Map<Content, Trade>();
  #fetches = new Map<Content, Fetching>();
  #sharings: Sharing[] = [];
  /** Contents of which the source's own files are not what they were; told once. */
  #changed = new WeakSet<Content>();
  /** Contents whose record the disk has refused, and when it is asked again. */
  #unsaved = new Map<Content, number>();

  constructor(ctx: SwarmContext, tickEvery: Micros) {
    this.#ctx = ctx;
    this.#looks = new Looks(ctx, tickEvery);
    this.uploads = new Uploads(() => this.#contents.values());
    this.uploads.onRelayed = (content, index) => this.#trades.get(content)?.relayed(index);
    this.uploads.onMissed = (content, index) => this.#missed(content, index);
    this.uploads.onRoom = () => this.#giveOut();
  }

  restore(saved: Saved): void {
    for (const [key, bytes] of saved.records) {
      const record = key.startsWith("content/") ? decodeRecord(bytes) : undefined;
      if (record === undefined) continue;
      const content = new Content(key.slice("content/".length));
      content.priority = record.priority;
      if (record.manifest.length > 0) content.learn(record.manifest, this.#ctx.crypto);
      if (record.handle !== "") {
        content.handle = record.handle;
        this.#offer(content, record.leaves);
        this.#tellShared(content);
      } else {
        if (content.manifest !== undefined) content.restoreLeaves(record.leaves, this.#ctx.crypto);
        this.#begin(content);
        this.#restorePieces(content, saved.kept);
        this.#fetchFrom(content, record.sources.map(({ address, ...keys }) => ({ keys, address })));
        // Told once more, since the earlier boot may have ended before it could.
        this.#fetches.get(content)!.report(this.#ctx);
      }
    }
  }

  asked(command: SwarmCommand): void {
    switch (command.name) {
      case "share":
        return this.#share(command);
      case "fetch":
        return this.#fetch(command);
      case "cancel":
        return this.#cancel(command.content);
    }
  }

  received(message: SwarmMessage, from: PeerId, body: Uint8Array | undefined): void {
    const content = this.#find(message.content);
    const trade = content === undefined ? undefined : this.#trades.get(content);
    if (content === undefined || trade === undefined) {
      if (message.kind === "interest") {
        this.#ctx.send(from, { kind: "unknown", content: message.content });
      } else if (message.kind === "block" || message.kind === "has") {
        this.#ctx.send(from, { kind: "leave", content: message.content });
      }
      return;
    }
    if (message.kind === "offer") {
      const fetching = this.#fetches.get(content);
      if (body !== undefined && fetching?.offered(body, from, this.#ctx)) trade.manifestCame();
    } else if (message.kind === "unknown") this.#fetches.get(content)?.unknownTo(from, this.#ctx);
    else trade.received(message, from, body);
    this.uploads.pump(this.#ctx);
    this.#lookSoon();
  }

  joined(peer: PeerId): void {
    for (const fetching of this.#fetches.values()) fetching.joined(peer, this.#ctx);
    for (const trade of this.#trades.values()) trade.joined(peer);
  }

  left(peer: PeerId): void {
    this.uploads.left(peer);
    for (const trade of this.#trades.values()) trade.left(peer);
    for (const fetching of this.#fetches.values()) fetching.left(peer, this.#ctx);
    this.uploads.onRoom();
    this.uploads.pump(this.#ctx);
    this.#lookSoon();
  }

  unreachable(address: string): void {
    for (const fetching of this.#fetches.values()) fetching.unreachable(address, this.#ctx);
  }

  /** The disk takes no more: what was kept stays, the rest is asked for again after a while. */
  refused(key: string, why: Reason): void {
    const [name, part] = key.split("/") as [string, string];
    const isRecord = name === "content";
    const content = this.#contents.get(isRecord ? part : name);
    if (content === undefined) return;
    this.#lookSoon();
    if (isRecord) this.#unsaved.set(content, this.#ctx.now + limits.DISK_PAUSE);
    else {
      const index = content.indexAt(Number(part));
      if (index !== undefined) this.#trades.get(content)?.missed(index);
    }
    const fetching = this.#fetches.get(content);
    if (fetching?.stopped === true) return;
    fetching?.stop(why === "disk-full" ? why : "disk-error", this.#ctx);
    this.#tell({ name: "refused", why: `Cannot keep "${content.manifest?.title}": ${why}` });
  }

  loaded(key: string, bytes: Uint8Array | undefined): void {
    const ctx = this.#ctx;
    const sharing = this.#sharings.find((each) => each.owns(key));
    if (sharing === undefined) return this.uploads.loaded(key, bytes, ctx);
    if (bytes === undefined) {
      this.#sharings.splice(this.#sharings.indexOf(sharing), 1);
      this.#tell({ name: "refused", why: `Cannot share "${sharing.title}": it cannot be read` });
      return;
    }
    sharing.take(key, bytes, ctx);
    if (sharing.done) this.#publish(sharing);
  }

  woke(timer: string): void {
    if (timer.startsWith(PLAN_TIMER)) {
      const content = this.#contents.get(timer.slice(PLAN_TIMER.length));
      if (content !== undefined) this.#trades.get(content)?.source?.gathered(this.#ctx);
    } else this.#tick();
  }

  /** What was here is here no more. */
  #missed(content: Content, index: number): void {
    if (!content.isSource) this.#trades.get(content)?.missed(index);
    else if (!this.#changed.has(content)) {
      this.#changed.add(content);
      const why = `Cannot pass on "${content.manifest?.title}": its files have changed`;
      this.#tell({ name: "refused", why });
    }
  }

  /** While there is room on the uplink, the content that was served least gives the next block. */
  #giveOut(): void {
    const giving = new Set<Trade>();
    for (const trade of this.#trades.values()) if (trade.source !== undefined) giving.add(trade);
    while (giving.size > 0 && this.uploads.underWay.hasRoom) {
      let next: Trade | undefined;
      for (const trade of giving) {
        if (next === undefined || trade.content.served < next.content.served) next = trade;
      }
      if (!next!.source!.give(this.#ctx)) giving.delete(next!);
    }
  }

  #tick(): void {
    if (!this.#looks.isTime()) return;
    for (const trade of this.#trades.values()) trade.tick();
    for (const fetching of this.#fetches.values()) fetching.tick(this.#ctx);
    for (const [content, at] of this.#unsaved) if (this.#ctx.now >= at) this.#saveAgain(content);
    this.uploads.pump(this.#ctx);
    if (this.#isQuiet) this.#looks.later();
    else this.#lookSoon();
  }

  get #isQuiet(): boolean {
    for (const trade of this.#trades.values()) if (!trade.isQuiet) return false;
    return this.#contents.size > 0 && this.#unsaved.size === 0;
  }

  #share({ title, handle, files, priority }: SwarmCommand & { name: "share" }): void {
    const portable = files.map(({ path, bytes }) => ({ path: portablePath(path), bytes }));
    const sharing = new Sharing(title, handle, portable, priority ?? 1);
    const problem = problemWith(sharing.draft) ?? this.#tooMany();
    if (problem !== undefined) {
      this.#tell({ name: "refused", why: `Cannot share "${title}": ${problem}` });
      return;
    }
    if (sharing.done) return this.#publish(sharing);
    this.#sharings.push(sharing);
    sharing.read(this.#ctx);
  }

  #publish(sharing: Sharing): void {
    const at = this.#sharings.indexOf(sharing);
    if (at >= 0) this.#sharings.splice(at, 1);
    const manifest = sharing.manifest(this.#ctx);
    const bytes = encodeManifest(manifest);
    const content = new Content(contentOf(bytes, this.#ctx.crypto));
    content.handle = sharing.handle;
    content.learn(bytes, this.#ctx.crypto);
    const known = this.#contents.get(content.key);
    if (known !== undefined && this.#unsaved.has(known)) this.#saveAgain(known);
    if (known === undefined) {
      content.priority = sharing.priority;
      this.#save(content, [], sharing.leaves);
      this.#offer(content, sharing.leaves);
    }
    this.#tellShared(content);
  }

  #tellShared({ key, handle, manifest }: Content): void {
    if (manifest === undefined || handle === undefined) return;
    const { title, bytes } = manifest;
    this.#tell({ name: "shared", content: key, title, handle, bytes });
  }

  #offer(content: Content, leaves: Uint8Array): void {
    if (content.blocks > 0) content.learnLeaves(leaves, this.#ctx.crypto);
    for (let block = 0; block < content.blocks; block++) content.add(block);
    const trade = this.#begin(content);
    trade.source = new Source(content, this.uploads);
    this.uploads.underWay.isSource = true;
  }

  #fetch({ content: key, sources, priority }: SwarmCommand & { name: "fetch" }): void {
    const known = this.#contents.get(key);
    if (known !== undefined) {
      this.#fetches.get(known)?.add(sources, this.#ctx);
      return;
    }
    const problem = this.#tooMany();
    if (problem !== undefined || unhex(key)?.length !== 32) {
      this.#tell({
        name: "refused",
        why: `Cannot fetch "${key}": ${problem ?? "no such content"}`,
      });
      return;
    }
    const content = new Content(key);
    content.priority = priority ?? 1;
    this.#begin(content);
    this.#save(content, sources);
    this.#tell({ name: "wanted", content: key });
    this.#fetchFrom(content, sources);
  }

  #fetchFrom(content: Content, sources: readonly ContentSource[]): void {
    const fetching = new Fetching(content, () => this.#save(content, fetching.sources));
    this.#fetches.set(content, fetching);
    this.#trades.get(content)!.fetching = fetching;
    fetching.add(sources, this.#ctx);
    this.#lookSoon();
  }

  #cancel(key: string): void {
    const content = this.#contents.get(key);
    if (content === undefined) return;
    this.#trades.get(content)!.end();
    this.#trades.delete(content);
    this.#contents.delete(key);
    this.#fetches.get(content)?.end((peer) => this.uploads.isNeighbour(peer), this.#ctx);
    this.#fetches.delete(content);
    this.#ctx.save(`content/${key}`, undefined);
    if (!content.isSource) {
      for (const block of content.log) {
        this.#ctx.dropKept(content.nameOf(block));
      }
    }
    this.#tell({ name: "cancelled", content: key });
  }

  #begin(content: Content): Trade {
    const trade = new Trade(content, this.uploads, this.#ctx);
    this.#contents.set(content.key, content);
    this.#trades.set(content, trade);
    for (const other of this.#contents.values()) {
      content.served = Math.max(content.served, other.served); // it starts level with the others
    }
    this.#lookSoon();
    return trade;
  }

  /** Pieces that the host found intact need no hashing: it has checked them. */
  #restorePieces(content: Content, kept: readonly string[]): void {
    const prefix = `${content.key}/`;
    for (const key of kept) {
      if (!key.startsWith(prefix)) continue;
      const index = content.indexAt(Number(key.slice(prefix.length)));
      if (index !== undefined) content.add(index);
    }
    this.#trades.get(content)!.restored();
  }

  #save(content: Content, sources: readonly ContentSource[], hashed?: Uint8Array): void {
    const leaves = hashed ?? (content.knowsLeaves ? content.leaves : NONE);
    const record = encodeRecord({
      manifest: content.manifestBytes ?? NONE,
      handle: content.handle ?? "",
      priority: content.priority,
      leaves,
      sources: sources.slice(0, limits.SOURCES).map(({ keys, address }) => ({ ...keys, address })),
    });
    this.#ctx.save(`content/${content.key}`, record);
  }

  #saveAgain(content: Content): void {
    this.#unsaved.delete(content);
    if (this.#contents.get(content.key) !== content) return; // cancelled meanwhile
    if (content.isSource) this.#save(content, []);
    else this.#fetches.get(content)!.save();
  }

  /** By comparing, since building a key for every message costs more than all the rest of it. */
  #find(id: Uint8Array): Content | undefined {
    for (const content of this.#contents.values()) if (sameBytes(content.id, id)) return content;
    return undefined;
  }

  #tooMany(): string | undefined {
    const busy = this.#contents.size + this.#sharings.length;
    return busy < limits.CONTENTS ? undefined : `${limits.CONTENTS} contents are the most at once`;
  }

  /** While anything is shared or fetched there is something to look after. */
  #lookSoon(): void {
    if (this.#contents.size > 0) this.#looks.soon();
  }

  #tell(event: SwarmEventBody): void {
    this.#ctx.tell({ protocol: "swarm", ...event } as SwarmEvent & Command);
  }
}

type SwarmEventBody = SwarmEvent extends infer Each
  ? Each extends SwarmEvent ? Omit<Each, "protocol"> : never
  : never;
