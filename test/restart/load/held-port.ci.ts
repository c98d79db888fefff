import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { missing } from '../../support/machine.ts';
import { readProc, tcpclose } from '../../support/program.ts';
import { fixture, restart } from '../../support/restarts.ts';
import { unless } from '../../support/skips.ts';
import { somePort } from '../../support/sockets.ts';
import { until } from '../../support/until.ts';

const load = 'new=30/s,pooled=4,idle=2';
const lacks = missing('python3');

const ends = atEnd();

function python(...words: string[]): number {
  const child = spawn('python3', words, { stdio: ['pipe', 'ignore', 'ignore'] });
  ends.push(() => child.kill('SIGKILL'));
  return child.pid ?? 0;
}

const listens = (port: number) =>
  readProc('net/tcp').includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`);

describe.concurrent('a port that another program holds', () => {
  test.for<[string[]]>([
    [['restart', '--load', load]],
    [['restart', '--load', load, '--handover']],
    [['restart', '--load', load, '--reload', 'HUP']],
    [['restart', '--load', load, '--port', 'PORT', '--timeout', '3s', 'stays']],
    [['idle', '--port', 'PORT', '--timeout', '3s', 'stays']],
    [['idle']],
  ])('%j names it, and sends it nothing', async ([words]) => {
    let connections = 0;
    const holder = createServer((socket) => {
      connections++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const port = String((holder.address() as AddressInfo).port);
    const server = ['node', fixture('logged.cjs'), port, '/dev/null', 'keep'];
    const stays = ['sh', '-c', '"$@" 2>/dev/null; sleep 60', 'sh', ...server];
    const options = words.filter((word) => word !== 'stays').map((word) => (word === 'PORT' ? port : word));
    const command = words.includes('stays') ? stays : server;
    const { stdout, stderr, status } = await tcpclose([...options, '--', ...command]);
    holder.close();
    expect({ stdout, status, connections }).toEqual({ stdout: '', status: 2, connections: 0 });
    expect(stderr.trimEnd().split('\n').at(-1)).toContain(`port ${port} is held by process ${process.pid} (`);
  });

  test.for<[string[]]>([
    [['restart', '--load', load]],
    [['restart', '--load', load, '--handover']],
    [['idle', '--request', 'x']],
  ])('%j: one that shares it would get requests, too', unless(lacks), async ([options]) => {
    const server = [fixture('reloading.py'), String(somePort()), 'shares, drains'];
    const pid = python(...server);
    await until('it to listen', () => listens(Number(server[1])));
    const { stdout, stderr, status } = await tcpclose([...options, '--', 'python3', ...server]);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(
      new RegExp(
        `^tcpclose: port ${server[1]} is shared with process ${pid} \\(.*\\), which the command did not start: requests would reach that, too; stop it, or give the server another port\n$`,
      ),
    );
  });

  test.for([
    ['the second start', [], ['node', fixture('logged.cjs'), 'PORT', '/dev/null', 'keep', '1500']],
    ['a reload', ['--reload', 'HUP'], ['python3', fixture('reloading.py'), 'PORT', 'reopens']],
  ] as const)(
    'one that takes it before %s listens is named, and gets no load',
    unless(lacks),
    async ([, options, words]) => {
      const port = String(somePort());
      const pid = python(fixture('taking.py'), port);
      const { runs } = await restart(
        ['--load', load, ...options],
        words.map((word) => (word === 'PORT' ? port : word)),
      );
      const [run] = runs;
      expect(run).toMatchObject({ verdict: 'fails', cause: 'port-taken-by-other' });
      expect(run?.evidence?.explanation ?? '').toContain(`process ${pid} (`);
      expect(run?.load?.timeline).toMatchObject({ listens: null, answers: null });
      expect(run?.load?.losses.map(({ cause }) => cause)).not.toContain('second-start-loses');
      expect(run?.load?.notes.join()).toMatch(
        new RegExp(`^process ${pid} \\(python3 .*\\) took the port .* The load stopped then`),
      );
    },
  );
});
