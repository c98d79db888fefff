import { afterEach, describe, expect, test } from 'vitest';
import { openTwoHosts, twoHostsAddresses } from '../../../src/lab/hosts/two-hosts.ts';
import { writeSysctl } from '../../../src/lab/hosts/write-sysctl.ts';
import { PeerProcess } from '../../../src/lab/process/peer-process.ts';
import { Teardown } from '../../../src/lab/teardown.ts';
import { ownSysctl, readSysctl } from '../../../src/observe/sysctl.ts';
import { catalogue, loadEntry } from '../../../src/scenario/catalogue.ts';
import { whyUnmet } from '../../../src/scenario/needs.ts';
import { asNobody, noRoot } from '../../support/machine.ts';
import { Program, tcpclose } from '../../support/program.ts';
import { run } from '../../support/runs.ts';
import { unless } from '../../support/skips.ts';

const why = await whyUnmet('two hosts');
const { server: serverAddresses, client: clientAddresses } = twoHostsAddresses;

let teardown = new Teardown();
afterEach(async () => {
  await teardown.run();
  teardown = new Teardown();
});

describe('two hosts', unless(why), () => {
  test.each(['IPv4', 'IPv6'] as const)('reach each other over %s, by their own addresses', async (family) => {
    const { server, client } = await openTwoHosts(teardown);
    const [here, there] = [new PeerProcess(server), new PeerProcess(client)];
    const listen = { host: serverAddresses[family], port: 80, reuseAddress: 'on', backlog: 1 } as const;
    await here.call('listen', listen);
    const { local } = await there.call('connect', {
      host: serverAddresses[family],
      port: 80,
      timeoutMs: 10_000,
    });
    expect(local.address).toBe(clientAddresses[family]);
    await Promise.all([here.end(), there.end()]);
  });

  test('have settings of their own', async () => {
    const { server, client } = await openTwoHosts(teardown);
    const sysctl = 'net.ipv4.tcp_fin_timeout';
    const before = ownSysctl(sysctl);
    await writeSysctl(server, sysctl, '7');
    expect(await readSysctl(server, sysctl)).toBe('7');
    expect(await readSysctl(client, sysctl)).not.toBe('7');
    expect(ownSysctl(sysctl)).toBe(before);
  });

  test('each side of a connection is looked up on its own host', async () => {
    const entry = catalogue().find(({ name }) => name === 'shut-wr');
    if (entry === undefined) throw new Error('no such scenario');
    const { outcome, events } = await run(await loadEntry(entry), { network: 'two hosts' });
    expect(outcome).toEqual({ state: 'passed' });
    const hosts = events.flatMap((event) => (event.type === 'snapshot' ? [event.host] : []));
    expect(new Set(hosts)).toEqual(new Set(["the server's host", "the client's host"]));
  });

  test.each(['SIGINT', 'SIGKILL'] as const)('nothing is left of them after %s', async (signal) => {
    const program = new Program(['demo', 'closing', '--two-hosts', '--step']);
    program.child.stdin?.write('\n');
    await program.says('\n2  ');
    expect(program.processes().filter((line) => line.includes('holding'))).toHaveLength(2);
    program.child.kill(signal);
    await program.finished();
    expect(await program.leftAfter(10_000)).toEqual([]);
  });

  test('an address that they do not have is refused in one line', async () => {
    const { stderr, status } = await tcpclose(['demo', 'server-first', '--two-hosts', '--host', '127.0.0.9']);
    expect(stderr).toBe(
      'tcpclose: 127.0.0.9 is not an address of the two hosts: leave out --host, or choose ::1 for IPv6\n',
    );
    expect(status).toBe(2);
  });

  test('an ordinary user can have them', unless(noRoot), async () => {
    const { stdout, status } = await tcpclose(['demo', 'server-first', '--two-hosts'], { prefix: asNobody });
    expect(stdout).toContain('198.18.0.2');
    expect(status).toBe(0);
  });
});
