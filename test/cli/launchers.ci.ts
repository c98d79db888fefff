import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { installed, isRoot } from '../support/machine.ts';
import { Program, tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { type Sshd, startSshd } from '../support/sshd.ts';
import { betweenHosts, launchersOfTwoHosts } from '../support/two-hosts.ts';

const why = await whyUnmet('two hosts');

describe('the server and the client of a demo on hosts of their own', unless(why), () => {
  const hosts = launchersOfTwoHosts();

  test('over IPv6 a suite there runs what needs IPv6', async () => {
    const launchers = betweenHosts(hosts, 'IPv6');
    const { stdout, status } = await tcpclose(['test', 'dual-stack', 'wildcard-and-specific', ...launchers]);
    expect(stdout).toContain('it needs an IPv4 address of');
    expect(stdout).toContain('1 passed, 1 skipped');
    expect(status).toBe(0);
  });

  test.each(['SIGINT', 'SIGKILL'] as const)('%s leaves no peer behind', async (signal) => {
    for (const ms of [200, 500, 900]) {
      const launchers = betweenHosts(hosts, 'IPv4');
      const program = new Program(['demo', 'server-first', '--wait', ...launchers]);
      await new Promise((resolve) => setTimeout(resolve, ms));
      program.child.kill(signal);
      await program.finished();
      expect(await program.leftAfter(2000)).toEqual([]);
    }
  });

  test('a program that hangs is abandoned in time, and the wait for it is announced before', async () => {
    const launchers = ['--server-on', 'sh -c "sleep 60" x', '--client-on', 'env', '--launch-timeout', '8s'];
    const program = new Program(['demo', 'server-first', '--host', '198.18.0.1', ...launchers]);
    const { stderr, status, stdout } = await program.finished();
    // On a busy machine the other one may take so long that it is named as well.
    expect(stderr.replace(/^waiting for "env" .*\n/m, '')).toMatch(
      /^waiting for "sh -c "sleep 60" x" to start a command, at most 8.0 s[^\n]*\ntcpclose: [^\n]*did not start a command within 8.0 s[^\n]*\n$/,
    );
    expect([stdout, status]).toEqual(['', 2]);
  });
});

const noSshd = !isRoot
  ? 'it needs root'
  : ['sshd', 'ssh', 'unshare'].every(installed)
    ? null
    : 'openssh is not installed';

describe('peers by ssh', unless(noSshd), () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.close());

  test('start without anything of tcpclose there', async () => {
    const launchers = ['--server-on', sshd.launcher, '--client-on', sshd.launcher];
    const { stderr, status, stdout } = await tcpclose(['demo', 'server-first', ...launchers]);
    expect(stderr).toBe('');
    expect(stdout).toContain('as expected');
    expect(status).toBe(0);
  });
});
