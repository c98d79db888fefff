import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type IdleClient, idleClients } from '../../src/idle/clients.ts';

const page = readFileSync('docs/idle.md', 'utf8');
const seconds = (ms: number | null) => (ms === null ? 'no limit' : `${ms / 1000} s`);

test('the page about idle connections has the table of clients as it is in the program', () => {
  const rows = Object.entries<IdleClient>(idleClients).map(
    ([name, { idleMs, hintMarginMs, hintMostMs, source }]) => {
      const longer = hintMostMs === undefined ? '' : `, up to ${seconds(hintMostMs)}`;
      const reads = hintMarginMs === null ? 'no' : `yes, ${seconds(hintMarginMs)} before${longer}`;
      return `| \`${name}\` | ${seconds(idleMs)} | ${reads} | ${source} |`;
    },
  );
  expect(page).toContain(rows.join('\n'));
});

test.each(Object.entries(idleClients))('%s has a source on the web', (_, { source }) => {
  expect(source).toMatch(/^https:\/\/\S+/);
});
