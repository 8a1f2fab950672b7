/** The list of what a node does. Adding a feature is one folder and one line here. */
import type { AnyProtocol } from "../core/mod.ts";
import { chat, type ChatOptions } from "./chat/mod.ts";
import { directory, type DirectoryOptions } from "./directory/mod.ts";
import { groups } from "./groups/mod.ts";
import { lab, type LabOptions } from "./lab/mod.ts";
import { mailbox, type MailboxOptions } from "./mailbox/mod.ts";
import { membership, type MembershipOptions } from "./membership/mod.ts";
import { mesh } from "./mesh/mod.ts";
import { swarm, type SwarmOptions } from "./swarm/mod.ts";
import { vault, type VaultOptions } from "./vault/mod.ts";

export interface Options {
  readonly membership?: MembershipOptions;
  readonly lab?: LabOptions;
  readonly swarm?: SwarmOptions;
  readonly chat?: ChatOptions;
  readonly mailbox?: MailboxOptions;
  readonly directory?: DirectoryOptions;
  readonly vault?: VaultOptions;
}

/** Everything that a node of this version does. A fresh list for each start: protocols remember. */
export function all(options: Options = {}): AnyProtocol[] {
  return [
    membership(options.membership),
    mesh({ guarded: ["lab"] }),
    lab(options.lab),
    swarm(options.swarm),
    chat(options.chat),
    mailbox(options.mailbox),
    directory(options.directory),
    groups(),
    vault(options.vault),
  ];
}

export * as chat from "./chat/mod.ts";
export * as directory from "./directory/mod.ts";
export * as groups from "./groups/mod.ts";
export * as lab from "./lab/mod.ts";
export * as mailbox from "./mailbox/mod.ts";
export * as membership from "./membership/mod.ts";
export * as mesh from "./mesh/mod.ts";
export * as swarm from "./swarm/mod.ts";
export * as vault from "./vault/mod.ts";
