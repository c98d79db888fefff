import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { UsageError } from '../errors.ts';

/** Inclusive. */
interface PortRange {
  readonly low: number;
  readonly high: number;
}

// What Linux has had since 3.2 if nobody changes it; the choice keeps clear of it in any case.
const usualEphemeral: PortRange = { low: 32_768, high: 60_999 };
const unprivileged: PortRange = { low: 10_000, high: 65_535 };

/** The ports that the kernel gives to outgoing connections of this machine (ip_local_port_range). */
export function ephemeralRange(): PortRange {
  const [low = Number.NaN, high = Number.NaN] = readNumbers('/proc/sys/net/ipv4/ip_local_port_range');
  return Number.isNaN(low) || Number.isNaN(high) ? usualEphemeral : { low, high };
}

function readNumbers(path: string): number[] {
  try {
    return readFileSync(path, 'utf8').trim().split(/\s+/).map(Number);
  } catch {
    return [];
  }
}

/**
 * A port for a server: outside the range of outgoing connections, where a client may sit on it by chance. Where that range
 * leaves none, any unprivileged one.
 */
export function randomPort(): number {
  const taken = [ephemeralRange(), usualEphemeral];
  const low = Math.max(...taken.map((range) => range.high)) + 1;
  const high = Math.min(...taken.map((range) => range.low)) - 1;
  const below = { low: unprivileged.low, high };
  const above = { low, high: unprivileged.high };
  const free = [below, above].filter((range) => range.high > range.low);
  const range = free[randomInt(0, free.length)] ?? unprivileged;
  return randomInt(range.low, range.high + 1);
}

/**
 * Keeps other runs of tcpclose away from a port, by a socket in the abstract namespace that the kernel removes with the
 * process. It says nothing of other programs.
 * @throws UsageError `port-busy` when another run has it
 */
export async function reservePort(port: number): Promise<Server> {
  const lock = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      lock.once('error', reject).listen(`\0tcpclose/port/${port}`, resolve);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new UsageError(
      'port-busy',
      `another tcpclose is at work on port ${port}: wait until it has ended, or choose another port with --port`,
      error,
    );
  }
  return lock.unref();
}

/** From `low` to below `high`. */
function randomInt(low: number, high: number): number {
  return low + Math.floor(Math.random() * (high - low));
}
