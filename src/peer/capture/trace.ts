import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { canonicalAddress, type Endpoint } from '../../address.ts';
import { lineSplitter } from '../../lines.ts';
import { tracingFolder } from '../../native/mount.ts';
import { isState, type State } from '../../state.ts';
import type { StateChange } from '../notifications.ts';
import { notify } from '../notify.ts';

const event = 'events/sock/inet_sock_set_state';
const tellEveryMs = 20;
const longestTellingMs = 500;

/**
 * The kernel's tracepoint for changes of state, in a separate tracing instance, apart from any other tracing on the machine. The process
 * removes its instance when it ends, and any that a killed process left.
 */
export class StateTrace {
  readonly #folder: string;
  readonly #pipe: number;
  readonly #telling: NodeJS.Timeout;
  readonly #buffer = Buffer.alloc(1 << 16);
  #stateChanges: StateChange[] = [];
  #lines: string[] = [];
  readonly #read = lineSplitter((line) => {
    const change = readTraceLine(line);
    if (change === undefined) return;
    this.#stateChanges.push(change);
    this.#lines.push(line);
  });

  /** @throws SystemCallError EPERM without root */
  constructor() {
    const instances = join(tracingFolder(), 'instances');
    removeLeftovers(instances);
    this.#folder = join(instances, nameOf(process.pid));
    mkdirSync(this.#folder);
    // Registered before anything else can fail.
    process.once('exit', () => this.#remove());
    this.#write('trace_clock', 'mono');
    this.#pipe = openSync(join(this.#folder, 'trace_pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
    this.#telling = setInterval(() => this.tell(), tellEveryMs);
  }

  /** Records connections with one of these ports at either end, from now on. */
  follow(ports: readonly number[]): void {
    // Without a filter it would record every connection of the machine.
    if (ports.length === 0) return;
    const filter = ports.map((port) => `sport == ${port} || dport == ${port}`).join(' || ');
    this.#write(`${event}/filter`, filter);
    this.#write(`${event}/enable`, '1');
  }

  /** Stops recording, and reports everything that was recorded. */
  end(): void {
    this.#write(`${event}/enable`, '0');
    clearInterval(this.#telling);
    this.tell(Number.POSITIVE_INFINITY);
  }

  /** Reports what has been recorded so far. If the record grows faster than it can be read, the rest follows the next time. */
  tell(longestMs = longestTellingMs): void {
    const until = performance.now() + longestMs;
    let size: number;
    do {
      size = this.#take();
      this.#read(this.#buffer.toString('latin1', 0, size));
    } while (size > 0 && performance.now() < until);
    if (this.#stateChanges.length > 0) {
      notify('traceLines', this.#lines);
      notify('stateChanges', this.#stateChanges);
    }
    this.#stateChanges = [];
    this.#lines = [];
  }

  #take(): number {
    try {
      return readSync(this.#pipe, this.#buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }

  #write(file: string, text: string): void {
    writeFileSync(join(this.#folder, file), text);
  }

  #remove(): void {
    this.#write(`${event}/enable`, '0');
    closeSync(this.#pipe);
    rmdirSync(this.#folder);
  }
}

function nameOf(pid: number): string {
  return `tcpclose-${pid}`;
}

function removeLeftovers(instances: string): void {
  for (const name of readdirSync(instances)) {
    const pid = /^tcpclose-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmdirSync(join(instances, name));
  }
}

/** A line of trace_pipe: `node-42 [000] ..s1. 123.456789: inet_sock_set_state: family=AF_INET ... newstate=TCP_FIN_WAIT1`. */
export function readTraceLine(line: string): StateChange | undefined {
  const at = /\s(\d+\.\d+): inet_sock_set_state: /.exec(line)?.[1];
  if (at === undefined) return undefined;
  const fields = new Map(
    [...line.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const ends = endsOf(fields);
  // A socket that listens, or has no peer yet, has port 0; a truncated line has none.
  if (!isPort(ends.local.port) || !isPort(ends.remote.port)) return undefined;
  const ms = Number(at) * 1000;
  if (!Number.isFinite(ms)) return undefined;
  const [from, to] = [stateOf(fields.get('oldstate')), stateOf(fields.get('newstate'))];
  // When a socket is closed after shutdown(), the same change is reported again.
  if (from === to) return undefined;
  return { notBefore: ms, at: ms, processed: null, ...ends, socket: '', from, to };
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65_535;
}

function endsOf(fields: ReadonlyMap<string, string>): { local: Endpoint; remote: Endpoint } {
  const end = (port: string, ipv4: string, ipv6: string): Endpoint => {
    const text = fields.get('family') === 'AF_INET' ? fields.get(ipv4) : fields.get(ipv6);
    return { address: canonicalAddress(text ?? '') ?? '::', port: Number(fields.get(port)) };
  };
  return { local: end('sport', 'saddr', 'saddrv6'), remote: end('dport', 'daddr', 'daddrv6') };
}

/** The tracepoint's CLOSE means no socket, or one without a connection; an accepted one is copied from its listener. */
function stateOf(name = ''): State | null {
  const state = name.replace(/^TCP_/, '');
  return isState(state) && state !== 'LISTEN' ? state : null;
}
