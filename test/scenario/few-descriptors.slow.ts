import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SuiteDocument } from '../../src/report/documents/suite.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const noNamespace = await whyUnmet('namespace');
const atMost = (descriptors: number) => ['sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh'];

async function outcomesOf(args: readonly string[], descriptors: number) {
  const { stdout } = await tcpclose(['test', ...args, '--json'], { prefix: atMost(descriptors) });
  const { scenarios } = JSON.parse(stdout) as SuiteDocument;
  return scenarios.map(({ scenario, outcome, reason, checks }) => ({
    ...{ scenario, outcome, reason },
    contradicted: checks.filter(({ verdict }) => verdict === 'contradicted').length,
  }));
}

describe('with 128 descriptors', () => {
  const several = ['order', 'close/linger-zero', 'wire', 'close/descriptors-come-back', 'silence/fin-lost'];

  test.each([['the usual number at once'], ['many at once', '--jobs', '24']])(
    '%s: each passes',
    async (_, ...jobs) => {
      const outcomes = await outcomesOf([...several, ...jobs], 128);
      expect(outcomes.length).toBeGreaterThan(8);
      expect(outcomes.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    },
  );

  test('a scenario that needs thousands is skipped, and names the remedy', unless(noNamespace), async () => {
    expect(await outcomesOf(['two-thousand'], 128)).toEqual([
      {
        ...{ scenario: 'two-thousand', outcome: 'skipped', contradicted: 0 },
        reason:
          'a process may have 128 descriptors, and 4096 are needed: raise the limit with "ulimit -n 4096"',
      },
    ]);
  });
});

describe('a scenario that runs out of descriptors decides nothing', () => {
  const folder = temporaryFolder('descriptors');
  const churn = 'await lab.load.churn({ to: server, connections: 500, concurrency: 500 })';

  test.each([
    ['a client', `const { outcomes } = ${churn}; expect.value('served', outcomes.ok).equals(500);`],
    [
      'a server',
      `for (const name of ['first', 'second']) {
        const client = await lab.client(server, { name, connections: 150 });
        await expect(client).state('ESTABLISHED');
      }`,
    ],
  ])('%s', async (who, lines) => {
    const file = join(folder, `${who.replace(' ', '-')}.ts`);
    const options = who === 'a client' ? "{ shortConnections: { closer: 'client' } }" : '';
    writeFileSync(
      file,
      `import { scenario } from 'tcpclose';
export default scenario({
  title: 'More connections than descriptors', claim: 'All are served.', source: [], decides: [], control: 'end',
  async run({ lab, expect }: any) {
    const server = await lab.server(${options});
    ${lines}
  },
});
`,
    );
    const [outcome] = await outcomesOf([file], 256);
    expect(outcome).toMatchObject({ outcome: 'errored', contradicted: 0 });
    expect(outcome?.reason).toMatch(/EMFILE\): raise the limit with "ulimit -n 4096"$/);
  });
});
