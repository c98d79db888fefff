import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { noRoot, users } from '../support/machine.ts';
import { Program, tcpclose } from '../support/program.ts';
import { testReadBack } from '../support/read-back.ts';
import { unless } from '../support/skips.ts';

const why = await whyUnmet('packets');

describe('demo --packets', unless(why), () => {
  test.for(users)(
    'as %s the ladder of a close has the states of RFC 9293, figures 6 and 12',
    async ([, prefix], context) => {
      const { stdout } = await tcpclose(['demo', 'wire/four-segments', '--packets', '--json'], { prefix });
      const { recording } = JSON.parse(stdout);
      // Without the queue of the kernel what lasts too short is missing.
      if (!recording.held) return context.skip(recording.whyNotHeld);
      const { stdout: text } = await tcpclose(['demo', 'wire/four-segments', '--ascii'], { prefix });
      const rows = text
        .split('\n')
        .map((line) => /^ *[\d.]+ {2}(\w*) *\|(.*)\| ?(\w*)$/.exec(line))
        .filter((row) => row !== null)
        .map(([, client, arrow = '', server]) => [
          client,
          /(?<=- )[A-Z ]*[A-Z](?= seq)/.exec(arrow)?.[0],
          server,
        ])
        .filter(([client, , server]) => client || server);
      expect(rows).toEqual([
        ['SYN_SENT', 'SYN', 'SYN_RECV'],
        ['ESTABLISHED', 'SYN ACK', ''],
        ['', 'ACK', 'ESTABLISHED'],
        ['FIN_WAIT1', 'FIN ACK', 'CLOSE_WAIT'],
        ['FIN_WAIT2', 'ACK', ''],
        ['TIME_WAIT', 'FIN ACK', 'LAST_ACK'],
        ['', 'ACK', 'CLOSED'],
      ]);
    },
  );

  test('what tcpclose has sent itself is marked', async () => {
    const shown = await tcpclose(['demo', 'refused-by-time-wait', '--packets']);
    expect(shown).toMatchObject({ status: 0, stderr: '' });
    // One with each value of tcp_rfc1337.
    expect(shown.stdout.match(/│[◀╌].*╌.*[▶╌]│/g)).toHaveLength(2);
    expect(shown.stdout).toContain('replayed: sent by tcpclose');
    const { stdout } = await tcpclose(['demo', 'refused-by-time-wait', '--packets', '--json']);
    const { connections } = JSON.parse(stdout).recording as {
      connections: { segments: { source: string; from: string; length: number }[] }[];
    };
    const replayed = connections.flatMap(({ segments }) =>
      segments.filter(({ source }) => source === 'replay'),
    );
    const old = { from: 'server', length: 8 };
    expect(replayed).toMatchObject([old, old]);
    const page = await tcpclose(['demo', 'refused-by-time-wait', '--mermaid']);
    expect(page.stdout.match(/ server-->>client: .* PSH ACK /g)).toHaveLength(2);
  });

  test('a long transfer is truncated, and marked as such', async () => {
    const { stdout } = await tcpclose(['demo', 'fin-wait2-half-close', '--packets']);
    expect(stdout).toMatch(/│ ⋮ \d+ segments +│\n +│ ⋮ with \d+ bytes ▶ and \d+ ◀ +│\n/);
  });

  test.each([
    ['gives way to the capture', ['--packets'], '3'],
    ['is as ever without it', [], '0'],
  ])('whoever takes part %s', async (_, options, policy) => {
    const program = new Program(['demo', 'client-first', '--step', ...options]);
    await program.says('\n1  ');
    program.child.stdin?.write('\n');
    await program.says('\n2  ');
    const pids = [...program.stdout.matchAll(/^ {2}(?:server|client) .*pid (\d+)/gm)].map(([, pid]) => pid);
    // Of proc(5): field 41 of stat, 3 for SCHED_BATCH.
    const policies = pids.map(
      (pid) =>
        readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ')[38],
    );
    program.child.kill('SIGINT');
    await program.finished();
    expect(new Set(policies)).toEqual(new Set([policy]));
  });
});

describe('demo --pcap', unless(why), () => {
  testReadBack('tshark');
});

/** The instances of tracefs that processes of tcpclose have made, by pid. */
function tracingPids(): string[] {
  const script = 'mount -t tracefs none /sys/kernel/tracing && ls /sys/kernel/tracing/instances';
  const { stdout } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' });
  return [...stdout.matchAll(/^tcpclose-(\d+)$/gm)].map((match) => match[1] ?? '');
}

describe('tracing is taken away', unless(why ?? noRoot), () => {
  test.each([
    ['at the end', (program: Program) => program.child.stdin?.end()],
    ['after Ctrl-C', (program: Program) => program.child.kill('SIGINT')],
    ['after SIGKILL', (program: Program) => program.child.kill('SIGKILL')],
  ])('%s, and no process is left', async (_, end) => {
    const program = new Program(['demo', 'client-first', '--packets', '--step']);
    await program.says('\n1  ');
    const pids = program.processes().map((line) => line.split(' ')[0] ?? '');
    const tracing = tracingPids().filter((pid) => pids.includes(pid));
    // Where the kernel does not trace there is nothing to take away.
    expect(tracing.length).toBeLessThanOrEqual(1);
    end(program);
    await program.finished();
    expect(await program.leftAfter(10_000)).toEqual([]);
    expect(tracingPids().filter((pid) => tracing.includes(pid))).toEqual([]);
  });
});
