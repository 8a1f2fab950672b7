/** All that can be seen of a node at one moment, for scripts: `status --json`. */
import type { Content, Progress } from "./board.ts";
import type { Service } from "./service.ts";

export type Snapshot = ReturnType<typeof snapshotOf>;

/** Plain data: nothing in it changes afterwards. */
export function snapshotOf({ about, board }: Service) {
  return {
    ...about,
    session: board.session === undefined ? undefined : {
      session: board.session.session,
      title: board.session.title,
      teacher: board.session.teacher,
      isTeacher: board.isTeacher,
    },
    sessions: [...board.sessions.values()].map(({ session, title, teacher, address, trusted }) => ({
      session,
      title,
      teacher,
      address,
      trusted,
    })),
    roster: [...board.roster].map(([peer, who]) => ({ peer, who })),
    contacts: [...board.contacts.values()].map((contact) => ({
      ...contact,
      who: board.nameOf(contact.peer),
    })),
    contents: [...board.contents.values()].map((content) => ({
      ...contentOf(content),
      others: [...content.others].map(([peer, progress]) => ({
        peer,
        who: board.nameOf(peer),
        ...progressOf(progress),
      })),
    })),
    rooms: [...board.rooms.values()],
    devices: board.ownDevices,
    asking: [...board.asking].map(([peer, who]) => ({ peer, who })),
    lines: board.talk.lines,
  };
}

function contentOf({ content, title, bytes, role, state, own, paths }: Content) {
  return { content, title, bytes, role, state, paths, ...progressOf(own) };
}

function progressOf({ bytes, speed, why }: Progress) {
  return { have: bytes, bytesPerSecond: Math.round(speed), ...(why === undefined ? {} : { why }) };
}
