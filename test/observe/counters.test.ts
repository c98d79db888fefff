import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Host, thisMachine } from '../../src/lab/hosts/host.ts';
import { parseCounters, readCounterText } from '../../src/observe/counters/counters.ts';
import { meanings } from '../../src/observe/counters/meanings.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const noNamespace = await whyUnmet('namespace');

describe('the counters of TCP', () => {
  test('are the same by files and by programs', async () => {
    const byFiles = parseCounters(await readCounterText(thisMachine));
    const byPrograms = parseCounters(await readCounterText(new Host('elsewhere', [], undefined)));
    expect([...byPrograms.keys()]).toEqual([...byFiles.keys()]);
  });
});

describe('demo', unless(noNamespace), () => {
  const args = ['demo', 'without-time-wait-by-force'];
  const file = join(temporaryFolder('counters'), 'run.json');
  const written = ['--reporter', `json:${file}`];

  test('--counters lists those that moved in the run, and what that means', async () => {
    const { stdout, status } = await tcpclose([...args, '--counters', '--reporter', 'text', ...written]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^what the kernel counted on a namespace$/m);
    expect(stdout).toMatch(/^ +\+1 +TCPTimeWaitOverflow +TIME_WAITs that were not kept, because$/m);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('does not list them by default', async () => {
    expect((await tcpclose(args)).stdout).not.toContain('TCPTimeWaitOverflow');
  });

  test('--json has the counters of each host, with its name', async () => {
    const { counters } = JSON.parse(readFileSync(file, 'utf8'));
    expect(counters).toHaveLength(1);
    expect(counters[0]).toMatchObject({ host: 'a namespace', scope: 'this run' });
    expect(counters[0].moved).toContainEqual({
      name: 'TCPTimeWaitOverflow',
      by: 1,
      meaning: meanings['TCPTimeWaitOverflow'],
    });

    const both = JSON.parse((await tcpclose(['demo', 'linger-zero', '--two-hosts', '--json'])).stdout);
    const resets = both.counters.map(({ moved }: { moved: { name: string; by: number }[] }) =>
      moved.find(({ name }) => name === 'OutRsts'),
    );
    expect(resets.filter((reset: unknown) => reset !== undefined).length).toBeGreaterThan(0);

    const shared = JSON.parse((await tcpclose(['demo', 'shut-wr', '--json'])).stdout);
    expect(shared.counters[0].scope).toBe('the whole machine');
  });
});
