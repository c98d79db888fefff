/** Services that listen on all addresses, and then as they are told in the advice. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { AuditNetwork, whyNoAuditNetwork } from '../support/audit-network.ts';
import { missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder('services');
const redisFile = join(folder, 'redis.conf');
const redisSettings = `port 6379\nprotected-mode no\nsave ""\ndir ${folder}\n`;

interface Service {
  readonly program: string;
  readonly port: number;
  readonly command: readonly string[];
  /** What is printed of it. */
  readonly advice: RegExp;
  /** The command with what was printed. */
  readonly advised: (setting: string) => readonly string[];
}

const services: readonly Service[] = [
  {
    program: 'redis-server',
    port: 6379,
    command: ['redis-server', redisFile],
    advice: /Redis: (bind .+) in redis\.conf$/,
    advised: (setting) => {
      writeFileSync(redisFile, `${redisSettings}${setting}\n`);
      return ['redis-server', redisFile];
    },
  },
  {
    program: 'memcached',
    port: 11211,
    command: ['memcached', '-u', 'nobody', '-l', '0.0.0.0'],
    advice: /memcached: (-l .+)$/,
    advised: (setting) => ['memcached', '-u', 'nobody', ...setting.split(' ')],
  },
  {
    program: 'node',
    port: 9321,
    command: ['node', '--inspect=0.0.0.0:9321', '-e', 'setInterval(() => {}, 1000)'],
    advice: /a debugger: (--inspect=\S+)$/,
    advised: (setting) => ['node', setting, '-e', 'setInterval(() => {}, 1000)'],
  },
];

describe('a service on all addresses', unless(whyNoAuditNetwork), () => {
  const network = new AuditNetwork();
  const running: ChildProcess[] = [];

  async function start(command: readonly string[], port: number): Promise<ChildProcess> {
    const [file = '', ...args] = [...network.host.prefix, ...command];
    const child = spawn(file, args, { stdio: 'ignore' });
    running.push(child);
    await until(`${command[0]} on port ${port}`, async () => {
      const listening = await network.run('cat', '/proc/net/tcp', '/proc/net/tcp6');
      return new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} \\S+ 0A`).test(listening);
    });
    return child;
  }

  async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  afterEach(() => Promise.all(running.splice(0).map(end)));

  for (const { program, port, command, advice, advised } of services)
    test(
      `listens only on loopback with the printed setting: ${program}`,
      unless(missing(program)),
      async () => {
        writeFileSync(redisFile, `${redisSettings}bind * -::*\n`);
        const child = await start(command, port);
        const { finding } = await network.audit();
        const [step] = finding('all-addresses').steps;
        const setting = advice.exec(step?.text ?? '')?.[1] ?? '';
        expect(setting).not.toBe('');
        await end(child);
        await start(advised(setting), port);
        expect((await network.audit()).kinds).not.toContain('all-addresses');
      },
    );
});
