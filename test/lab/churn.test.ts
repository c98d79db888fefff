import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { Program, tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { unless } from '../support/skips.ts';

const why = await whyUnmet('namespace');

interface Sample {
  readonly atMs: number;
  readonly done: number;
  readonly of: number;
  readonly timeWaits: number;
}

async function churn(...args: string[]) {
  const { stdout, status } = await tcpclose(['demo', 'churn', '--json', ...args]);
  const document = JSON.parse(stdout);
  const samples: Sample[] = document.steps.flatMap(({ load }: { load: Sample[] }) => load);
  return { status, document, samples };
}

describe('churn', unless(why), () => {
  test('reports its course over time, in a document that keeps to its schema', async () => {
    const { status, document, samples } = await churn('--connections', '3000');
    expect(status).toBe(0);
    expect(schemaErrors('demo', document)).toEqual([]);
    expect(samples.at(-1)).toMatchObject({ done: 3000, of: 3000 });
    const done = samples.map((sample) => sample.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(samples.at(-1)?.timeWaits).toBeGreaterThan(1000);
  });

  test('is interrupted at once, and leaves nothing', async () => {
    const program = new Program(['demo', 'churn', '--connections', '10000000']);
    await program.says('\n1  ');
    program.child.kill('SIGINT');
    const { status } = await program.finished();
    expect(status).toBe(130);
    expect(await program.leftAfter(15_000)).toEqual([]);
  });
});

test.each([
  [['--linger', 'soon'], '--linger: "soon" is not a linger time: give off, or seconds from 0 to 60'],
  [['--closer', 'both'], '--closer: "both" is not a choice: choose one of server, client'],
  [['--connections', '0'], '--connections: "0" is not a whole number from 1 to 10000000'],
])('churn %j is refused in one line', async (args, message) => {
  const { stderr, status } = await tcpclose(['demo', 'churn', ...args]);
  expect(stderr).toBe(`tcpclose: ${message}\n`);
  expect(status).toBe(2);
});
