import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { users } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { testReadBack } from '../support/read-back.ts';
import { schemaErrors } from '../support/schema.ts';
import { unless } from '../support/skips.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const why = await whyUnmet('packets');
const folder = temporaryFolder('packets');

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

  test('with --two-hosts it has the states of both', async (context) => {
    if ((await whyUnmet('two hosts')) !== null) return context.skip('no two hosts here');
    const { stdout } = await tcpclose(['demo', 'client-first', '--two-hosts', '--packets', '--json']);
    const [connection] = JSON.parse(stdout).recording.connections;
    const sides = connection.transitions.map(({ side }: { side: string }) => side);
    expect(new Set(sides)).toEqual(new Set(['client', 'server']));
  });

  test('--ascii draws only ASCII characters', async () => {
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

  test('without it nothing is recorded', async () => {
    const { stdout } = await tcpclose(['demo', 'client-first', '--json']);
    expect(JSON.parse(stdout).recording).toBeNull();
  });
});

describe('demo --pcap', unless(why), () => {
  testReadBack('tcpdump');

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

  test('replaces the contents of the file only by packets, and leaves no file without any', async () => {
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
