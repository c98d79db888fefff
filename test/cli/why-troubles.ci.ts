/** What is the matter with a port beyond who holds it: each trouble is made for real, found, and gone after its remedy. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { stuckMs } from '../../src/diagnose/situation/leaks.ts';
import { listenOn } from '../../src/native/socket.ts';
import type { WhyDocument } from '../../src/report/documents/why.ts';
import { paste, start } from '../support/advice.ts';
import { whyNoIptables } from '../support/iptables.ts';
import { missing, noRoot } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { unless } from '../support/skips.ts';
import { bindOnly, closeDescriptor, somePort } from '../support/sockets.ts';
import { Terminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

async function why(port: number, prefix: readonly string[] = []): Promise<WhyDocument> {
  const { stdout, stderr } = await tcpclose(['why', String(port), '--json'], { prefix });
  expect(stderr).toBe('');
  const document = JSON.parse(stdout);
  expect(schemaErrors('why', document)).toEqual([]);
  return document;
}

const kinds = ({ troubles }: WhyDocument) => troubles.map(({ kind }) => kind);
const commandOf = ({ steps }: WhyDocument, pattern: RegExp) =>
  steps.map(({ command }) => command ?? '').find((command) => pattern.test(command)) ?? '';

/** On a screen of 80 columns and 24 lines all of the answer is to be seen. */
async function expectOneScreen(port: number, first: string): Promise<void> {
  if (missing('tmux') !== null) return;
  const terminal = new Terminal(80, { rows: 24 });
  try {
    const { shown } = await terminal.run(`tcpclose why ${port}`);
    expect(shown.split('\n')[0]).toContain(first);
    expect(shown).toMatch(/What to do/);
  } finally {
    terminal.close();
  }
}

/** A server that reads its clients to their end and never closes; `hang` does not even read. */
async function leaker(port: number, reads: 'to the end' | 'nothing'): Promise<ChildProcess> {
  const paused = reads === 'nothing';
  return start([
    process.execPath,
    '-e',
    `require('net').createServer({ allowHalfOpen: true, pauseOnConnect: ${paused} }, (s) => s.on('error', () => {})${paused ? '' : '.resume()'})
      .listen(${port}, '127.0.0.1', () => console.log('up'))`,
  ]);
}

async function clientsOf(port: number, count: number): Promise<Socket[]> {
  const clients = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  return clients;
}

describe('a leak', () => {
  test.each([
    ['to the end', 0, 'has not called close'],
    ['nothing', 4, 'has not read their end'],
  ] as const)(
    'of a server that reads %s is found with its age, and not after its end',
    async (reads, unread, words) => {
      const port = somePort();
      const server = await leaker(port, reads);
      const clients = await clientsOf(port, 4);
      for (const client of clients) client.end('x');
      const endedAt = performance.now();
      expect(kinds(await why(port))).toEqual([]);
      await until('the leak', () => performance.now() - endedAt > stuckMs + 500);
      const document = await why(port);
      const askedAt = performance.now();
      expect(document.situation).toBe('leaking');
      const [trouble] = document.troubles;
      expect(trouble?.text).toContain(`pid ${server.pid} `);
      expect(trouble?.text).toContain('still has 4 connections');
      expect(trouble?.text).toContain(words);
      const oldest = Number(/(\d+(?:\.\d)?) s ago/.exec(trouble?.text ?? '')?.[1]) * 1000;
      expect(oldest).toBeGreaterThan(stuckMs - 100);
      expect(oldest).toBeLessThan(askedAt - endedAt + 500);
      expect(document.language).toBe('Node');
      expect(document.steps[0]?.code?.['Node']).toContain("socket.on('end'");
      expect(unread).toBe(/has not read/.test(trouble?.text ?? '') ? 4 : 0);
      await expectOneScreen(port, `${port} has 4 connections in CLOSE_WAIT that are not closed`);
      for (const command of [commandOf(document, /watch/)])
        expect(paste(`timeout --signal=INT 8 ${command}`, 'sh').stdout).toContain('CLOSE_WAIT');
      server.kill('SIGKILL');
      await once(server, 'exit');
      expect(kinds(await why(port))).toEqual([]);
      for (const client of clients) client.destroy();
    },
  );
});

describe('a full accept queue', () => {
  test('is found with its numbers, and not when it has room', async () => {
    const { fd, port } = bindOnly();
    listenOn(fd, 1);
    const clients = await clientsOf(port, 2);
    const document = await why(port);
    expect(document.situation).toBe('overflowing');
    expect(document.troubles[0]?.text).toContain('2 connections wait, and its limit is 1');
    expect(document.troubles[0]?.text).toContain(`pid ${process.pid} `);
    const { stdout, status } = paste(commandOf(document, /wchan/), 'sh');
    expect([stdout.includes(`/proc/${process.pid}/syscall`), status]).toEqual([true, 0]);
    await expectOneScreen(port, `${port} does not accept`);
    listenOn(fd, 8);
    expect(kinds(await why(port))).toEqual([]);
    for (const client of clients) client.destroy();
    closeDescriptor(fd);
  });

  test('of a stopped process is emptied by the advised command', async () => {
    const port = somePort();
    const server = await start([
      process.execPath,
      '-e',
      `require('net').createServer((s) => s.on('error', () => {})).listen({ port: ${port}, host: '127.0.0.1', backlog: 1 }, () => console.log('up'))`,
    ]);
    server.kill('SIGSTOP');
    const clients = await clientsOf(port, 2);
    const document = await why(port);
    expect(document.situation).toBe('overflowing');
    expect(document.troubles[0]?.text).toContain('it is stopped');
    expect(paste(document.steps[0]?.command ?? '', 'sh').status).toBe(0);
    await until('an empty queue', async () => kinds(await why(port)).length === 0);
    for (const client of clients) client.destroy();
    server.kill('SIGKILL');
  });
});

describe('two programs on one port', () => {
  const server = (port: number, host: string, name: string) =>
    start([
      process.execPath,
      '-e',
      `/* ${name} */ require('net').createServer().listen({ port: ${port}, host: '${host}', ipv6Only: true }, () => console.log('up'))`,
    ]);

  test.each([
    ['family', '127.0.0.1', '::1'],
    ['family', '0.0.0.0', '::'],
  ])('by %s (%s and %s) are both named', async (_, one, other) => {
    const port = somePort();
    const [first, second] = [await server(port, one, 'one'), await server(port, other, 'other')];
    const document = await why(port);
    expect(document.situation).toBe('shadowed');
    for (const { pid } of [first, second]) expect(document.troubles[0]?.text).toContain(`pid ${pid} `);
    await expectOneScreen(port, `${port} has two programs`);
    const commands = document.steps.map(({ command }) => command ?? '').filter((text) => /^kill/.test(text));
    expect(paste(commands[1] ?? '', 'sh').status).toBe(0);
    await until('one program', async () => (await why(port)).situation === 'held');
    first.kill('SIGKILL');
  });

  test('are not reported if one program has both families', async () => {
    const port = somePort();
    const script = `
      const net = require('net');
      net.createServer().listen(${port}, '127.0.0.1', () =>
        net.createServer().listen(${port}, '::1', () => console.log('up')));`;
    const both = await start([process.execPath, '-e', script]);
    expect(kinds(await why(port))).toEqual([]);
    both.kill('SIGKILL');
  });
});

/** A shell in a network of its own, in which loopback is up; "$@" is tcpclose. */
function inNetwork(script: string): string[] {
  return ['unshare', '--net', '--mount', 'sh', '-c', `ip link set lo up; ${script}`, 'sh'];
}

describe('in a network of its own', unless(noRoot ?? missing('ip', 'nft')), () => {
  const nft = `
    nft add table inet nat
    nft add chain inet nat output '{ type nat hook output priority -100; }'
    nft add rule inet nat output tcp dport 9999 redirect to :8081`;
  const byIptables = (program: string) =>
    `${program} -t nat -A OUTPUT -p tcp --dport 9999 -j REDIRECT --to-ports 8081`;

  const hidden = `
    mount --bind /dev/null "$(command -v nft)"
    for tool in /usr/sbin/xtables-*-multi; do [ ! -e "$tool" ] || mount --bind /dev/null "$tool"; done`;

  describe.each([
    ['nft', nft, null],
    ['iptables-nft', byIptables('iptables-nft'), whyNoIptables('nft')],
    ['ip6tables-nft', byIptables('ip6tables-nft'), whyNoIptables('nft')],
    ['iptables-legacy', byIptables('iptables-legacy'), whyNoIptables('legacy')],
    ['ip6tables-legacy', byIptables('ip6tables-legacy'), whyNoIptables('legacy')],
  ] as const)('a rule of NAT by %s', (_, rules, whyNot) => {
    test('that takes the port is found, and the advised command removes it', unless(whyNot), async () => {
      const document = await why(9999, inNetwork(`${rules}\n"$@"`));
      expect([document.situation, document.verdict]).toEqual(['redirected', 'free']);
      expect(document.troubles[0]?.text).toContain(
        'NAT sends connections of this machine to this port to :8081 before any listener',
      );
      const remove = commandOf(document, /nft delete rule|tables-\w+ -t nat -D/).replace(/^sudo /, '');
      const after = await why(9999, inNetwork(`${rules}\n${remove}\n"$@"`));
      expect([kinds(after), after.rules]).toEqual([[], 'all']);
    });
  });

  test.each(['127.0.0.1', '::1'])(
    'connections to %s that conntrack has moved are enough where no tool can list the rules',
    async (address) => {
      const connection = `
      node -e "
        const net = require('net');
        net.createServer((s) => s.on('error', () => {})).listen(8081, '${address}', () =>
          net.connect(9999, '${address}').on('connect', () => console.error('up')));" 2>/tmp/up-$$ & pid=$!
      until [ -s /tmp/up-$$ ]; do sleep 0.1; done; rm /tmp/up-$$`;
      const document = await why(
        9999,
        inNetwork(`${nft}\n${connection}\n${hidden}\n"$@"; status=$?; kill $pid; exit $status`),
      );
      expect([document.situation, document.rules]).toEqual(['redirected', 'nothing']);
      expect(document.troubles[0]?.text).toContain('to :8081 before any listener');
    },
  );

  test('ports that run out towards a destination are counted, and enough when the range is wider', async () => {
    const server = `
      sysctl -qw net.ipv4.ip_local_port_range='40000 40019'
      node -e "
        const net = require('net');
        net.createServer((s) => s.on('error', () => {})).listen(5432, '127.0.0.1', () => {
          for (let i = 0; i < 20; i++) net.connect(5432, '127.0.0.1').on('error', () => {});
        });" & pid=$!
      until [ "$(grep -c ' 0100007F:.... 0100007F:1538 01 ' /proc/net/tcp)" = 20 ]; do sleep 0.1; done`;
    const end = 'status=$?; kill $pid; exit $status';
    const document = await why(5432, inNetwork(`${server}\n"$@"; ${end}`));
    expect(document.situation).toBe('out of ports');
    expect(document.troubles[0]?.text).toContain(
      '20 of 20 ports of ip_local_port_range are in use: none is left',
    );
    expect(document.troubles[0]?.text).toContain('127.0.0.1:5432');
    expect(document.troubles[0]?.text).toMatch(/pid \d+ \(node /);
    const wider = commandOf(document, /ip_local_port_range/).replace(/^sudo /, '');
    expect(
      kinds(await why(5432, inNetwork(`${server}\n${wider} >&2 2>/dev/null >/dev/null\n"$@"; ${end}`))),
    ).toEqual([]);
  });

  test('whoever has only a few open is not said to have made those in TIME_WAIT', async () => {
    const server = `
      sysctl -q net.ipv4.ip_local_port_range='40000 40019' net.ipv4.tcp_tw_reuse=0 2>/dev/null ||
        { echo '40000 40019' > /proc/sys/net/ipv4/ip_local_port_range; echo 0 > /proc/sys/net/ipv4/tcp_tw_reuse; }
      node -e "
        const net = require('net');
        let ended = 0;
        net.createServer({ allowHalfOpen: false }, () => {}).listen(5432, '127.0.0.1', () => {
          for (let i = 0; i < 18; i++) {
            const one = net.connect(5432, '127.0.0.1', () => one.end());
            one.on('close', () => { if (++ended === 18) for (let i = 0; i < 2; i++) net.connect(5432, '127.0.0.1'); });
          }
        });" & pid=$!
      until [ "$(grep -c ' 0100007F:.... 0100007F:1538 01 ' /proc/net/tcp)" = 2 ]; do sleep 0.1; done`;
    const end = 'status=$?; kill $pid; exit $status';
    const document = await why(5432, inNetwork(`${server}\n"$@"; ${end}`));
    expect(document.situation).toBe('out of ports');
    expect(document.troubles[0]?.text).toMatch(
      /A program of this machine makes these connections; .* pid \d+ \(node .*\) has 2 of them open, and may have made the others\.$/,
    );
    expect(document.steps[0]?.text).toContain('have the client use connections again');
  });
});
