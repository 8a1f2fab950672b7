/** Mailboxes: sealed parcels wait with somebody who is there for somebody who is not. */
import type { Context, PeerId, Protocol, Reason, Saved } from "../../core/mod.ts";
import type { MailboxCommand } from "./commands.ts";
import { Customer } from "./customer.ts";
import { Keeper } from "./keeper.ts";
import * as limits from "./limits.ts";
import { type MailboxMessage, mailboxWire } from "./wire.ts";

export interface MailboxOptions {
  /** The protocol whose parcels these are. */
  readonly uses?: string;
  /** Whether this node keeps parcels for others. */
  readonly serves?: boolean;
}

type MailboxContext = Context<MailboxMessage>;
const LOOK = "look", DAY = "day";

/** Keeps parcels for others, if it is to, and uses those who do. */
export function mailbox(options: MailboxOptions = {}): Protocol<MailboxMessage> {
  const { uses = "chat", serves = false } = options;
  let keeper: Keeper, customer: Customer;

  function look(ctx: MailboxContext): void {
    customer.look(ctx);
    if (customer.isBusy) ctx.wake(LOOK, limits.LOOK_EVERY);
  }

  return {
    name: "mailbox",
    code: 6,
    wire: mailboxWire,
    started({ records }: Saved, ctx) {
      keeper = new Keeper(serves);
      customer = new Customer(uses);
      for (const [key, bytes] of records) {
        if (key.startsWith("box/")) customer.restore(bytes);
        else keeper.restore(key, bytes, ctx.now);
      }
      keeper.restored();
      customer.restored(ctx);
      if (customer.isBusy) ctx.wake(LOOK, limits.LOOK_EVERY);
      ctx.wake(DAY, limits.DAY);
    },
    joined(peer, ctx) {
      keeper.joined(peer, ctx);
      customer.joined(peer, ctx);
    },
    left: (peer) => customer.left(peer),
    refused(key: string, _why: Reason) {
      const [box, peer, order] = key.split("/") as [string, PeerId, string];
      if (box === "item") keeper.refused(peer, Number(order));
    },
    woke(timer, ctx) {
      if (timer === LOOK) return look(ctx);
      keeper.aDayLater(ctx);
      ctx.wake(DAY, limits.DAY);
    },
    asked(command, ctx) {
      asked(command as MailboxCommand, keeper, customer, ctx);
      if (customer.isBusy) ctx.wake(LOOK, limits.DIAL_EVERY);
    },
    received: (message, from, _body, ctx) => received(message, from, keeper, customer, ctx),
  };
}

function asked(
  command: MailboxCommand,
  keeper: Keeper,
  customer: Customer,
  ctx: MailboxContext,
): void {
  switch (command.name) {
    case "serve":
      keeper.isServing = command.isOn;
      for (const peer of ctx.peers) keeper.joined(peer, ctx);
      return;
    case "use":
      return customer.use(command.box, ctx);
    case "leave":
      return customer.leave(command.bundle, ctx);
    case "taken":
      return void ctx.send(command.box, { kind: "taken", ids: command.ids });
    case "deposit":
    case "inquire":
      return customer.run(command, ctx);
  }
}

function received(
  message: MailboxMessage,
  from: PeerId,
  keeper: Keeper,
  customer: Customer,
  ctx: MailboxContext,
): void {
  switch (message.kind) {
    case "willing":
      return customer.willing(from, ctx);
    case "open":
      return keeper.open(from, message.bundle, ctx);
    case "full":
      return customer.full(from, ctx);
    case "deposit":
      return keeper.deposit(from, message.to, message.parcels, ctx);
    case "held":
      return customer.held(from, message.to, message.ids, ctx);
    case "declined":
      return customer.declined(from, message.to, ctx);
    case "news":
      return customer.news(from, ctx);
    case "fetch":
      return keeper.fetch(from, message.after, ctx);
    case "items":
      return customer.items(from, message.items, ctx);
    case "taken":
      return keeper.taken(from, message.ids, ctx);
    case "inquire":
      return keeper.inquire(from, message.peer, ctx);
    case "answer":
      return customer.answered(from, message.peer, message.bundle, ctx);
  }
}
