import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { fixture, restart } from '../support/restarts.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder('tcpclose-remedies');

interface Remedy {
  readonly cause: string | null;
  /** What the remedy says. */
  readonly says: RegExp;
  readonly options?: readonly string[];
  /** The command that fails. */
  readonly failing: (place: string) => readonly string[];
  /** The same with the remedy applied. */
  readonly repaired: (place: string) => readonly string[];
  /** The options with the remedy applied, if they change. */
  readonly repairedOptions?: readonly string[];
  readonly place?: 'path';
}

const python =
  (name: string, ...args: string[]) =>
  (place: string) => ['python3', fixture(name), place, ...args];
const node =
  (name: string, ...args: string[]) =>
  (place: string) => ['node', fixture(name), place, ...args];
const shell = (script: string) => (place: string) => ['sh', '-c', script.replace('$PORT', place)];
const plain = `node ${fixture('plain.cjs')} $PORT`;
const workers = `python3 ${fixture('workers.py')} $PORT ends-workers`;

const remedies: Readonly<Record<string, Remedy>> = {
  'SO_REUSEADDR, where it was never set': {
    cause: 'no-reuse-address',
    says: /SO_REUSEADDR before bind\(\)/,
    failing: python('plain.py'),
    repaired: python('plain.py', 'before'),
  },
  'SO_REUSEADDR before bind, where it was set after it': {
    cause: 'no-reuse-address',
    says: /SO_REUSEADDR before bind\(\)/,
    failing: python('plain.py', 'after'),
    repaired: python('plain.py', 'before'),
  },
  'SO_REUSEADDR, where a child keeps a connection': {
    cause: 'surviving-connection',
    says: /SO_REUSEADDR before bind\(\)/,
    failing: python('handing-on.py'),
    repaired: python('handing-on.py', 'reuse'),
  },
  'SO_REUSEADDR, where a child kept a connection for a moment': {
    cause: 'surviving-connection',
    says: /SO_REUSEADDR before bind\(\)/,
    options: ['--signal', 'KILL', '--clients-close'],
    failing: (port) => python('lingering.py', join(folder, port))(port),
    repaired: (port) => python('lingering.py', join(folder, `${port}-repaired`), 'reuse')(port),
  },
  'close-on-exec, where another program inherited the listener': {
    cause: 'surviving-listener',
    says: /close-on-exec/,
    failing: python('inheriting.py'),
    repaired: python('inheriting.py', 'close-on-exec'),
  },
  'exec in a wrapper that gets the signal': {
    cause: 'surviving-listener',
    says: /"exec" the server/,
    failing: shell(`${plain}; true`),
    repaired: shell(`exec ${plain}`),
  },
  'a wrapper that passes the signal on': {
    cause: 'surviving-listener',
    says: /pass the signal on and wait/,
    failing: shell(`${plain}; true`),
    repaired: shell(`${plain} & trap 'kill $!; wait' TERM; wait`),
  },
  'exec in a wrapper that is killed': {
    cause: 'surviving-listener',
    says: /"exec" the server/,
    options: ['--signal', 'KILL'],
    failing: shell(`${plain}; true`),
    repaired: shell(`exec ${plain}`),
  },
  'exec, and a signal on which the parent can act, in a wrapper of a server with workers': {
    cause: 'surviving-listener',
    says: /"exec" the server.* a signal on which it ends its workers \(--signal TERM\)/,
    options: ['--signal', 'KILL'],
    failing: shell(`${workers}; true`),
    repaired: shell(`exec ${workers}`),
    repairedOptions: ['--signal', 'TERM'],
  },
  'a parent that ends its workers': {
    cause: 'surviving-listener',
    says: /end the workers, and wait for them/,
    failing: python('workers.py'),
    repaired: python('workers.py', 'ends-workers'),
  },
  'workers that end with their parent': {
    cause: 'surviving-listener',
    says: /PR_SET_PDEATHSIG/,
    options: ['--signal', 'KILL'],
    failing: python('workers.py'),
    repaired: python('workers.py', 'dies-with-parent'),
  },
  'a signal on which the parent can act': {
    cause: 'surviving-listener',
    says: /--signal TERM/,
    options: ['--signal', 'KILL'],
    failing: python('workers.py', 'ends-workers'),
    repaired: python('workers.py', 'ends-workers'),
    repairedOptions: ['--signal', 'TERM'],
  },
  'a signal that is not ignored': {
    cause: 'signal-ignored',
    says: /--signal INT/,
    options: ['--stop-timeout', '1s'],
    failing: python('stubborn.py', 'ignores'),
    repaired: python('stubborn.py', 'ignores'),
    repairedOptions: ['--signal', 'INT'],
  },
  'a handler that ends the server': {
    cause: 'signal-ignored',
    says: /close the listener and exit/,
    options: ['--stop-timeout', '1s'],
    failing: python('stubborn.py', 'handles'),
    repaired: python('stubborn.py', 'exits'),
  },
  'a signal that cannot be blocked': {
    cause: 'signal-ignored',
    says: /--signal KILL/,
    options: ['--stop-timeout', '1s'],
    failing: python('stubborn.py', 'blocks'),
    repaired: python('stubborn.py', 'blocks'),
    repairedOptions: ['--signal', 'KILL'],
  },
  'ending idle connections': {
    cause: 'still-running',
    says: /closeAllConnections/,
    options: ['--stop-timeout', '1s'],
    failing: node('graceful.cjs'),
    repaired: node('graceful.cjs', 'ends-clients'),
  },
  'a limit to the wait': {
    cause: 'still-running',
    says: /limit the wait/,
    options: ['--stop-timeout', '1s'],
    failing: node('graceful.cjs'),
    repaired: node('graceful.cjs', '100'),
    repairedOptions: ['--stop-timeout', '10s'],
  },
  'more time to stop': {
    cause: 'still-running',
    says: /--stop-timeout/,
    options: ['--stop-timeout', '500ms'],
    failing: node('graceful.cjs', '2000'),
    repaired: node('graceful.cjs', '2000'),
    repairedOptions: ['--stop-timeout', '60s'],
  },
  'the same port in every start': {
    cause: null,
    says: /give it the same port in every start/,
    failing: (port) => python('second.py', join(folder, `elsewhere-${port}`), 'goes elsewhere')(port),
    repaired: (port) => python('second.py', join(folder, `same-${port}`), 'goes nowhere else')(port),
  },
  'unlinking the path of a Unix socket': {
    cause: 'exited-otherwise',
    says: /unlink the path before bind/,
    options: ['--signal', 'KILL'],
    failing: node('plain.cjs'),
    repaired: node('plain.cjs', 'unlink'),
    place: 'path',
  },
};

describe.concurrent('what is advised helps: the restart that failed succeeds with it', () => {
  test.each(Object.entries(remedies))('%s', async (_, remedy) => {
    const { cause, says, options = [], failing, repaired, repairedOptions = options } = remedy;
    const place = remedy.place === 'path' ? join(folder, randomUUID()) : String(somePort());
    const [failed] = (await restart(options, failing(place))).runs;
    expect(failed).toMatchObject({ verdict: 'fails', cause });
    expect(failed?.evidence?.remedy).toMatch(says);
    const document = await restart(repairedOptions, repaired(place));
    expect(document.runs).toMatchObject([{ verdict: 'survives', cause: null }]);
  });
});

/** A server whose second start waits until the test has done something in between. */
function interrupted(port: number, then: () => Promise<unknown>): readonly string[] {
  const [first, asks, goesOn] = ['first', 'asks', 'goes-on'].map((name) => join(folder, `${name}-${port}`));
  const waits = `touch ${asks}; while [ ! -e ${goesOn} ]; do sleep 0.02; done`;
  void until('the second start', () => existsSync(`${asks}`))
    .then(then)
    .then(() => writeFileSync(`${goesOn}`, ''));
  return [
    'sh',
    '-c',
    `[ -e ${first} ] && { ${waits}; }; touch ${first}; exec node ${fixture('plain.cjs')} ${port}`,
  ];
}

test("another program's listener: stop it, or give one of them another port", async () => {
  const other = createServer();
  const listenOn = async (port: number) => once(other.listen(port, '127.0.0.1'), 'listening');
  const port = somePort();
  const [failed] = (
    await restart(
      [],
      interrupted(port, () => listenOn(port)),
    )
  ).runs;
  expect(failed).toMatchObject({ verdict: 'fails', cause: 'port-taken-by-other' });
  expect(failed?.evidence?.explanation).toContain(`a listener of process ${process.pid} `);
  expect(failed?.evidence?.remedy).toBe('stop the other program, or give one of them another port');
  await new Promise((resolve) => other.close(resolve));
  const stopped = interrupted(somePort(), async () => {});
  expect((await restart([], stopped)).verdict).toBe('survives');
  const moved = interrupted(somePort(), () => listenOn(somePort()));
  expect((await restart([], moved)).verdict).toBe('survives');
  other.close();
});

describe('a port that the kernel gives to clients', unless(await whyUnmet('namespace')), () => {
  // The first of the range. connect(2) begins with ports of the same parity, here 20; the others are for the clients of tcpclose.
  const port = 30_000;
  const network = (reserved: string) => {
    const settings = `cd /proc/sys/net/ipv4; echo ${port} ${port + 39} > ip_local_port_range; echo ${reserved} > ip_local_reserved_ports`;
    const script = `ip link set lo up; (${settings}); exec "$@"`;
    return { prefix: ['unshare', '--user', '--map-root-user', '--net', 'sh', '-c', script, 'sh'] };
  };
  /** When it is started again, a client beside it connects until it has that port, or has tried for long. */
  const server = (place: number, file: string) => {
    const script = `
      const net = require('net');
      const there = net.createServer().listen(20000, '127.0.0.1', () => more(1));
      const more = (count) => net.connect(20000, '127.0.0.1').on('connect', function () {
        if (this.localPort === ${port} || count === 22) require('fs').writeFileSync('${file}-done', '');
        else more(count + 1);
      });`;
    const waits = `node -e "${script}" & while [ ! -e ${file}-done ]; do sleep 0.02; done`;
    const start = `exec node ${fixture('plain.cjs')} ${place}`;
    return ['sh', '-c', `[ -e ${file} ] && { ${waits}; }; touch ${file}; ${start}`];
  };
  const options = (place: number) => ['--order', 'client-first', '--port', `${place}`];

  test('choose one outside of the range, or reserve it', async () => {
    const file = () => join(folder, randomUUID());
    const [failed] = (await restart(options(port), server(port, file()), network(''))).runs;
    expect(failed).toMatchObject({ verdict: 'fails', cause: 'port-taken-by-other' });
    expect(failed?.evidence?.remedy).toMatch(
      /outside net\.ipv4\.ip_local_port_range, or .*ip_local_reserved_ports/,
    );
    const outside = await restart(options(29_000), server(29_000, file()), network(''));
    expect(outside.verdict).toBe('survives');
    const reserved = await restart(options(port), server(port, file()), network(`${port}`));
    expect(reserved.verdict).toBe('survives');
  });
});
