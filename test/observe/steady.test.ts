import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Host, thisMachine } from '../../src/lab/hosts/host.ts';
import { parseNetstat } from '../../src/observe/netstat/parse.ts';
import { openObserver } from '../../src/observe/observers.ts';
import type { Output, Place } from '../../src/observe/place.ts';
import { parseSs } from '../../src/observe/ss/parse.ts';
import { listening, somePort } from '../support/sockets.ts';

const heading = 'State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n';

/** A host behind a launcher, where programs run like this. */
function elsewhere(run: (command: readonly string[]) => Promise<Output>): Place {
  return new (class extends Host {
    override run = run;
  })('elsewhere', [], undefined);
}

/** This machine, with an ss that prints this, and with these programs as they are. */
function withSs(stdout: string, ...programs: readonly string[]): Place {
  const absent: Output = { stdout: '', stderr: '', exitCode: -1 };
  return elsewhere(async (command) => {
    if (command[0] === 'ss') return { stdout, stderr: '', exitCode: 0 };
    return programs.includes(command[0] ?? '') ? thisMachine.run(command) : absent;
  });
}

test.each([
  ['a name with an end of line', `${heading}LISTEN 0 511 127.0.0.1:80 0.0.0.0:* users:(("a\nb",pid=7,fd=3))`],
  ['garbage', 'x'.repeat(20_000)],
  ['nothing at all', ''],
  ['a state that nobody knows', `${heading}LISTENING 0 0 127.0.0.1:80 0.0.0.0:*`],
])('an ss that prints %s is not believed: /proc is asked', async (_, printed) => {
  const { server, port } = await listening();
  const observer = await openObserver('auto', withSs(printed, 'cat', 'sh'));
  expect(observer.name).toBe('ss');
  const { rows } = await observer.read([port]);
  expect(observer.name).toBe('proc');
  expect(rows).toMatchObject([{ state: 'LISTEN', processes: [{ pid: process.pid }] }]);
  server.close();
});

test('without another way to look, the holder of the port is unknown', async () => {
  const observer = await openObserver('auto', withSs(`${heading}garbage \u001b[2J ${'x'.repeat(1000)}`));
  await expect(observer.read([80])).rejects.toMatchObject({
    code: 'unreadable-table',
    message: expect.stringMatching(/^ss printed .* not known: [^\n]{1,200}$/),
  });
});

test('a table of ss without a socket is empty, and no failure', async () => {
  const observer = await openObserver('auto', withSs(heading));
  expect((await observer.read([80])).rows).toEqual([]);
});

test('an ss that fails gives way to the next', async () => {
  const { server, port } = await listening();
  const broken = elsewhere(async (command) =>
    command[0] === 'ss'
      ? { stdout: 'ss', stderr: 'no', exitCode: command[1] === '-V' ? 0 : 1 }
      : thisMachine.run(command),
  );
  const observer = await openObserver('auto', broken);
  expect((await observer.read([port])).rows).toHaveLength(1);
  server.close();
});

test('a process cannot pass for another by an end of line in its name, behind a launcher', async () => {
  const port = somePort();
  const script = `
    require('fs').writeFileSync('/proc/self/comm', 'x\\n= 1 init');
    require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'));`;
  const child = spawn(process.execPath, ['-e', script]);
  await once(child.stdout, 'data');
  const behind = new Host('elsewhere', [], undefined);
  const { rows } = await (await openObserver('proc', behind)).read([port]);
  child.kill('SIGKILL');
  expect(rows[0]?.processes).toEqual([{ pid: child.pid, name: 'x\\n= 1 init' }]);
});

test.each([
  ['ss', parseSs, 'LISTEN 0 0 127.0.0.1:65536 0.0.0.0:*'],
  ['ss', parseSs, 'ESTAB 0 0 127.0.0.1:80 127.0.0.1:99999'],
  ['ss', parseSs, `TIME-WAIT 0 0 127.0.0.1:80 127.0.0.1:81 timer:(timewait,${'9'.repeat(400)}sec,0)`],
  ['ss', parseSs, `LISTEN ${'9'.repeat(400)} 0 127.0.0.1:80 0.0.0.0:*`],
  ['netstat', parseNetstat, 'tcp 0 0 127.0.0.1:65536 0.0.0.0:* LISTEN'],
  [
    'netstat',
    parseNetstat,
    `tcp 0 0 127.0.0.1:80 127.0.0.1:81 TIME_WAIT 0 0 - timewait (${'9'.repeat(400)}.0/0/0)`,
  ],
] as const)('%s: a number that cannot be is not believed (%#)', (_, parse, line) => {
  expect(parse(line)).toEqual({ rows: [], unread: [{ line, reason: expect.stringMatching(/./) }] });
});
