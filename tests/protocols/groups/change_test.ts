/** Who is in a group: what counts, what does not, and that the order of arrival does not matter. */
import assert from "node:assert/strict";
import { hex, identityFrom, type PeerId, Stream, utf8 } from "../../../runtime/core/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import {
  Chain,
  type Change,
  changeOf,
  hashOf,
  type Kind,
  NOTHING,
} from "../../../runtime/protocols/groups/change.ts";
import * as limits from "../../../runtime/protocols/groups/limits.ts";

function person(name: string) {
  const identity = identityFrom(noble.sha256(utf8(name)), noble);
  const ctx = { identity, crypto: noble, random: new Stream(name) };
  const { peer } = identity;
  return {
    peer,
    make: (kind: Kind, subject: PeerId, previous: Uint8Array = NOTHING, title = "") =>
      changeOf(
        { group: new Uint8Array(limits.GROUP_BYTES), previous, kind, subject, title },
        ctx,
      ),
  };
}

const [ana, ben, cleo, eve] = ["ana", "ben", "cleo", "eve"].map(person);
const first = ana!.make("create", ana!.peer, NOTHING, "Room");
const after = (change: Change) => hashOf(change, noble);
const withBen = ana!.make("add", ben!.peer, after(first));
const benAdmin = ana!.make("admin", ben!.peer, after(withBen));

/** A chain that has heard of these, in this order. */
function chainOf(...changes: readonly Change[]): Chain {
  const chain = new Chain(noble);
  for (const change of changes) chain.add(change);
  return chain;
}

const membersOf = (chain: Chain) => [...chain.roster?.members.keys() ?? []];

Deno.test("admins add, promote and remove; everybody may leave; others may do nothing", () => {
  const chain = chainOf(first, withBen);
  assert.deepEqual(membersOf(chain), [ana!.peer, ben!.peer]);
  chain.add(ben!.make("add", cleo!.peer, after(withBen)));
  assert.deepEqual(membersOf(chain), [ana!.peer, ben!.peer], "Ben is no admin");
  chain.add(eve!.make("leave", ben!.peer, after(withBen)));
  chain.add(eve!.make("create", eve!.peer, after(withBen)));
  assert.equal(membersOf(chain).length, 2, "nobody leaves for somebody else");
  chain.add(benAdmin);
  const leaving = ana!.make("leave", ana!.peer, after(benAdmin));
  chain.add(leaving);
  assert.deepEqual(membersOf(chain), [ben!.peer]);
  chain.add(ben!.make("add", cleo!.peer, after(leaving)));
  assert.deepEqual(membersOf(chain), [ben!.peer, cleo!.peer]);
});

Deno.test("two changes at once: everybody takes the one with the lower hash, in every order of arrival", () => {
  const one = ana!.make("add", cleo!.peer, after(benAdmin));
  const other = ben!.make("add", eve!.peer, after(benAdmin));
  const further = ben!.make("remove", ana!.peer, after(other));
  const changes = [first, withBen, benAdmin, one, other, further];
  const winner = [one, other].sort((a, b) => hex(after(a)) < hex(after(b)) ? -1 : 1)[0]!;
  const rosters = new Set<string>();
  for (let nth = 0; nth < 200; nth++) {
    const random = new Stream(`order ${nth}`);
    const order = changes.map((change) => ({ change, at: random.u32() }))
      .sort((a, b) => a.at - b.at).map(({ change }) => change);
    rosters.add(membersOf(chainOf(...order)).join());
  }
  assert.equal(rosters.size, 1);
  const chain = chainOf(...changes);
  assert.ok(chain.at(hex(after(winner))) !== undefined);
  const loser = winner === one ? ben! : ana!;
  assert.ok(chain.lost(loser.peer).length > 0, "and who lost knows it");
});

Deno.test("a changed byte, another signer, and a change too many do not count", () => {
  const chain = chainOf(first);
  const forged = { ...withBen, body: { ...withBen.body, subject: eve!.peer } };
  assert.equal(chain.add(forged), false);
  assert.equal(chain.add({ ...withBen, signature: first.signature }), false);
  const stolen = eve!.make("add", eve!.peer, after(first));
  assert.equal(chain.add({ ...stolen, body: { ...stolen.body, sign: first.body.sign } }), false);
  assert.equal(chain.add(withBen), true);
  assert.equal(chain.add(withBen), false, "twice is once");
  const flood = new Chain(noble);
  let taken = 0;
  for (let nth = 0; nth < limits.CHANGES + 10; nth++) {
    if (flood.add(eve!.make("add", ben!.peer, after(first)))) taken++;
  }
  assert.equal(taken, limits.CHANGES);
});

Deno.test("a group has room for 250, and the 251st is not in it", () => {
  const chain = chainOf(first);
  for (let nth = 0; nth < limits.MEMBERS + 5; nth++) {
    const subject = nth.toString(16).padStart(64, "0") as PeerId;
    chain.add(ana!.make("add", subject, Uint8Array.fromHex(chain.roster!.hash)));
  }
  assert.equal(membersOf(chain).length, limits.MEMBERS);
});
