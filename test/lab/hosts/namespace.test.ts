import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type Context, scenario } from '../../../src/index.ts';
import { thisMachine } from '../../../src/lab/hosts/host.ts';
import { type Namespace, openNamespace } from '../../../src/lab/hosts/namespace.ts';
import { writeSysctl } from '../../../src/lab/hosts/write-sysctl.ts';
import { PeerProcess } from '../../../src/lab/process/peer-process.ts';
import { Teardown } from '../../../src/lab/teardown.ts';
import { openObserver } from '../../../src/observe/observers.ts';
import { ownSysctl, readSysctl, sysctlPath } from '../../../src/observe/sysctl.ts';
import { whyUnmet } from '../../../src/scenario/needs.ts';
import { testRetries } from '../../support/failing-namespace.ts';
import { missing, noRoot } from '../../support/machine.ts';
import { Program, tcpclose } from '../../support/program.ts';
import { run } from '../../support/runs.ts';
import { unless } from '../../support/skips.ts';
import { until } from '../../support/until.ts';
import { wrapper } from '../../support/wrapper.ts';

const why = await whyUnmet('namespace');
const finTimeout = 'net.ipv4.tcp_fin_timeout';

let teardown = new Teardown();
afterEach(async () => {
  await teardown.run();
  teardown = new Teardown();
});

function open(): Promise<Namespace> {
  return openNamespace('a namespace', teardown);
}

describe('a namespace', unless(why), () => {
  test('has a separate network with loopback up', async () => {
    const host = await open();
    const here = spawnSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).stdout;
    expect((await host.run(['readlink', '/proc/self/ns/net'])).stdout).not.toBe(here);
    const { stdout } = await host.run(['cat', '/proc/net/dev']);
    expect(stdout.split('\n').filter((line) => line.includes(':'))).toHaveLength(1);
    const peer = new PeerProcess(host);
    await expect(
      peer.call('listen', { host: '127.0.0.1', port: 80, reuseAddress: 'on', backlog: 1 }),
    ).resolves.toEqual({
      address: '127.0.0.1',
      port: 80,
    });
    await peer.end();
  });

  test('is shown by files of this machine', async () => {
    const host = await open();
    const peer = new PeerProcess(host);
    await peer.call('listen', { host: '127.0.0.1', port: 4242, reuseAddress: 'on', backlog: 1 });
    const port = (4242).toString(16).toUpperCase();
    expect(await host.read('/proc/net/tcp')).toContain(`0100007F:${port}`);
    expect(await thisMachine.read('/proc/net/tcp')).not.toContain(`0100007F:${port}`);
    await peer.end();
  });

  test('has settings of its own; those of this machine stay', async () => {
    const host = await open();
    const before = ownSysctl(finTimeout);
    await writeSysctl(host, finTimeout, '7');
    expect((await host.run(['cat', sysctlPath(finTimeout)])).stdout.trim()).toBe('7');
    expect(await readSysctl(host, finTimeout)).toBe('7');
    expect(ownSysctl(finTimeout)).toBe(before);
    expect(await readSysctl(host, 'net.ipv4.no_such_setting')).toBeNull();
  });

  test('a setting that does not take is an error', async () => {
    const host = await open();
    await expect(writeSysctl(host, finTimeout, 'seven')).rejects.toMatchObject({ code: 'no-setting' });
    await expect(writeSysctl(host, 'net.ipv4.tcp_tw_recycle', '1')).rejects.toThrow(/may not have it/);
  });

  test('a value of several numbers can be written', async () => {
    const host = await open();
    await writeSysctl(host, 'net.ipv4.ip_local_port_range', '40000 40100');
    expect((await host.run(['cat', '/proc/sys/net/ipv4/ip_local_port_range'])).stdout.trim()).toBe(
      '40000\t40100',
    );
  });

  test('can be had many times at once', async () => {
    const hosts = await Promise.all(Array.from({ length: 8 }, open));
    const names = await Promise.all(
      hosts.map(async (host) => (await host.run(['readlink', '/proc/self/ns/net'])).stdout),
    );
    expect(new Set(names).size).toBe(8);
  });
});

describe('a namespace that another process ends', unless(why), () => {
  test('is named by whatever should have run there', async () => {
    const host = await open();
    process.kill(host.holder, 'SIGKILL');
    // Until the signal has taken effect, programs can still enter it.
    await until('the end of its process', () => !existsSync(`/proc/${host.holder}/ns/net`));
    const ended = {
      code: 'namespace-ended',
      message: expect.stringMatching(
        /^a namespace ended during the run: process \d+, which keeps it, (?:was ended by SIGKILL|ended): run it again/,
      ),
    };
    await expect(host.run(['true'])).rejects.toMatchObject(ended);
    await expect(host.read('/proc/net/tcp')).rejects.toMatchObject(ended);
    await expect(new PeerProcess(host).ready()).rejects.toMatchObject(ended);
    await expect(
      openObserver('auto', host).catch((error) => Promise.reject(host.gone ?? error)),
    ).rejects.toMatchObject(ended);
  });

  test.each(['ss', 'proc'] as const)(
    'ends the run with an error and no contradiction, seen by %s',
    async (observer) => {
      const story = async ({ lab, expect }: Context) => {
        const server = await lab.server();
        await expect(server.listener).state('LISTEN');
        process.kill((server.process.host as Namespace).holder, 'SIGKILL');
        await server.stopListening();
        await expect(server.listener).state('LISTEN');
      };
      const own = scenario({ title: 'x', claim: 'x', source: [], decides: [], control: 'end', run: story });
      const loaded = { name: 'story', topic: 'test', file: '', scenario: own };
      const { outcome, contradicted } = await run(loaded, { network: 'own', observer });
      expect(contradicted).toEqual([]);
      expect(outcome).toMatchObject({ state: 'errored', error: { code: 'namespace-ended' } });
    },
  );
});

describe('a namespace that cannot be made', () => {
  test.each([
    ['exit 1', 'unshare ended with status 1'],
    ['kill -9 $$', 'unshare was ended by SIGKILL'],
    ['echo >&2; exit 3', 'unshare ended with status 3'],
    ['echo no luck today >&2; exit 1', 'no luck today'],
  ])('%s: has a reason', async (script, reason) => {
    const { path, remove } = wrapper('unshare', script);
    const { stdout, status } = await tcpclose(['demo', 'fin-wait2-orphan'], { env: { PATH: path } });
    remove();
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`no private network can be made (${reason}):`);
    expect(status).toBe(2);
  });

  testRetries([2], why);
});

describe('a namespace is gone', unless(why ?? noRoot ?? missing('ip')), () => {
  const outer = spawn('unshare', ['--net', 'sleep', '600']);
  afterAll(() => outer.kill());

  const inOuter = (...command: string[]) =>
    spawnSync('nsenter', [`--target=${outer.pid}`, '--net', ...command]);

  // The far end of a cable into a namespace exists just as long as the namespace does.
  function cableTo(program: Program): () => boolean {
    const holder =
      program
        .processes()
        .find((line) => line.includes('holding'))
        ?.split(' ')[0] ?? '';
    const name = `c${holder}`;
    const made = inOuter(
      'ip',
      'link',
      'add',
      name,
      'type',
      'veth',
      'peer',
      'name',
      'inside',
      'netns',
      holder,
    );
    expect(made.status).toBe(0);
    return () => inOuter('ip', 'link', 'show', name).status === 0;
  }

  test.each([
    ['after its run', async (program: Program) => program.child.stdin?.end()],
    ['after Ctrl-C', async (program: Program) => program.child.kill('SIGINT')],
    ['after SIGKILL', async (program: Program) => program.child.kill('SIGKILL')],
  ])('%s, though a FIN waited behind a zero window', async (_, end) => {
    const program = new Program(['demo', 'closing', '--network', 'own', '--step']);
    program.child.stdin?.write('\n\n');
    await program.says('\n3  ');
    const exists = cableTo(program);
    expect(exists()).toBe(true);
    await end(program);
    await program.finished();
    expect(await program.leftAfter(5000)).toEqual([]);
    for (const until = performance.now() + 10_000; exists() && performance.now() < until; ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(exists()).toBe(false);
  });
});
