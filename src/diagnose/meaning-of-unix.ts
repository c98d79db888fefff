import { nameOf } from './advice/stop.ts';
import type { UnixDiagnosis } from './unix/unix-diagnosis.ts';

/** What the state of a Unix socket's name means for bind() and connect(). */
export function meaningOfUnix(diagnosis: UnixDiagnosis): string {
  return [...aboutName(diagnosis), ...aboutQueue(diagnosis), ...aboutLost(diagnosis)].join(' ');
}

function aboutName({ verdict, kind, holders, connect, bind, isThere }: UnixDiagnosis): string[] {
  switch (verdict) {
    case 'held':
      if (holders.length === 0)
        return [
          connect === 'ok' || connect === 'EAGAIN'
            ? 'A process answers there, which is not visible from here: one in another network namespace, or of another user.'
            : `A process has the socket, which is not visible from here (connect: ${connect ?? 'not tried'}).`,
        ];
      return [
        kind === 'path'
          ? 'A process has the socket. bind() fails with EADDRINUSE as long as the file is there, and SO_REUSEADDR does not help.'
          : 'A process has the name, in this network namespace. It is free as soon as the last socket with it is closed.',
      ];
    case 'stale':
      return [
        'The file exists, but no process has it: connect() fails with ECONNREFUSED. Its server ended without removing it, as after SIGKILL. bind() fails with EADDRINUSE until the file is gone.',
      ];
    case 'another file':
      return [
        'What is there is not a socket. bind() fails with EADDRINUSE, and no client can connect to it.',
      ];
    case 'unknown':
      if (!isThere)
        return [
          'This user may not look into its folder, so it is not known whether anything is there. Neither bind() nor connect() is permitted (EACCES).',
        ];
      return [
        'The file is a socket. This user may not connect to it, so it is not known whether a process has it. bind() fails with EADDRINUSE as long as the file is there.',
      ];
    case 'forbidden':
      return [`Nothing is at the path, and bind() fails: ${obstacles[bind ?? ''] ?? bind}.`];
    case 'free':
      return [
        kind === 'path'
          ? 'Nothing is at the path, so bind() can make the socket there since its folder is there and you may write to it. bind() itself was not tried, since it would leave a file.'
          : 'No process has the name: a bind succeeds.',
      ];
  }
}

const obstacles: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write to its folder (EACCES)',
  EROFS: 'its file system is read-only (EROFS)',
  ENOENT: 'its folder does not exist (ENOENT)',
  ENOTDIR: 'a part of the path that must be a folder is a file (ENOTDIR)',
  ELOOP: 'symbolic links in the path form a loop (ELOOP)',
  EINVAL: 'the path is longer than the 107 bytes that the name of a socket may have (EINVAL)',
};

function aboutQueue({ holders }: UnixDiagnosis): string[] {
  const full = holders.find(({ state, waiting, limit }) => state === 'LISTEN' && waiting > limit);
  if (full !== undefined)
    return [
      `Its accept queue is full: ${full.waiting} connections wait, and its limit is ${full.limit}. New clients block, or get EAGAIN.`,
    ];
  const some = holders.find(({ waiting }) => waiting > 0);
  return some === undefined ? [] : [`${some.waiting} connections wait to be accepted.`];
}

function aboutLost({ lost }: UnixDiagnosis): string[] {
  const [first] = lost;
  if (first === undefined) return [];
  const [process] = first.processes;
  const who = process === undefined ? 'A process that is not visible' : nameOf(process);
  return [
    `${who} listens on a socket that was bound to this path and whose file is not what is there now: it was removed, moved or replaced, or belongs to a container. No client reaches it by this path.`,
  ];
}
