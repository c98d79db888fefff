import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { splitWords } from '../../src/lab/hosts/launcher.ts';
import { tcpclose } from '../support/program.ts';

const page = readFileSync(new URL('../../docs/anywhere.md', import.meta.url), 'utf8');
const shown = [...page.matchAll(/^(?:sudo )?tcpclose (why|watch) (.*)$/gm)].map(
  ([, command = '', rest = '']) => ({
    command,
    words: splitWords(rest),
  }),
);

describe.each(['why', 'watch'])('docs/anywhere.md and %s', (command) => {
  const used = shown.filter((line) => line.command === command);

  test('it is shown', () => expect(used.length).toBeGreaterThan(0));

  test('every option that is shown exists', async () => {
    const { stdout } = await tcpclose([command, '--help']);
    const options = used.flatMap(({ words }) => words.filter((word) => word.startsWith('--')));
    expect(options.filter((option) => !stdout.includes(`${option} `))).toEqual([]);
  });

  test('every launcher is one word for the shell, and several for tcpclose or one program', () => {
    for (const { words } of used) {
      const at = words.indexOf('--on');
      if (at === -1) continue;
      expect(splitWords(words[at + 1] ?? '').length).toBeGreaterThan(0);
    }
  });
});
