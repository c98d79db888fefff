import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../src/report/documents/run.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { missing } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface TraceEvent {
  readonly ph: string;
  readonly cat?: string;
  readonly name: string;
  readonly ts?: number;
  readonly id?: string;
}

// One run for all of them: its server hears no ACK, so that its FIN is sent again.
describe('pictures of a run', unless(await whyUnmet('packets')), () => {
  const folder = temporaryFolder('pictures');
  const file = (name: string) => join(folder, name);
  let run: RunDocument;
  let text: string;
  beforeAll(async () => {
    const reporters = ['text', 'json', 'html', 'svg', 'trace', 'markdown'].flatMap((name) => [
      '--reporter',
      name === 'text' ? name : `${name}:${file(name)}`,
    ]);
    const args = ['demo', 'lost-last-ack', '--packets', '--pcap', file('run.pcapng'), ...reporters];
    text = (await tcpclose(args)).stdout;
    run = JSON.parse(readFileSync(file('json'), 'utf8'));
  });
  const segments = () => run.recording?.connections.flatMap((connection) => connection.segments) ?? [];

  test('a segment that the filter of a socket drops is known as unheard, and no other', (context) => {
    if (run.recording?.held === false) return context.skip('this kernel holds no segments');
    const bare = ({ from, flags, sequence }: ReturnType<typeof segments>[number]) =>
      from === 'client' && flags.join() === 'ACK' && sequence === 2;
    const unheard = segments().filter((segment) => segment.unheard);
    // The last one is heard, because the server hears again then.
    expect(unheard).toEqual(segments().filter(bare).slice(0, -1));
    expect(unheard.length).toBeGreaterThan(1);
    expect(text.match(/─ ACK seq 2 ack 2 ─+× +│/g)).toHaveLength(unheard.length);
    expect(text).toMatch(/│ ⋮ [\d.]+ m?s +│\n/);
    expect(text).toContain('────× arrived, and was dropped before it reached the socket');
  });

  test('tshark shows states, step and checks beside each packet', unless(missing('tshark')), () => {
    const fields = ['-T', 'fields', '-E', 'separator=|', '-e', 'tcp.flags.str', '-e', 'frame.comment'];
    const lines = execFileSync('tshark', ['-n', '-r', file('run.pcapng'), ...fields], { encoding: 'utf8' })
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(segments().length);
    expect(lines[3]).toContain('client ESTABLISHED, server ESTABLISHED');
    expect(lines[3]).toContain('the client enters FIN_WAIT1');
    expect(lines.every((line) => /step \d: /.test(line))).toBe(true);
    const made = lines.flatMap((line) => line.match(/check as expected: /g) ?? []);
    const first = segments()[0]?.atMs ?? 0;
    expect(made).toHaveLength(run.checks.filter(({ atMs }) => atMs >= first).length);
  });

  test('the trace has a slice for each state, and an arrow for each segment that was heard', () => {
    const { traceEvents } = JSON.parse(readFileSync(file('trace'), 'utf8')) as { traceEvents: TraceEvent[] };
    const of = (ph: string, cat: string) => traceEvents.filter((one) => one.ph === ph && one.cat === cat);
    // A socket that has sent its SYN is in SYN_SENT or SYN_RECV, though it was looked at later.
    const states = run.recording?.connections.flatMap(({ transitions, segments }) =>
      transitions
        .filter(({ to }) => to !== null)
        .map(({ to, side, atMs }) => {
          const syn = segments.find(({ from, flags }) => from === side && flags.includes('SYN'));
          const bySegment = to === 'SYN_SENT' || to === 'SYN_RECV' ? (syn?.atMs ?? atMs) : atMs;
          return `${to} ${Math.round(Math.min(atMs, bySegment) * 1000)}`;
        }),
    );
    expect(
      of('X', 'state')
        .map(({ name, ts }) => `${name} ${ts}`)
        .sort(),
    ).toEqual(states?.sort());
    const heard = segments().filter(({ unheard }) => !unheard);
    expect(of('s', 'segment').map(({ ts }) => ts)).toEqual(heard.map(({ atMs }) => Math.round(atMs * 1000)));
    expect(of('f', 'segment').map(({ id }) => id)).toEqual(of('s', 'segment').map(({ id }) => id));
  });

  test('the picture is an SVG file with an arrow for each segment, and the page stays below 1 MB', () => {
    const svg = readFileSync(file('svg'), 'utf8');
    expect(XMLValidator.validate(svg)).toBe(true);
    expect(svg.match(/data-key="segment:/g)).toHaveLength(segments().length);
    const page = readFileSync(file('html'));
    expect(page.length).toBeLessThan(1_000_000);
    expect(page.toString()).not.toMatch(/(?:src|href)=/);
    expect(readFileSync(file('markdown'), 'utf8')).toContain('| **FIN_WAIT1** |');
  });
});
