import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Namespace, openNamespace } from '../../src/lab/hosts/namespace.ts';
import { Teardown } from '../../src/lab/teardown.ts';
import { signalChild } from '../../src/native/signal.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { poll } from '../../src/time.ts';
import { installed, isRoot } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { writeInit } from './guest.ts';
import { Skip } from './skip.ts';
import { suites } from './suites.ts';
import { boot, fetchKernel, type Kernel } from './user-mode.ts';

/** One behind the other, since each may be fetched. */
async function fetchBoth(): Promise<readonly Kernel[] | string> {
  const both: Kernel[] = [];
  for (const suite of suites.filter(({ version }) => ['6.1', '6.12'].includes(version))) {
    try {
      both.push(await fetchKernel(suite));
    } catch (error) {
      if (error instanceof Skip) return error.message;
      throw error;
    }
  }
  return both;
}

const noNetwork = !isRoot
  ? 'it needs root'
  : !existsSync('/dev/net/tun')
    ? 'there is no /dev/net/tun'
    : !['sshd', 'ssh'].every(installed)
      ? 'openssh is not installed'
      : await whyUnmet('namespace');
const kernels = noNetwork ?? (await fetchBoth());

// Segments longer than the link's MTU would not fit into the buffers of vec0: gso_max_segs. And the shell of this machine's root may
// have start-up files that take long, or print.

/** An sshd of the guest's own: its keys are in the folder of the guest. */
const sshd = `HostKey /mnt/host
AuthorizedKeysFile /mnt/user.pub
PermitRootLogin yes
StrictModes no
UsePAM no
PidFile none
`;

describe(
  'two user-mode hosts with different kernels, joined by a bridge',
  unless(typeof kernels === 'string' ? kernels : null),
  () => {
    const teardown = new Teardown();
    const launchers: string[] = [];
    const releases: string[] = [];

    beforeAll(async () => {
      if (typeof kernels === 'string') return;
      const network = await openNamespace('a bridge', teardown);
      await inside(
        network,
        'ip link add br0 type bridge && ip addr add 192.0.2.254/24 dev br0 && ip link set br0 up gso_max_segs 1',
      );
      for (const [i, kernel] of kernels.entries()) await start(network, kernel, i + 1);
    });
    afterAll(() => teardown.run());

    async function start(network: Namespace, kernel: Kernel, number: number): Promise<void> {
      const tap = `tap${number}`;
      const address = `192.0.2.${number}`;
      await inside(network, `ip tuntap add ${tap} mode tap && ip link set ${tap} master br0 up`);
      const folder = mkdtempSync(join(tmpdir(), 'guest-'));
      teardown.add(async () => rmSync(folder, { recursive: true }));
      for (const key of ['host', 'user'])
        execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
      writeFileSync(join(folder, 'config'), sshd);
      const before = [
        `ip addr add ${address}/24 dev vec0 && ip link set vec0 up gso_max_segs 1`,
        `sed 's#^root:.*#root:x:0:0:root:/tmp:/bin/sh#' /etc/passwd >/run/passwd && mount --bind /run/passwd /etc/passwd`,
        'mkdir -p /run/sshd',
        `${execFileSync('sh', ['-c', 'PATH="$PATH:/usr/sbin" command -v sshd'], { encoding: 'utf8' }).trim()} -D -e -f /mnt/config 2>/mnt/sshd.err`,
      ];
      const init = writeInit({ folder, modules: kernel.modules, node: process.execPath, steps: [], before });
      const words = [`vec0:transport=tap,ifname=${tap},depth=64,gro=0`];
      const prefix = network.prefix;
      const child = boot({ kernel, init, folder, log: join(folder, 'log'), memory: '512M', prefix, words });
      const ended = once(child, 'exit');
      teardown.add(async () => {
        signalChild(child, 'SIGKILL');
        await ended;
      });
      const key = `ssh -F none -i ${join(folder, 'user')}`;
      const quiet =
        '-o BatchMode=yes -o LogLevel=ERROR -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=2';
      const ssh = `${key} ${quiet} root@${address}`;
      launchers.push(`${network.prefix.join(' ')} ${ssh}`);
      const answers = async () => (await network.run([...ssh.split(' '), 'true'])).exitCode === 0;
      const up = await poll(`sshd of ${kernel.origin}`, answers, { withinMs: 90_000, everyMs: 500 });
      if (up === undefined) throw new Error(readFileSync(join(folder, 'log'), 'utf8').slice(-2000));
      releases.push(readFileSync(join(folder, 'kernel'), 'utf8').trim());
    }

    test('have an experiment between them, which names the kernel and the Node of each', async () => {
      const [server = '', client = ''] = launchers;
      const where = [
        '--server-on',
        server,
        '--client-on',
        client,
        '--host',
        '192.0.2.1',
        '--launch-timeout',
        '2m',
      ];
      const { stdout, stderr, status } = await tcpclose(['demo', 'server-first', ...where, '--json']);
      expect(stderr).toBe('');
      const { outcome, environment } = JSON.parse(stdout);
      expect(outcome).toBe('passed');
      const node = process.versions.node;
      expect(environment.hosts).toMatchObject([
        { role: 'server', kernel: releases[0], node },
        { role: 'client', kernel: releases[1], node },
      ]);
      expect(releases[0]).toMatch(/^6\.1\./);
      expect(releases[1]).toMatch(/^6\.12\./);
      expect(status).toBe(0);
    });
  },
);

async function inside(network: Namespace, script: string): Promise<void> {
  const { exitCode, stderr } = await network.run(['sh', '-c', script]);
  if (exitCode !== 0) throw new Error(`${script}: ${stderr}`);
}
