import { describe, expect, test } from 'vitest';
import { Actor } from '../support/actor.ts';
import { AuditNetwork, whyNoAuditNetwork } from '../support/audit-network.ts';
import { audited } from '../support/audits.ts';
import { asNobody, noRoot } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { unless } from '../support/skips.ts';

describe('in a network of its own', unless(whyNoAuditNetwork), () => {
  const network = new AuditNetwork();
  const soon = ['--close-wait-age', '200ms', '--for', '300ms'];

  async function leak() {
    const { server, client, port } = await network.pair(2);
    await client.does('for x in c: x.close()');
    await server.does('[x.recv(1) for x in a]');
    await new Promise((resolve) => setTimeout(resolve, 250));
    return { server, port };
  }

  test('nothing is wrong in an empty network, and the report says so', async () => {
    const { stdout, status } = await tcpclose(['audit'], { prefix: network.host.prefix });
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^this machine: 0 connections, 0 listeners, 0 TIME_WAITs \(sock_diag, two readings,\s/,
    );
    expect(stdout).toContain('nothing is wrong');
  });

  test('every reporter carries the same leak, and it fits on a screen', async () => {
    const { server, port } = await leak();
    const { prefix } = network.host;
    const run = (...args: string[]) => tcpclose(['audit', ...soon, ...args], { prefix });
    const [text, ndjson, junit, tap, github] = await Promise.all([
      run(),
      run('--reporter', 'ndjson'),
      run('--reporter', 'junit'),
      run('--reporter', 'tap'),
      run('--reporter', 'github'),
    ]);
    expect([text, ndjson, junit, tap, github].map(({ status }) => status)).toEqual([1, 1, 1, 1, 1]);
    expect(text.stdout.split('\n').length).toBeLessThan(24);
    expect(text.stdout).toContain(`2 connections in CLOSE_WAIT (port ${port} from 127.0.0.1)`);
    expect(text.stdout).toContain(`kill ${server.pid}`);
    expect(text.stdout).toMatch(/1 thing is wrong/);
    const lines = ndjson.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; kind?: string });
    expect(lines.filter(({ kind }) => kind === 'close-wait')).toMatchObject([{ type: 'finding' }]);
    expect(lines.at(-1)).toMatchObject({ type: 'finished', verdict: 'wrong' });
    expect(junit.stdout).toMatch(/<testcase [^>]*name="close-wait"[\s\S]*?<failure /);
    expect(tap.stdout).toMatch(/not ok \d+ - .*close-wait/);
    expect(github.stdout).toMatch(/^::error /m);
  });

  test('only one port, one process or one destination is examined on request', async () => {
    const { server, port } = await leak();
    const other = await network.pair(2);
    expect((await network.audit('--port', String(port))).wrong).toEqual(['close-wait']);
    await other.client.does('c[0].close()');
    await other.server.does('a[0].recv(1); a[0].close()');
    const counted = async (...args: string[]) => (await network.audit(...args)).document.timeWaits;
    expect(await counted('--port', String(other.port))).toBe(1);
    expect(await counted('--port', String(port))).toBe(0);
    expect((await network.audit('--pid', String(server.pid))).wrong).toEqual(['close-wait']);
    expect((await network.audit('--pid', String(other.server.pid))).wrong).toEqual([]);
    expect((await network.audit('--remote', `127.0.0.1:${other.port}`)).document.connections).toBe(1);
    expect((await network.audit('--remote', `127.0.0.1:${port}`)).wrong).toEqual([]);
  });

  test('through a launcher the same is found, by ss', async () => {
    const { server } = await leak();
    const launcher = network.host.prefix.join(' ');
    const { wrong, document, finding } = await audited([...soon, '--on', launcher]);
    expect(wrong).toEqual(['close-wait']);
    expect(document.way).toBe('ss');
    expect(finding('close-wait').fault).toMatchObject({
      processes: [{ pid: server.pid, descriptors: [4, 5] }],
    });
    expect(finding('close-wait').cost).toContain('descriptors');
    expect(document.unseen.map(({ what }) => what).join()).toContain('SO_REUSEADDR of 1 listener');
  });

  test('a user without rights sees the leak, and learns what is hidden', unless(noRoot), async () => {
    await leak();
    const { wrong, finding, document } = await audited(soon, [...network.host.prefix, ...asNobody]);
    expect(wrong).toEqual(['close-wait']);
    expect(finding('close-wait').fault.processes).toEqual([]);
    expect(finding('close-wait').fault.because).toContain('a process of user root that you may not inspect');
    const [processes] = document.unseen;
    expect(processes?.what).toMatch(/the processes of \d sockets of user root/);
    expect(processes?.command).toContain('sudo');
    await network.endActors();
    const server = network.actor();
    await server.does("s = socket.create_server(('127.0.0.1', 0))");
    const { stdout, status } = await tcpclose(['audit', ...soon], {
      prefix: [...network.host.prefix, ...asNobody],
    });
    expect(status).toBe(0);
    expect(stdout).toContain('nothing is wrong in what could be seen');
  });

  test('root is not advised to become root if processes are hidden from it', unless(noRoot), async () => {
    await network.endActors();
    const server = network.actor();
    await server.does("s = socket.create_server(('127.0.0.1', 0))");
    const container = ['unshare', '--pid', '--fork', '--mount-proc'];
    const { document } = await audited(['--for', '0'], [...network.host.prefix, ...container]);
    expect(document.unseen.map(({ what }) => what).join()).toContain('SO_REUSEADDR of 1 listener');
    for (const { how } of document.unseen) expect(how).not.toContain('as root');
  });
});

test('its document fits the schema, whatever is wrong on this machine', async () => {
  const { stdout } = await tcpclose(['audit', '--for', '0', '--json']);
  expect(schemaErrors('audit', JSON.parse(stdout))).toEqual([]);
});

test.each([
  [['--pid', '0'], '"0" is not a process'],
  [['--pid', '4194303'], 'there is no process 4194303'],
  [['--remote', 'nowhere'], '"nowhere" is not a destination: give one such as'],
  [['--remote', '[::1]'], '"[::1]" is not a destination'],
  [['--ports-used', 'many'], '"many" is not a number: give --ports-used one such as 80'],
  [['--close-wait-age', 'old'], '"old" is not a duration'],
  [['--port', '1', '--pid', '1'], 'cannot be used with'],
])('%j is refused in one line', async (args, complaint) => {
  const { stderr, status } = await tcpclose(['audit', ...args]);
  expect(stderr).toContain(complaint);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(status).toBe(2);
});

test('what a process calls itself moves no cursor', async () => {
  const actor = new Actor([], 'name\u001b[2J');
  await actor.does("s = socket.create_server(('127.0.0.1', 0)); r = s.getsockname()[1]");
  const { stdout } = await tcpclose(['audit', '--long', '--for', '0', '--pid', String(actor.pid)]);
  expect(stdout).not.toContain('\u001b');
  await actor.end();
});
