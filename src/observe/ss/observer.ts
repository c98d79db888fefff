import { harmless, harmlessLines } from '../../foreign.ts';
import { failureOf, type ObserverKind, type OpenObserver } from '../observer.ts';
import type { Place } from '../place.ts';
import { withHeading } from '../row.ts';
import { parseSs } from './parse.ts';

// All states, numeric, with process and timer, and with uid, inode and cookie.
const options = '-tanpoe';

/** ss of iproute2: asks sock_diag, and lets the kernel select the ports. */
export const ss: ObserverKind = {
  label: 'ss',
  missing: 'ss was not found: install iproute2, or let --observer auto choose another way',
  open,
};

async function open(place: Place, signal?: AbortSignal): Promise<OpenObserver | null> {
  const { exitCode, stdout } = await place.run(['ss', '-V'], signal);
  if (exitCode !== 0) return null;
  return {
    version: harmless(/iproute2-\S+/.exec(stdout)?.[0] ?? stdout.trim()),
    command: commandOf,

    async read(ports, signal) {
      const output = await place.run(['ss', options, filter(ports)], signal);
      if (output.exitCode !== 0) throw failureOf('ss', output, '--observer netstat or --observer proc');
      const raw = output.stdout.trimEnd();
      return { raw: harmlessLines(raw), ...withHeading(/^State\s+Recv-Q/m, parseSs(raw), raw) };
    },
  };
}

/** The command that prints the sockets of these ports. */
export function commandOf(ports: readonly number[]): string {
  return `ss ${options} '${filter(ports)}'`;
}

function filter(ports: readonly number[]): string {
  return `( ${ports.map((port) => `sport = :${port} or dport = :${port}`).join(' or ')} )`;
}
