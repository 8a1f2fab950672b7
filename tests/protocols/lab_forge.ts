/** Statements as an attacker makes them: any fields, signed with whatever key it has. */
import { type Identity, SIGNATURE_BYTES } from "../../runtime/core/mod.ts";
import { type Charter, newCharter } from "../../runtime/protocols/lab/charter.ts";
import { newTicket, newWarrant } from "../../runtime/protocols/lab/notary.ts";
import {
  type Announcement,
  type Grant,
  type Line,
  type Publication,
  signedBytes,
  type Statement,
  statementWire,
  type Ticket,
  type Warrant,
} from "../../runtime/protocols/lab/statement.ts";
import * as lab from "../../runtime/protocols/lab/mod.ts";
import { Room, same } from "./lab_room.ts";

/** The latest announcement that a machine has cast. */
export function announcementOf(room: Room, machine: string): Announcement {
  return statementWire.decode(room.get(machine).spoken.at(-1)!) as Announcement;
}

export class Forger {
  readonly me: Identity;

  constructor(readonly room: Room, machine: string) {
    this.me = room.get(machine).identity;
  }

  /** The bytes of any statement, with this forger's signature where one belongs. */
  sign(statement: Statement): Uint8Array {
    const bytes = statementWire.encode(statement);
    if (statement.kind === "grant") return bytes;
    const signature = this.room.crypto.sign(this.me.signSecret, signedBytes(bytes));
    bytes.set(signature, bytes.length - SIGNATURE_BYTES);
    return bytes;
  }

  announcement(fields: Partial<Announcement> & { charter: Charter }): Uint8Array {
    return this.sign({ ...this.#announcement, ...fields });
  }

  publication(fields: Partial<Publication> & { charter: Charter }): Uint8Array {
    return this.sign({ ...this.#publication, ...fields });
  }

  line(fields: Partial<Line> & { charter: Charter }): Uint8Array {
    return this.sign({ ...this.#line, ...fields });
  }

  grant(charter: Charter, warrant: Warrant): Uint8Array {
    const grant: Grant = { kind: "grant", charter, warrant };
    return this.sign(grant);
  }

  /** A delegation to oneself, or to whoever's keys are given, signed by this forger. */
  warrant(charter: Charter, claims: Partial<Warrant> = {}): Warrant {
    const { sign, agree } = this.me.keys;
    const usual = { sign, agree, rights: 3, serial: 1, until: 3600 };
    return newWarrant(charter, { ...usual, ...claims }, this.me, this.room.crypto);
  }

  ticket(charter: Charter, claims: Partial<Ticket> = {}): Ticket {
    const { sign, agree } = this.me.keys;
    const usual = { sign, agree, who: "Eve", issuer: undefined };
    return newTicket(charter, { ...usual, ...claims }, this.me, this.room.crypto);
  }

  /** A session of the forger's own. */
  charter(secretKey?: Uint8Array): Charter {
    const random = { bytes: (length: number) => new Uint8Array(length).fill(7) };
    return newCharter(this.me, secretKey, random as never, this.room.crypto);
  }

  get #announcement(): Omit<Announcement, "charter"> {
    return {
      kind: "announcement",
      warrant: undefined,
      title: "Physics",
      who: "Ms Curie",
      address: "10.0.0.66:1",
      sequence: 1_000_000,
      age: 60,
      lasts: 3600,
      closed: false,
      signature: new Uint8Array(SIGNATURE_BYTES),
    };
  }

  get #publication(): Omit<Publication, "charter"> {
    return {
      kind: "publication",
      warrant: undefined,
      address: "10.0.0.66:1",
      sequence: 1_000_000,
      content: new Uint8Array(32).fill(9),
      title: "virus.exe",
      bytes: 1,
      withdrawn: false,
      signature: new Uint8Array(SIGNATURE_BYTES),
    };
  }

  get #line(): Omit<Line, "charter"> {
    return {
      kind: "line",
      ticket: undefined,
      sequence: 1_000_000,
      text: "Class is cancelled",
      signature: new Uint8Array(SIGNATURE_BYTES),
    };
  }
}

/** What a person at this machine was told since so many events. */
export function news(room: Room, machine: string, since: number): string[] {
  return room.story(machine).slice(since);
}

/** A class with a liar in its mesh: teacher - ana - ben - eve, in a row. */
export function row(): { room: Room; eve: Forger } {
  const room = new Room();
  room.add("teacher", { near: ["ana"] });
  const trust = { authorities: [room.get("teacher").identity.keys.sign] };
  room.add("ana", { trust, near: ["teacher", "ben"] });
  room.add("ben", { trust, near: ["ana", "eve"] });
  room.add("eve", { near: ["ben"], liar: true });
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.ask("ana", lab.join({ who: "ana" }));
  room.ask("ben", lab.join({ who: "ben" }));
  room.run(10);
  same(room.isLinked("eve", "ben"), true, "eve is in the mesh");
  return { room, eve: new Forger(room, "eve") };
}

/** The ticket that a machine was welcomed with. */
export function ticketOf(room: Room, machine: string): Ticket {
  return room.tickets.get(room.peer(machine)) as Ticket;
}
