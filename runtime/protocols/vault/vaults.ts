/** What the owner of a vault does: one job after another, and looking after what is in it between them. */
import {
  type Context,
  hex,
  type Micros,
  type PeerId,
  type Reason,
  unhex,
  utf8,
} from "../../core/mod.ts";
import type { LockCommand, VaultCommand } from "./commands.ts";
import { tell, tileOf } from "./events.ts";
import type { Job, VaultContext } from "./job.ts";
import * as limits from "./limits.ts";
import { Locking } from "./locking.ts";
import { type Content, type Draft, isSame, nameOf, type Part } from "./mapping.ts";
import { Opening } from "./opening.ts";
import type { Owner } from "./owner.ts";
import { Repairing } from "./repairing.ts";
import { isShape } from "./shape.ts";
import { Verifying } from "./verifying.ts";
import type { VaultMessage } from "./wire.ts";

/** The timer that drives a job's deadlines. */
export const TICK = "tick";
/** Letters of a name that is too long. */
const SHOWN = 60;

/** The vault of one node, if it has one. */
export class Vaults {
  job: Job | undefined;
  readonly #waiting: Job[] = [];
  readonly #watchedAt = new Map<string, Micros>();
  /** Shares that were left of a content when that was last told. */
  readonly #left = new Map<string, number>();
  #verifiedAt: Micros = 0;
  readonly #abandoned = new Set<PeerId>();

  constructor(readonly owner: Owner, readonly lostAfter: Micros) {}

  /** Goes on with what was being locked. */
  resume(ctx: VaultContext): void {
    for (const draft of this.owner.drafts.values()) this.#add(new Locking(this.owner, draft), ctx);
  }

  asked(command: VaultCommand, ctx: VaultContext): void {
    const { owner } = this;
    if (command.name === "create") return this.#create(command.secret, ctx);
    if (command.name === "list") return this.#list(ctx);
    if (owner.keys === undefined) {
      return fail(command.name, "impossible", "There is no vault here yet", ctx);
    }
    if (command.name === "lock") return this.#lock(command, ctx);
    if (command.name === "abandon") return void this.#abandoned.add(command.device);
    if (command.name === "verify" && command.content === undefined) {
      for (const content of owner.mapping.contents) this.#add(new Verifying(owner, content), ctx);
      return;
    }
    const content = owner.content(command.content!);
    if (content === undefined) {
      return fail(command.name, "impossible", "There is no such content in the vault", ctx);
    }
    if (command.name === "open") this.#add(new Opening(owner, content), ctx);
    else if (command.name === "verify") this.#add(new Verifying(owner, content), ctx);
    else this.#delete(content, ctx);
  }

  received(
    from: PeerId,
    message: VaultMessage,
    body: Uint8Array | undefined,
    ctx: VaultContext,
  ): void {
    const { owner } = this;
    if (message.kind === "offer") {
      return owner.devices.offered(from, message.free, message.domain, owner.keys, ctx);
    }
    if (owner.keys === undefined) return; // only who has a vault is answered
    if (this.job?.received(from, message, body, ctx) === true) return this.next(ctx);
    switch (message.kind) {
      case "entered":
        if (hex(message.vault) !== hex(owner.keys.vault)) return;
        if (!owner.devices.entered(from, message)) return;
        owner.entered(from, ctx);
        this.job?.tick(ctx);
        break;
      case "mapping":
        owner.recalled(from, body, ctx);
        break;
      case "witnessed":
      case "newer":
        owner.witnessed(from, message, ctx);
        this.job?.tick(ctx);
        break;
      case "dropped":
        owner.dropped(message.share);
        owner.devices.has(from, message.share, undefined);
        break;
      case "lost":
        owner.devices.has(from, message.share, false);
        break;
    }
    this.next(ctx);
  }

  left(peer: PeerId, why: Reason, ctx: VaultContext): void {
    this.owner.devices.left(peer, ctx);
    this.job?.left(peer, why, ctx);
    this.next(ctx);
  }

  tick(ctx: VaultContext): void {
    this.job?.tick(ctx);
    this.next(ctx);
    if (this.job !== undefined) ctx.wake(TICK, limits.TICK);
  }

  /** Begins the next job when one is over. */
  next(ctx: VaultContext): void {
    while (this.job?.isOver !== false) {
      this.job = this.#waiting.shift();
      if (this.job === undefined) return;
      ctx.wake(TICK, limits.TICK);
      this.job.start(ctx);
    }
  }

  /** Looks after what is in the vault: devices that are away are dialled, what is lost is made anew. */
  watch(ctx: VaultContext): void {
    const { owner } = this;
    if (owner.keys === undefined) return;
    owner.saveAgain(ctx);
    owner.devices.reach(owner.mapping.devices, true, ctx);
    if (this.job !== undefined) return;
    owner.tidy(ctx);
    for (const content of owner.mapping.contents) {
      const lost = this.#lostOf(content, ctx), id = hex(content.id);
      const crowded = lost.length === 0 ? this.#crowdedOf(content) : undefined;
      const isTime = ctx.now - (this.#watchedAt.get(id) ?? -Infinity) >= limits.TRY_AGAIN;
      if ((lost.length === 0 && crowded === undefined) || !isTime) continue;
      this.#watchedAt.set(id, ctx.now);
      this.#warn(content, lost, ctx);
      const isSpreading = crowded !== undefined;
      this.#add(new Repairing(owner, content, isSpreading ? [crowded] : lost, isSpreading), ctx);
    }
    if (ctx.now - this.#verifiedAt < limits.VERIFY_EVERY) return;
    this.#verifiedAt = ctx.now;
    for (const content of owner.mapping.contents) this.#add(new Verifying(owner, content), ctx);
  }

  /** Numbers of shares that have no place, or whose device is lost, or says that it has them no more. */
  #lostOf(content: Content, ctx: Context<VaultMessage>): number[] {
    const { devices } = this.owner;
    return content.shares.flatMap((share, number) => {
      if (share === undefined) return [number];
      const { device } = share;
      const isLost = devices.isPresent(device)
        ? devices.of(device)!.shares.get(hex(nameOf(content, number, share))) !== true
        : this.#abandoned.has(device) || devices.awayFor(device, ctx.now) > this.lostAfter;
      return isLost ? [number] : [];
    });
  }

  /** A share whose device has another one of the same content, while some device that is there has none. */
  #crowdedOf({ shares }: Content): number | undefined {
    const used = shares.map((share) => share?.device);
    if (this.owner.devices.present.every((device) => used.includes(device))) return undefined;
    const crowded = used.findIndex((device, number) => used.indexOf(device) < number);
    return crowded < 0 ? undefined : crowded;
  }

  #warn(
    { id, name: title, enough, count }: Content,
    lost: readonly number[],
    ctx: VaultContext,
  ): void {
    const left = count - lost.length, name = hex(id), before = this.#left.get(name);
    this.#left.set(name, left);
    if (left > enough || left === before) return;
    const words = left < enough
      ? `"${title}" cannot be opened: ${left} shares are left, and ${enough} are needed`
      : `"${title}" has no share to spare: another lost device, and it cannot be opened`;
    tell(ctx, { name: "endangered", content: name, title, words });
  }

  #create(secret: Uint8Array, ctx: VaultContext): void {
    const { owner } = this;
    if (secret.length !== 32) return fail("create", "malformed", "A secret has 32 bytes", ctx);
    if (owner.keys !== undefined) {
      return fail("create", "impossible", "There is a vault on this node already", ctx);
    }
    owner.create(secret, ctx);
    owner.devices.reach([], true, ctx);
  }

  #lock(command: LockCommand, ctx: VaultContext): void {
    const { owner } = this, { handle, title, bytes, preview = new Uint8Array(0) } = command;
    const { enough = 0, count = 0 } = command;
    const shape = count === 0 && enough === 0 ? { enough: 2, count: 3 } : { enough, count };
    const isName = title !== "" && utf8(title).length <= limits.NAME_BYTES;
    if (!isShape({ bytes, ...shape }) || preview.length > limits.PREVIEW_BYTES || !isName) {
      const why = isName
        ? `as ${count} shares of which ${enough} open it`
        : "under a name of so many letters";
      const words = `Cannot lock "${title.slice(0, SHOWN)}" ${why}`;
      return tell(ctx, {
        ...{ name: "failed", what: "lock", content: undefined, handle, why: "impossible" },
        ...{ devices: [], words },
      });
    }
    const of = command.part && unhex(command.part.of);
    const part = command.part && { ...command.part, of: of ?? new Uint8Array(0) };
    if (part !== undefined && (!isPart(part) || owner.content(command.part!.of) === undefined)) {
      const words = `Cannot lock a tile of "${title}": it is not in the vault`;
      return tell(ctx, {
        ...{ name: "failed", what: "lock", content: undefined, handle, why: "impossible" },
        ...{ devices: [], words },
      });
    }
    const draft: Draft = {
      part,
      ...{ handle, name: title, bytes, enough, count, preview, attempts: [] },
      id: ctx.random.bytes(32),
      key: ctx.random.bytes(32),
    };
    this.#add(new Locking(owner, draft), ctx);
  }

  #delete(content: Content, ctx: VaultContext): void {
    const { owner } = this, { mapping } = owner, id = hex(content.id);
    const isGone = (each: Content) =>
      each === content || (each.part !== undefined && isSame(each.part.of, content.id));
    const contents = mapping.contents.filter((each) => !isGone(each));
    // The key is gone with the mapping; devices that are away drop their shares when they come.
    const deleted = [content.id, ...mapping.deleted].slice(0, limits.DELETED);
    if (!owner.change({ ...mapping, contents, deleted }, ctx)) return;
    for (const each of mapping.contents.filter(isGone)) {
      each.shares.forEach((share, number) => {
        if (share === undefined) return;
        ctx.send(share.device, { kind: "drop", share: nameOf(each, number, share) });
      });
    }
    tell(ctx, { name: "deleted", content: id, title: content.name });
  }

  #list(ctx: VaultContext): void {
    const { owner } = this, { devices, current } = owner, mapping = current?.mapping;
    const contents = (mapping?.contents ?? []).map((content) => {
      const used = content.shares.flatMap((share) => share === undefined ? [] : [share.device]);
      const { id, name: title, bytes, enough, count, preview } = content;
      const present = used.filter((device) => devices.isPresent(device)).length;
      return {
        content: hex(id),
        title,
        bytes,
        enough,
        count,
        present,
        devices: used,
        preview,
        part: tileOf(content.part),
      };
    });
    const known = new Set([
      ...(mapping?.devices ?? []).map(({ peer }) => peer),
      ...devices.offering,
    ]);
    const listed = [...known].map((device) => ({
      device,
      domain: devices.of(device)?.domain ?? "",
      isPresent: devices.of(device) !== undefined,
      free: devices.of(device)?.free ?? 0,
      faults: devices.faultsOf(device),
      shares: contents.reduce(
        (sum, { devices: used }) => sum + used.filter((each) => each === device).length,
        0,
      ),
    }));
    const vault = owner.keys && hex(owner.keys.vault), version = current?.version ?? 0;
    const locking = [...owner.drafts.values()].map(({ name }) => name);
    tell(ctx, { name: "listed", vault, version, contents, locking, devices: listed });
  }

  #add(job: Job, ctx: VaultContext): void {
    this.#waiting.push(job);
    this.next(ctx);
  }
}

function isPart({ number, columns, rows, width, height }: Part): boolean {
  const isCount = (value: number, most: number) =>
    Number.isInteger(value) && value >= 1 && value <= most;
  return isCount(columns * rows, limits.TILES) && isCount(columns, limits.TILES) &&
    isCount(number + 1, columns * rows) && isCount(width, limits.SIDE) &&
    isCount(height, limits.SIDE);
}

function fail(what: string, why: Reason, words: string, ctx: VaultContext): void {
  tell(ctx, {
    ...{ name: "failed", what, content: undefined, handle: undefined, why, devices: [], words },
  });
}
