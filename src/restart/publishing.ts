import { findHolders } from '../observe/proc/holders.ts';
import { commandLineOf } from '../observe/processes.ts';
import { type Publisher, publisherIn } from '../observe/publisher.ts';
import { inodesOf, pidsOf, type Target } from './target.ts';

/** The program that publishes the port, and its pid; null if the server itself listens. */
export function publisherOf(target: Target): { readonly pid: number; readonly is: Publisher } | null {
  if (target.kind === 'unix') return null;
  const known = pidsOf(target);
  for (const pid of known.length > 0 ? known : holdersOf(target)) {
    const is = publisherIn(`${commandLineOf(pid)} `);
    if (is !== null) return { pid, is };
  }
  return null;
}

// The proxy of Docker is not below the command, but below Docker's daemon.
function holdersOf(target: Target): number[] {
  const inodes = new Set(inodesOf(target));
  const { byInode } = findHolders((inode) => inodes.has(inode));
  return [...byInode.values()].flatMap((holders) => holders.map(({ pid }) => pid));
}
