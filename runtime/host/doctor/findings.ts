/** Why can't I see the other device: what the evidence says, and what to do about it. */
import type { Interface } from "../net/mod.ts";

/** What was found out about this machine and what is around it. */
export interface Evidence {
  readonly interfaces: readonly Interface[];
  /** Who holds the port: nobody, the node of this folder, or another program. */
  readonly port: { readonly number: number; readonly heldBy: "nobody" | "our node" | "another" };
  /** Addresses of this machine from which a beacon of its own was heard. */
  readonly ownBeacons: readonly string[];
  /** A socket could hear at the port of beacons. */
  readonly hearsBeacons: boolean;
  /** Addresses of other machines from which beacons were heard, and how long it was listened. */
  readonly others: readonly string[];
  readonly listenedSeconds: number;
  readonly disk: { readonly folder: string; readonly freeBytes: number; readonly why?: string };
  /** The machine's clock. */
  readonly now: Date;
}

/** One sentence, and where it is a trouble, one that says what to do. */
export interface Finding {
  readonly kind: "good" | "note" | "trouble";
  readonly about: string;
  readonly what: string;
  readonly advice?: string;
}

/** Before this was released no clock is right. */
const EARLIEST_YEAR = 2026;
const LEAST_FREE_BYTES = 1_000_000_000;

/** Everything worth saying, in the order in which things are needed. */
export function findingsOf(evidence: Evidence): readonly Finding[] {
  return [
    ...interfacesOf(evidence),
    portOf(evidence),
    ...beaconsOf(evidence),
    clockOf(evidence),
    diskOf(evidence),
  ];
}

function interfacesOf({ interfaces }: Evidence): Finding[] {
  const about = "network";
  const outward = interfaces.filter(({ kind }) => kind === "wired" || kind === "wireless");
  const given = outward.filter(({ address }) => !/^(169\.254\.|fe80:)/i.test(address));
  const found: Finding[] = [];
  if (outward.length === 0) {
    found.push({
      ...{ kind: "trouble", about, what: "This machine is in no network" },
      advice:
        "Switch Wi-Fi on, or plug a cable in. A phone's hotspot will do: no internet is needed",
    });
  } else if (given.length === 0) {
    found.push({
      ...{ kind: "note", about, what: "The network gives out no addresses" },
      advice:
        "It works all the same between machines that are like this one. Else restart the router",
    });
  } else {
    const places = given.map(({ name, address }) => `${address} (${name})`).join(", ");
    found.push({ kind: "good", about, what: `Others reach this machine at ${places}` });
  }
  const tunnels = [
    ...new Set(interfaces.filter(({ kind }) => kind === "vpn").map((each) => each.name)),
  ];
  if (tunnels.length > 0) {
    found.push({
      ...{ kind: "note", about, what: `A VPN is on (${tunnels.join(", ")})` },
      advice: "Some of them cut a machine off from its own room: end it if the others stay unseen",
    });
  }
  return found;
}

function portOf({ port: { number, heldBy } }: Evidence): Finding {
  const about = "port";
  if (heldBy === "our node") {
    return { kind: "good", about, what: `Your node is running, at port ${number}` };
  }
  if (heldBy === "nobody") return { kind: "good", about, what: `Port ${number} is free` };
  return {
    ...{ kind: "note", about, what: `Another program holds port ${number}` },
    advice:
      "The node takes the next free one, and says which: only a link typed by hand must name it",
  };
}

function beaconsOf(evidence: Evidence): Finding[] {
  const { hearsBeacons, ownBeacons, others, listenedSeconds, interfaces } = evidence;
  const about = "beacons";
  if (!hearsBeacons) {
    return [{
      ...{ kind: "trouble", about, what: "Another program keeps the port of beacons to itself" },
      advice: "End it, or give everybody in the room the same other --discovery-port",
    }];
  }
  const found: Finding[] = [];
  const isOutward = interfaces.some(({ kind }) => kind === "wired" || kind === "wireless");
  if (isOutward && ownBeacons.length === 0) {
    found.push({
      ...{ kind: "trouble", about, what: "This machine does not hear its own beacons" },
      advice: `A firewall drops them: ${firewallOf(Deno.build.os)}`,
    });
  }
  if (others.length > 0) {
    const list = others.slice(0, 5).join(", ");
    const more = others.length > 5 ? ` and ${others.length - 5} more` : "";
    found.push({ kind: "good", about, what: `Others are heard here: ${list}${more}` });
  } else if (isOutward) {
    found.push({
      kind: "note",
      about,
      what: `Nobody else was heard in ${listenedSeconds} seconds`,
      advice:
        "If somebody is there: the same Wi-Fi? Guest networks and many schools keep devices " +
        "apart (AP isolation). Then type the address that the teacher's screen shows, " +
        "deno task node join ADDRESS; where that fails too, a phone's hotspot has no such wall",
    });
  }
  return found;
}

function firewallOf(os: typeof Deno.build.os): string {
  if (os === "windows") return "allow Deno in Windows Security, for private networks";
  if (os === "darwin") return "allow Deno in System Settings, Network, Firewall";
  return "allow UDP and TCP of the port, for example: sudo ufw allow 45454";
}

function clockOf({ now }: Evidence): Finding {
  const about = "clock";
  if (now.getFullYear() >= EARLIEST_YEAR) {
    return { kind: "good", about, what: `The clock says ${now.toISOString().slice(0, 16)}Z` };
  }
  return {
    ...{ kind: "trouble", about, what: `The clock says ${now.toISOString().slice(0, 10)}` },
    advice: "Set it: sessions have an end, and a clock that is years off takes each for over",
  };
}

function diskOf({ disk: { folder, freeBytes, why } }: Evidence): Finding {
  const about = "disk";
  if (why !== undefined) {
    return {
      ...{ kind: "trouble", about, what: `Nothing can be kept in ${folder}: ${why}` },
      advice: "Make the folder writable, or name another one with --folder",
    };
  }
  const free = `${(freeBytes / 1e9).toFixed(1)} GB`;
  if (freeBytes >= LEAST_FREE_BYTES) {
    return { kind: "good", about, what: `${free} are free for ${folder}` };
  }
  return {
    ...{ kind: "trouble", about, what: `Only ${free} are free for ${folder}` },
    advice: "Delete something: a file is refused where it has no room",
  };
}
