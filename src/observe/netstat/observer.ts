import { harmless, harmlessLines } from '../../foreign.ts';
import { failureOf, type ObserverKind, type OpenObserver } from '../observer.ts';
import type { Place } from '../place.ts';
import { findHolders } from '../proc/holders.ts';
import { type Row, uniqueHolders, withHeading } from '../row.ts';
import { parseNetstat } from './parse.ts';

// All states, numeric, with process and timer, with user and inode, and full addresses.
const options = '-tanpoeW';

/** netstat of net-tools: it reads all of /proc/net/tcp and tcp6, so the ports are selected here. */
export const netstat: ObserverKind = {
  label: 'netstat',
  missing: 'netstat of net-tools was not found: install net-tools, or let --observer auto choose another way',
  open,
};

async function open(place: Place, signal?: AbortSignal): Promise<OpenObserver | null> {
  const { stdout, stderr } = await place.run(['netstat', '-V'], signal);
  const version = /net-tools \S+/.exec(stdout + stderr)?.[0];
  // BusyBox has its own netstat, which does not show timers.
  if (version === undefined) return null;
  return {
    version: harmless(version),
    command: (ports) => `netstat ${options} | grep -E ':(${ports.join('|')}) '`,

    async read(ports, signal) {
      const output = await place.run(['netstat', options], signal);
      if (output.exitCode !== 0) throw failureOf('netstat', output, '--observer ss or --observer proc');
      const raw = linesOfPorts(output.stdout, ports);
      const { rows, unread } = withHeading(/^Proto\s+Recv-Q/m, parseNetstat(raw), raw);
      return {
        raw: harmlessLines(raw),
        rows: place.procNet === undefined ? rows : withAllHolders(rows),
        unread,
      };
    },
  };
}

// netstat names only one of the processes that hold a socket.
function withAllHolders(rows: readonly Row[]): Row[] {
  const held = new Set(rows.filter(({ processes }) => processes.length > 0).map(({ inode }) => inode));
  if (held.size === 0) return [...rows];
  const { byInode } = findHolders((inode) => held.has(inode));
  return rows.map((row) => {
    const others = byInode.get(row.inode ?? 0) ?? [];
    return { ...row, processes: uniqueHolders([...row.processes, ...others]) };
  });
}

// Keeps headings. A line that does not look like a socket continues the line above it, whose process name contains a newline.
function linesOfPorts(text: string, ports: readonly number[]): string {
  const wanted = new Set(ports.map(String));
  let keeping = true;
  const kept = text.split('\n').filter((line) => {
    const match = /^tcp6?\s+\d+\s+\d+\s+\S+:(\d+|\*)\s+\S+:(\d+|\*)\s/.exec(line);
    if (match !== null) keeping = wanted.has(match[1] ?? '') || wanted.has(match[2] ?? '');
    return keeping && line.trim() !== '';
  });
  return kept.join('\n');
}
