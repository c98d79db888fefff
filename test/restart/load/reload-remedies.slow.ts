import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { observed } from '../../support/loads.ts';
import { missing } from '../../support/machine.ts';
import { fixture, restart } from '../../support/restarts.ts';
import { somePort } from '../../support/sockets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-remedies');

type Start = (port: string) => {
  readonly options: readonly string[];
  readonly command: readonly string[];
};

interface Remedy {
  readonly cause: string;
  /** What the remedy says. */
  readonly says: RegExp;
  readonly failing: Start;
  readonly repaired: Start;
  readonly needs?: string;
}

const python = (way: string, ...options: string[]): Start => {
  return (port) => ({ options, command: ['python3', fixture('reloading.py'), port, way] });
};
const passing = (...options: string[]): Start => {
  return (port) => ({ options, command: ['node', fixture('passing.cjs'), port] });
};
const node = (way: string, ...options: string[]): Start => {
  return (port) => ({ options, command: ['node', fixture('unready.cjs'), port, join(folder, port), way] });
};
/** It takes the listener that it is passed; the second start of one that forgets to does not. */
const activated = (second: 'takes it' | 'binds'): Start => {
  return (port) => {
    const command = ['node', fixture('activated.cjs')];
    const options = ['--handover', '--listen-fds', port];
    if (second === 'takes it') return { options, command };
    const flag = join(folder, port);
    const once = `if [ -e ${flag} ]; then exec "$@" 0 ${port}; fi; touch ${flag}; exec "$@"`;
    return { options, command: ['sh', '-c', once, 'sh', ...command] };
  };
};

const remedies: Readonly<Record<string, Remedy>> = {
  'a second start that listens when it is ready': {
    cause: 'second-start-loses',
    says: /only when the server is ready/,
    failing: node('listens early'),
    repaired: node('listens ready'),
  },
  'an answer to what was read before the signal': {
    cause: 'not-answered',
    says: /answer every request that was read/,
    failing: node('holds', '--request-timeout', '800ms'),
    repaired: node('listens ready', '--request-timeout', '800ms'),
  },
  'the pid of the server in the command that reloads it': {
    cause: 'reload-failed',
    says: /\$MAINPID is the pid of the server/,
    failing: python('reads again', '--reload-command', 'kill -HUP "$PID"'),
    repaired: python('reads again', '--reload-command', 'kill -HUP $MAINPID'),
    needs: 'python3',
  },
  'a listener that is opened again after a reload': {
    cause: 'no-answer-after-reload',
    says: /did not open it again/,
    failing: python('closes', '--reload', 'HUP'),
    repaired: python('reopens', '--reload', 'HUP'),
    needs: 'python3',
  },
  'SO_REUSEPORT in both starts': {
    cause: 'taken-by-first',
    says: /set SO_REUSEPORT before bind\(\) in every start/,
    failing: python('reads again', '--handover'),
    repaired: python('shares, drains', '--handover'),
    needs: 'python3',
  },
  'the signal at which it starts its successor': {
    cause: 'no-successor',
    says: /choose the signal that makes it start its successor/,
    failing: passing('--handover', 'WINCH', '--timeout', '6s'),
    repaired: passing('--handover', 'USR2'),
  },
  'a handover by tcpclose where the server starts no successor': {
    cause: 'no-successor',
    says: /or have tcpclose start it \(--handover alone\)/,
    failing: python('shares, drains', '--handover', 'HUP', '--timeout', '6s'),
    repaired: python('shares, drains', '--handover'),
    needs: 'python3',
  },
  'a second start that takes the listener that it is passed': {
    cause: 'listener-not-taken',
    says: /server\.listen\(\{ fd: 3 \}\)/,
    failing: activated('binds'),
    repaired: activated('takes it'),
  },
};

describe.concurrent('each remedy of a reload, a handover and a second start helps', () => {
  test.for(Object.entries(remedies))('%s', async ([, remedy], context) => {
    const { cause, says, failing, repaired, needs } = remedy;
    const why = needs === undefined ? null : missing(needs);
    if (why !== null) return context.skip(why);
    const before = await causesOf(failing);
    expect(before.causes).toContain(cause);
    expect(before.remedyOf(cause)).toMatch(says);
    const after = await causesOf(repaired);
    expect(['survives', 'loses']).toContain(after.verdict);
    expect(after.causes).not.toContain(cause);
  });
});

/** Why a server fails, and why it loses requests. */
async function causesOf(start: Start) {
  const { verdict, cause, evidence, load } = await observed(() => {
    const { options, command } = start(String(somePort()));
    return restart(['--load', 'new=40/s,pooled=4,idle=2', ...options], command);
  });
  const remedyOf = (name: string) =>
    load.losses.find((loss) => loss.cause === name)?.remedy ?? (name === cause ? evidence?.remedy : '');
  return { verdict, remedyOf, causes: [cause, ...load.losses.map((loss) => loss.cause)] };
}
