/** Everything a stranger can make a lab grow or repeat, its bound, and what happens there. */
import { type Micros, millisecond, second } from "../../core/mod.ts";

/** A session's or a file's title, in bytes of UTF-8. Longer ones are malformed. */
export const TITLE_BYTES = 255;

/** What is said to everybody at once, in bytes of UTF-8. Longer ones are refused at the source. */
export const LINE_BYTES = 2_000;

/** A question or an answer, in bytes of UTF-8. Longer ones are refused at the source. */
export const LETTER_BYTES = 4_000;

/** A content's length: 1 TiB. A publication that claims more is malformed. */
export const CONTENT_BYTES = 0x100_0000_0000;

/** Sequence numbers and serials. One a microsecond would last for nine years. */
export const SEQUENCES = 0xffff_ffff_ffff;

/** The longest session, in seconds: a week. A statement that claims more is malformed. */
export const LASTS_SECONDS = 7 * 24 * 3600;

/** A secret shorter than this is refused: with the stretching below, a guess costs 2^72 hashes. */
export const SECRET_CHARACTERS = 12;

/** A secret longer than this, in bytes of UTF-8, is refused: it would be hashed so many times. */
export const SECRET_BYTES = 256;

/** Hashes from a secret to its key. Each device pays them once (4 ms), a guesser for each guess. */
export const STRETCH_ROUNDS = 4_096;

/** Authority keys a device trusts; a further one is refused. */
export const AUTHORITIES = 64;

/** Sessions of trusted authorities known at once; the ended and then the least recent is forgotten. */
export const SESSIONS_TRUSTED = 32;

/** Sessions of authorities nobody vouches for; they only ever push out one another. */
export const SESSIONS_UNKNOWN = 32;

/** Authorities a person is warned about in one boot; further ones are ignored in silence. */
export const WARNINGS = 16;

/** Delegations of a session, revoked ones included; a further one is refused at the source. */
export const GRANTS = 64;

/** Publications and withdrawals of a session's teacher; a further one is refused at the source. */
export const SHELF_TEACHER = 256;

/** The same of one assistant; a further one is passed on by nobody. */
export const SHELF_ASSISTANT = 64;

/** People in a session. The one who said goodbye longest ago makes room; else `too-many`. */
export const ROSTER = 500;

/** Peers told to a newcomer, so that its mesh does not begin at the teacher alone. */
export const SAMPLE = 16;

/** Authors whose lines are told apart from repetitions; the longest silent is forgotten first. */
export const AUTHORS = 512;

/** Recent lines remembered of one author; a line older than all of them is taken for a repetition. */
export const LINES_REMEMBERED = 64;

/** Letters to one peer that wait for it to be here; a further one is refused at the source. */
export const LETTERS_WAITING = 8;

/** Letters from one peer that wait for an answer; a further one stays with its sender until then. */
export const LETTERS_KEPT = 8;

/** Statements in one frame of a catch-up: with their cap they fit a frame's head. */
export const CATCH_UP = 48;

/** A statement that is kept (an announcement, a delegation, a publication): it fits a datagram. */
export const KEPT_STATEMENT_BYTES = 1_024;

/** Signatures remembered as right, so that a warrant or ticket seen again costs a hash. */
export const SIGNATURES = 1_024;

/** Source addresses whose datagrams are counted; the first counted is forgotten first. */
export const SOURCES = 256;

/** Datagrams checked from one address: a teacher sends one a second. Further ones are ignored. */
export const SOURCE_EVERY: Micros = 200 * millisecond;
export const SOURCE_BURST = 10;

/** Datagrams checked from all strangers together: 2 % of one slow core. Further ones are ignored. */
export const STRANGERS_EVERY: Micros = 20 * millisecond;
export const STRANGERS_BURST = 100;

/** Hellos of one peer: each costs a signature. A peer that sends more is hung up. */
export const HELLO_EVERY: Micros = second;
export const HELLO_BURST = 5;

/** Recalls of one peer: each may cost a whole shelf. Further ones are ignored. */
export const RECALL_EVERY: Micros = 10 * second;
export const RECALL_BURST = 3;

/** Frames of statements from one peer: a whole session has 92. Further ones are ignored. */
export const CATCH_UP_EVERY: Micros = second;
export const CATCH_UP_BURST = 100;

/** Letters from one peer. Further ones are not confirmed, so that they come again later. */
export const LETTER_EVERY: Micros = second;
export const LETTER_BURST = 8;

/** Lines of one author, anywhere on their way. Further ones are passed on by nobody. */
export const LINE_EVERY: Micros = 2 * second;
export const LINE_BURST = 10;

/** Publications of one author, anywhere on their way. Further ones come by catch-up. */
export const PUBLICATION_EVERY: Micros = second;
export const PUBLICATION_BURST = 64;

/** A disk that has refused a record is asked again so often. */
export const REPAIR_EVERY: Micros = 2 * second;

/** Files of one person that the swarm is still hashing; the longest waiting is given up. */
export const SHARES_PENDING = 16;

/** Sources that one fetch names: the publisher, the teacher, and some who welcome people. */
export const FETCHED_FROM = 4;

/** Names a device takes note of while one catch-up arrives; what is beyond comes twice. */
export const CATCH_UP_NOTED = 100 * CATCH_UP;
