import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture, restart } from '../support/restarts.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

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
