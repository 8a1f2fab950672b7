/** Announcing a session: often at first, then now and then; near by datagram, far by mesh. */
import { type Micros, second } from "../../core/mod.ts";
import { say } from "../mesh/mod.ts";
import { type Claim, stated } from "./notary.ts";
import type { LabContext, Room } from "./room.ts";
import { type Announcement, TOPIC } from "./statement.ts";

const TIMER = "beat";
/** A class comes in within its first seconds; later a newcomer can wait for as long as a link takes. */
const FIRST_BEATS = 10;
const FIRST_EVERY: Micros = second;
const LATER_EVERY: Micros = 4 * second;
/** Every node passes on what comes by mesh, so that is for other subnets only. */
const MESH_EVERY: Micros = 30 * second;

export class Beacon {
  #beats = 0;
  #meshAt: Micros = 0;

  constructor(readonly room: Room) {}

  start(ctx: LabContext): void {
    this.#beats = 0;
    this.#meshAt = ctx.now;
    this.beat(ctx);
  }

  stop(ctx: LabContext): void {
    ctx.calm(TIMER);
  }

  /** One announcement; the next follows by itself. */
  beat(ctx: LabContext): void {
    const claim = this.announce(false, ctx);
    ctx.cast("everyone", claim.bytes);
    if (ctx.now >= this.#meshAt) {
      this.#meshAt = ctx.now + MESH_EVERY;
      ctx.ask(say(TOPIC, claim.bytes));
    }
    const every = this.#beats++ < FIRST_BEATS ? FIRST_EVERY : LATER_EVERY;
    const quarter = every / 4;
    ctx.wake(TIMER, every - quarter + ctx.random.below(2 * quarter));
  }

  /** A new announcement, heard here first. The last one of a session says that it is closed. */
  announce(closed: boolean, ctx: LabContext): Claim<Announcement> {
    const { session, means } = this.room;
    const { charter, title, who, lasts } = session;
    const isTeacher = ctx.self === session.teacher;
    const age = Math.min(session.age(ctx.now), lasts);
    if (isTeacher) means.ages.cover(age, ctx);
    const claim = stated<Announcement>(
      {
        kind: "announcement",
        charter,
        warrant: isTeacher ? undefined : session.grants.of(ctx.self),
        title,
        who,
        address: ctx.address,
        sequence: means.beats.next(ctx),
        age,
        lasts,
        closed,
      },
      ctx.identity,
      ctx.crypto,
    );
    session.hear(claim, ctx.now);
    return claim;
  }
}
