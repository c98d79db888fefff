import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Check } from '../../src/events.ts';
import { tcpclose } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('location');

/** The checks of a run in which nothing is done, so that some are contradicted. */
async function checksOf(scenario: string, withheld: string): Promise<readonly Check[]> {
  const args = ['demo', scenario, '--without', withheld, '--json'];
  const { stdout, status } = await tcpclose(args, { cwd: folder });
  expect(status).toBe(1);
  const { checks } = JSON.parse(stdout) as { checks: readonly Check[] };
  return checks;
}

/** The location of each contradicted check, with what the line says. */
function linesOf(checks: readonly Check[], read: (file: string) => string) {
  return checks
    .filter(({ verdict }) => verdict === 'contradicted')
    .map(({ location }) => {
      const { file = '', line = 0 } = location ?? {};
      return { file, text: read(file).split('\n')[line - 1]?.trim() };
    });
}

const story = `import { scenario } from 'tcpclose';

export default scenario({
  title: 'a story', claim: 'It is as stated.', source: [], decides: [], control: 'end',
  async run({ lab, expect, step }) {
    await step('nothing is done');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.end();
    await expect(client).state('ESTABLISHED', { withinMs: 0 });
    await expect(client).state('FIN_WAIT2', { withinMs: 0 });
    expect.value('one', 1).equals(2);
    expect
      .span('a span', 1)
      .atLeast(2);
    await expectElsewhere(expect, client);
  },
});

async function expectElsewhere(expect, client) {
  await expect(client).gone(0);
}
`;

const expected = [
  "await expect(client).state('FIN_WAIT2', { withinMs: 0 });",
  "expect.value('one', 1).equals(2);",
  ".span('a span', 1)",
  'await expect(client).gone(0);',
];

describe('a contradicted check has the line of its expectation', () => {
  const types = 'interface Erased {\n  readonly by: string;\n}\n\n';

  test.each([
    ['mine.ts', types + story.replace('(expect, client) {', '(expect: any, client: any): Promise<void> {')],
    ['mine.js', story],
    ['mine.mjs', story],
  ])('in %s', async (name, text) => {
    writeFileSync(join(folder, name), text);
    const checks = await checksOf(`./${name}`, 'end');
    expect(linesOf(checks, () => text)).toEqual(expected.map((text) => ({ file: name, text })));
  });

  test('in a scenario of the package, though it is built and minified', async () => {
    const checks = await checksOf('server-first', 'kill');
    expect(linesOf(checks, (file) => readFileSync(file, 'utf8')).slice(0, 3)).toEqual(
      [
        "await expect(server, { supports: 'C02/server', otherwise: 'gone' }).state('FIN_WAIT2', {",
        "await expect(client, { supports: 'C02/client', otherwise: ['gone', 'ESTABLISHED'] }).state('CLOSE_WAIT', {",
        "await expect(server, { supports: 'C03/TIME_WAIT', otherwise: 'gone' }).state('TIME_WAIT', {",
      ].map((text) => ({ file: 'scenarios/order/server-first.ts', text })),
    );
    const agreeing = checks.filter(({ verdict }) => verdict === 'as expected');
    expect(agreeing.map(({ location }) => location)).toEqual(agreeing.map(() => null));
  });
});
