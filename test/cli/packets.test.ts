import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { asNobody, installed, isRoot, noRoot } from '../support/machine.ts';
import { Program, tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { unless } from '../support/skips.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const why = await whyUnmet('packets');
const folder = temporaryFolder('packets');

const users: [string, readonly string[]][] = isRoot
  ? [
      ['root', []],
      ['nobody', asNobody],
    ]
  : [['this user', []]];

describe('demo --packets', unless(why), () => {
  test.each(users)(
    'shows as %s what passed, in 80 columns, between the states that were seen',
    async (_, prefix) => {
      const { stdout, status } = await tcpclose(['demo', 'server-first', '--packets'], { prefix });
      expect(status).toBe(0);
      expect(stdout).toMatch(/│─ SYN seq 0 ─+▶│/);
      expect(stdout).toMatch(/│◀─+ FIN ACK seq 1 ack 1 ─│/);
      expect(stdout).toMatch(/\d {2}CLOSE_WAIT +│/);
      expect(stdout).toMatch(/│ TIME_WAIT/);
      expect(stdout).toMatch(/── 2 {2}.* ─+\n/);
      expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
    },
  );

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

  test('with --two-hosts it has the states of both', async (context) => {
    if ((await whyUnmet('two hosts')) !== null) return context.skip('no two hosts here');
    const { stdout } = await tcpclose(['demo', 'client-first', '--two-hosts', '--packets', '--json']);
    const [connection] = JSON.parse(stdout).recording.connections;
    const sides = connection.transitions.map(({ side }: { side: string }) => side);
    expect(new Set(sides)).toEqual(new Set(['client', 'server']));
  });

  test('--ascii shows it in ASCII alone', async () => {
    const { stdout, status } = await tcpclose(['demo', 'simultaneous', '--ascii']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/\|- SYN seq 0 -+>\|/);
    expect(stdout).toMatch(/^[ -~\n]*$/);
  });

  test('--mermaid gives a page of Markdown', async () => {
    const { stdout, status } = await tcpclose(['demo', 'client-first', '--mermaid']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^## client-first: /);
    const diagrams = [...stdout.matchAll(/```mermaid\n(sequenceDiagram\n[\s\S]*?)```/g)];
    expect(diagrams).toHaveLength(2);
    expect(diagrams[0]?.[1]).toMatch(/ client->>server: \d+\.\d{3} ms FIN ACK seq 1 ack 1\n/);
    expect(diagrams[0]?.[1]).toContain('Note left of client: TIME_WAIT');
    const statement = /^ {2}(participant \w+ as .+|Note (over|left of|right of) [\w,]+: .+|\w+->>\w+: .+)$/;
    for (const [, text = ''] of diagrams)
      expect(
        text
          .trimEnd()
          .split('\n')
          .slice(1)
          .filter((line) => !statement.test(line)),
      ).toEqual([]);
  });

  test('what tcpclose has sent itself is marked', async () => {
    const shown = await tcpclose(['demo', 'refused-by-time-wait', '--packets']);
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

  test('a long transfer is cut short, and said to be', async () => {
    const { stdout } = await tcpclose(['demo', 'fin-wait2-half-close', '--packets']);
    expect(stdout).toMatch(/│ ⋮ \d+ segments +│\n +│ ⋮ with \d+ bytes ▶ and \d+ ◀ +│\n/);
  });

  test('--json has every segment and transition, and keeps to its schema', async () => {
    const { stdout, status } = await tcpclose(['demo', 'client-first', '--packets', '--json']);
    expect(status).toBe(0);
    const document = JSON.parse(stdout);
    expect(schemaErrors('demo', document)).toEqual([]);
    const [connection] = document.recording.connections;
    const flags = connection.segments.map((segment: { flags: string[] }) => segment.flags.join(' '));
    expect(flags.slice(0, 3)).toEqual(['SYN', 'SYN ACK', 'ACK']);
    expect(flags.filter((text: string) => text === 'FIN ACK')).toHaveLength(2);
    const reached = connection.transitions.map(
      ({ side, to }: { side: string; to: string }) => `${side} ${to}`,
    );
    expect(reached).toContain('client TIME_WAIT');
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

  test('without it nothing is recorded', async () => {
    const { stdout } = await tcpclose(['demo', 'client-first', '--json']);
    expect(JSON.parse(stdout).recording).toBeNull();
  });
});

describe('demo --pcap', unless(why), () => {
  const programs = [
    ['tcpdump', ['-nr'], (line: string) => /Flags \[F\.\]/.test(line)],
    ['tshark', ['-nr'], (line: string) => /\[FIN, ACK\]/.test(line)],
  ] as const;

  test.for(programs)(
    'is read back by %s, and has what --json prints',
    async ([program, args, isFin], context) => {
      if (!installed(program)) return context.skip(`${program} is not installed`);
      const file = join(folder, `${program}.pcap`);
      const { stdout } = await tcpclose(['demo', 'client-first', '--pcap', file, '--json']);
      const told = JSON.parse(stdout).recording.connections.flatMap(
        ({ segments }: { segments: { flags: string[] }[] }) => segments,
      );
      const lines = execFileSync(program, [...args, file], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
      })
        .trim()
        .split('\n');
      expect(lines).toHaveLength(told.length);
      const fins = told.filter(({ flags }: { flags: string[] }) => flags.includes('FIN'));
      expect(lines.filter(isFin)).toHaveLength(fins.length);
    },
  );

  test.each(['/nonexistent/x.pcap', '/dev/full', '/tmp'])(
    'what cannot be written, as %s, is refused in one line, before anything is done',
    async (path) => {
      const { stdout, stderr, status } = await tcpclose(['demo', 'client-first', '--pcap', path]);
      expect(stderr).toMatch(/^tcpclose: "[^\n"]*" cannot be written [^\n]*--pcap\n$/);
      expect(stderr).toContain(`"${path}"`);
      expect(stdout).toBe('');
      expect(status).toBe(2);
    },
  );

  test('what is in the file is replaced only by packets, and none is left without', async () => {
    const elsewhere = ['--host', '192.0.2.1'];
    const [old, none] = [join(folder, 'old.pcap'), join(folder, 'none.pcap')];
    writeFileSync(old, 'longer than the header of a file of packets is');
    for (const file of [old, none]) {
      const { stdout, stderr, status } = await tcpclose([
        'demo',
        'client-first',
        '--pcap',
        file,
        ...elsewhere,
      ]);
      expect(stderr).toContain('192.0.2.1 is not an address of the private network');
      expect(stdout).toBe('');
      expect(status).toBe(2);
    }
    expect(readFileSync(old, 'utf8')).toMatch(/^longer/);
    expect(existsSync(none)).toBe(false);
  });
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
