import { readdirSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { twoHostsAddresses } from '../../src/lab/hosts/two-hosts.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { Program, tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { betweenHosts, launchersOfTwoHosts } from '../support/two-hosts.ts';

/** What may be left of a peer's native part. */
const traces = () => readdirSync(tmpdir()).filter((name) => name.startsWith('tcpclose-peer'));

const why = await whyUnmet('two hosts');

describe('the server and the client of a demo, behind launchers, on hosts of their own', unless(why), () => {
  const hosts = launchersOfTwoHosts();

  test.each(['IPv4', 'IPv6'] as const)('meet by their addresses, over %s', async (family) => {
    const host = twoHostsAddresses.server[family];
    const before = traces();
    const { stdout, stderr, status } = await tcpclose([
      'demo',
      'server-first',
      ...betweenHosts(hosts, family),
      '--json',
    ]);
    expect(stderr).toBe('');
    const { outcome, steps, environment } = JSON.parse(stdout);
    expect(outcome).toBe('passed');
    const machine = { kernel: release(), node: process.versions.node, arch: process.arch };
    expect(environment.hosts).toMatchObject([
      { role: 'server', name: hosts.server, ...machine },
      { role: 'client', name: hosts.client, ...machine },
    ]);
    const rows: { local: { address: string }; remote: { address: string }; state: string }[] = steps
      .flatMap(({ snapshots }: { snapshots: { rows: unknown[] }[] }) => snapshots)
      .flatMap(({ rows }: { rows: unknown[] }) => rows);
    const seen = new Set(rows.filter(({ state }) => state !== 'LISTEN').map(({ local }) => local.address));
    expect(seen).toEqual(new Set([host, twoHostsAddresses.client[family]]));
    expect(status).toBe(0);
    expect(traces()).toEqual(before);
  });

  test('a suite runs what it can there, and explains why it skips the rest', async () => {
    const launchers = betweenHosts(hosts, 'IPv4');
    const names = ['server-first', 'client-port', 'tour', 'four-segments', 'core-dump', 'dual-stack'];
    const { stdout, stderr, status } = await tcpclose(['test', ...names, ...launchers, '--json']);
    expect(stderr).toBe('');
    const { outcome, environment, scenarios } = JSON.parse(stdout);
    expect(environment.hosts.map(({ name }: { name: string }) => name)).toEqual([hosts.server, hosts.client]);
    const found: [string, string, string | null][] = scenarios.map(
      (one: { scenario: string; outcome: string; reason: string | null }) => [
        one.scenario,
        one.outcome,
        one.reason,
      ],
    );
    expect(found.sort()).toEqual([
      ['client-port', 'passed', null],
      ['core-dump', 'skipped', expect.stringContaining('a folder of this machine')],
      ['dual-stack', 'skipped', expect.stringContaining('give --host an IPv6 address')],
      ['four-segments', 'skipped', expect.stringContaining('a network of its own')],
      ['server-first', 'passed', null],
      ['tour', 'passed', null],
    ]);
    expect([outcome, status]).toEqual(['passed', 0]);
  });

  test('both behind one launcher are on its loopback', async () => {
    const { status, stderr } = await tcpclose([
      'demo',
      'client-first',
      '--server-on',
      hosts.server,
      '--client-on',
      hosts.server,
    ]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('Ctrl-C and SIGKILL leave no peer behind', async () => {
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const launchers = betweenHosts(hosts, 'IPv4');
      const program = new Program(['demo', 'server-first', '--step', ...launchers]);
      await program.says('\n1  ');
      program.child.kill(signal);
      await program.finished();
      expect(await program.leftAfter(10_000)).toEqual([]);
    }
  });

  test.each([
    [
      ['demo', 'server-first', '--server-on', 'no-such-launcher', '--host', '198.18.0.1'],
      'cannot be started',
    ],
    [['demo', 'server-first', '--server-on', 'sh -c', '--client-on', 'sh -c'], 'does not launch a command'],
    [
      ['demo', 'server-first', '--server-on', 'env PATH=/bin/nowhere', '--host', '198.18.0.1'],
      'does not launch',
    ],
    [['demo', 'lost-last-ack', '--server-on', 'env', '--client-on', 'env'], 'a network of its own'],
    [['demo', 'server-first', '--server-on', 'env', '--two-hosts'], 'cannot be used with'],
    [['test', 'order', '--server-on', 'env', '--two-hosts'], 'cannot be used with'],
    [['test', 'order', '--server-on', 'sh -c', '--client-on', 'sh -c'], 'does not launch a command'],
    [['test', 'order', '--server-on', 'env'], 'give --host'],
  ])('%j is reported in one line', async (args, what) => {
    const { stderr, status } = await tcpclose(args);
    expect(stderr).toMatch(/^tcpclose: [^\n]*\n$/);
    expect(stderr).toContain(what);
    expect(status).toBe(2);
  });

  test('the same address on both sides is refused', async () => {
    const { stderr, status } = await tcpclose([
      'demo',
      'server-first',
      '--server-on',
      hosts.server,
      '--client-on',
      hosts.client,
    ]);
    expect(stderr).toContain('--host');
    expect(status).toBe(2);
  });
});
