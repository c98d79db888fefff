import { createServer, type Server } from 'node:net';
import { UsageError } from '../../errors.ts';
import { ownSysctl, parsePortRange } from '../../observe/sysctl.ts';
import type { Teardown } from '../teardown.ts';

/** Both ends included. */
type PortRange = readonly [low: number, high: number];

// Linux's default since 3.2; ports are chosen outside it in any case.
const usualEphemeral: PortRange = [32_768, 60_999];
const unprivileged: PortRange = [10_000, 65_535];

/** Where servers may listen: outside the ephemeral range, in which a client may have a port by chance. */
function serverRange(): PortRange {
  const ephemeral = parsePortRange(ownSysctl('net.ipv4.ip_local_port_range')) ?? usualEphemeral;
  const taken = [...ephemeral, ...usualEphemeral];
  const below: PortRange = [unprivileged[0], Math.min(...taken) - 1];
  const above: PortRange = [Math.max(...taken) + 1, unprivileged[1]];
  const size = ([low, high]: PortRange) => high - low;
  const wider = size(below) > size(above) ? below : above;
  // If clients may get every port, no port is better than another.
  return size(wider) > 100 ? wider : unprivileged;
}

function randomPort(): number {
  const [low, high] = serverRange();
  return low + Math.floor(Math.random() * (high - low + 1));
}

/** Candidate ports for servers, from a random one on. */
export function serverPorts(count: number): number[] {
  const [low, high] = serverRange();
  const size = high - low + 1;
  const start = Math.floor(Math.random() * size);
  return Array.from({ length: Math.min(count, size) }, (_, i) => low + ((start + i) % size));
}

/**
 * Reserves a port against other runs of tcpclose, by a socket in the abstract namespace, which the kernel removes with the process. It does
 * not affect other programs.
 * @throws UsageError `port-busy` if another run has it
 */
async function reservePort(port: number): Promise<Server> {
  const lock = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      lock.once('error', reject).listen(`\0tcpclose/port/${port}`, resolve);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new UsageError(
      'port-busy',
      `another tcpclose uses port ${port}: wait until it ends, or choose another port with --port`,
      error,
    );
  }
  return lock.unref();
}

/** The ports of one run, which no other run of tcpclose can take during it. */
export class Ports {
  readonly #teardown: Teardown;
  readonly #onTaken: (all: readonly number[]) => Promise<void>;
  readonly #reserved = new Set<number>();

  /** @param onTaken is awaited before a port that is new to the run is used */
  constructor(teardown: Teardown, onTaken: (all: readonly number[]) => Promise<void> = async () => {}) {
    this.#teardown = teardown;
    this.#onTaken = onTaken;
  }

  get all(): readonly number[] {
    return [...this.#reserved];
  }

  /** A port that no other run of tcpclose has; other programs may have it. */
  async takeAny(): Promise<number> {
    for (;;) {
      const port = randomPort();
      if (this.#reserved.has(port)) continue;
      try {
        await this.take(port);
        return port;
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
      }
    }
  }

  /** Takes this port. The run may already have it, because servers are restarted on their ports. */
  async take(port: number): Promise<void> {
    if (port === 0 || this.#reserved.has(port)) return;
    this.#reserved.add(port);
    try {
      const lock = await reservePort(port);
      this.#teardown.add(() => void lock.close());
      await this.#onTaken(this.all);
    } catch (error) {
      this.#reserved.delete(port);
      throw error;
    }
  }
}
