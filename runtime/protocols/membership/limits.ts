/** Everything of membership that a stranger can make grow, or make happen: its bound, and what happens there. */
import { type Micros, millisecond, minute, second } from "../../core/mod.ts";

/**
 * Contacts that no link has proved; and, apart, contacts that one has. A lab of fifty fits twice. At the
 * bound the oldest of the same kind goes, so strangers never push out a peer that was proved.
 */
export const CONTACTS = 128;

/** Unproved contacts of one host address: half the table stays for others. Further ones are ignored. */
export const CONTACTS_PER_HOST = 64;

/** New cards whose signature is checked, of one host address and in all; others are ignored. */
export const HOST_CHECKS = { burst: 64, perSecond: 4 };
export const CHECKS = { burst: 128, perSecond: 32 };

/** Answers to datagrams, to one host address and in all; beyond, silence. (product.md, 3.2, row 19) */
export const HOST_ANSWERS = { burst: 4, perSecond: 1 };
export const ANSWERS = { burst: 64, perSecond: 20 };

/**
 * The same where a link has proved that a peer lives there. When a busy node falls silent all its
 * neighbours ask, and some of theirs, two or three times a second: who is kept waiting takes it for dead.
 */
export const HOST_PROVED_ANSWERS = { burst: 16, perSecond: 8 };
export const PROVED_ANSWERS = { burst: 256, perSecond: 128 };

/** Host addresses of which that is counted; the one counted first is forgotten first. */
export const HOSTS = 256;

/** Own beacons in a burst of newcomers, and then: the promise of one packet a second. */
export const BEACONS_BURST = 8;
export const BEACONS_PER_SECOND = 1;

/** Contacts in one exchange; longer lists are malformed. */
export const EXCHANGED = 8;

/** Obituaries and cards in one frame; longer lists are malformed. */
export const OBITUARIES = 64;
export const CARDS = 8;

/** Rumours that wait to be spread; further ones are not passed on (others spread them too). */
export const RUMOURS = 1024;

/** Peers remembered as departed; the oldest is forgotten first. */
export const DEPARTED = 256;

/** Doubts about peers, at one time; a further loss is taken on without asking others. */
export const DOUBTS = 256;

/** Probes made for others, at one time, and how many each neighbour may ask for; further ones are ignored. */
export const LOOKS = 64;
export const LOOKS_BURST = 16;
export const LOOKS_PER_SECOND = 8;

/** Random walks that one neighbour may send; further ones end. */
export const WALKS_BURST = 16;
export const WALKS_PER_SECOND = 8;

/** Neighbours that one who is new to the network may ask for in one second, before it is refused. */
export const ASKS_BURST = 16;
export const ASKS_PER_SECOND = 4;

/** Addresses that a person types; further ones are refused. */
export const ANCHORS = 64;

/** Hosts of one sweep (a /22), and datagrams of it a second: a switch hardly notices. */
export const SWEPT_HOSTS = 1024;
export const SWEEP_PER_SECOND = 100;

/** Returning peers that wait to be dialled; further ones beacon again. */
export const RETURNING = 16;

/** Peers remembered as inactive; the oldest is forgotten first. */
export const INACTIVE = 256;

/** How often one restart can refute its own death; then it stays unknown to those who believe it. */
export const REVISIONS = 1 << 20;
export const INCARNATION = 0x8000_0000 * REVISIONS;

/** A network in which a node knows so many peers counts as large: fewer neighbours are enough. */
export const LARGE_NETWORK = 96;

/** Every so often a node looks after its neighbours: beats, silence, growth. */
export const PULSE: Micros = 500 * millisecond;

/** Neighbours that watch a node hear it each pulse, the others as seldom as this. */
export const FAR_PULSE: Micros = 2 * second;

/** A busy node knows its own pulses to be late by at most this, and promises them so much later; a longer pace is cut. */
export const LAG: Micros = 2 * second;
export const SLOW_PULSE: Micros = FAR_PULSE + LAG;

/** A neighbour that is so late (a missed beat and a bit) is in doubt: a further one is sought. */
export const WAVERING: Micros = 400 * millisecond;

/**
 * A neighbour that is so late is dead. A stall of 2 s that begins just before a beat of a watched peer is
 * silent for 2.5 s; the goal is 3 s.
 */
export const SILENCE: Micros = 2300 * millisecond;

/**
 * Of a neighbour as silent as this others may say that it is dead: it is asked at once then, and has so
 * long to answer. Silence of a watcher and this, together, stay under 3 s.
 */
export const BELIEVED: Micros = 2200 * millisecond;
export const RUMOURED: Micros = 120 * millisecond;

/** A link on which nothing arrives for so long is given up, even if the peer answers datagrams. */
export const LINK_SILENCE: Micros = 10 * second;

/** A peer whose process seems to have ended has so long to answer. */
export const CONFIRMATION: Micros = 250 * millisecond;

/** An own wake-up that is this late was a stall of ours: nobody else is to blame. */
export const LATE: Micros = 100 * millisecond;

/** After a stall, what others said in the meantime is read by now. */
export const CATCHING_UP: Micros = 300 * millisecond;

/** A stall this long was the sleep of a whole machine: links and what was on them may be lost. */
export const SLEEP: Micros = 5 * second;

/** A contact that could not be had as a neighbour is not tried again before; twice as long each time nobody answers. */
export const RETRY: Micros = 5 * second;
export const RETRY_DOUBLINGS = 4;

/** A contact that cannot be dialled is forgotten if it was not heard for so long. */
export const UNHEARD: Micros = 90 * second;

/** Typed addresses are dialled again after this, and twice as long each time, up to a minute. */
export const ANCHOR_RETRY: Micros = 2 * second;
export const ANCHOR_RETRY_MOST: Micros = minute;
