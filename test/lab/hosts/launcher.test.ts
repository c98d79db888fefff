import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLauncher, quoteForShell, splitWords } from '../../../src/lab/hosts/launcher.ts';
import { installed, isRoot, missing, noRoot } from '../../support/machine.ts';
import { unless } from '../../support/skips.ts';
import { type Sshd, startSshd } from '../../support/sshd.ts';

const hard = ["it's", 'two  blanks', '$HOME', '"', '\\', '*', ';', ''];

describe('a launcher is split as a shell does', () => {
  test.each([
    ['ssh box', ['ssh', 'box']],
    ['  nsenter   --net -t 1  ', ['nsenter', '--net', '-t', '1']],
    [`ssh -o 'ProxyCommand=nc %h %p' box`, ['ssh', '-o', 'ProxyCommand=nc %h %p', 'box']],
    [`a "b \\"c\\" $d" 'e'f\\ g`, ['a', 'b "c" $d', 'ef g']],
    [`docker exec -i '' x`, ['docker', 'exec', '-i', '', 'x']],
    ['', []],
  ])('%s', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  test.each([`ssh 'box`, `ssh "box`])('a quote that does not end is refused: %s', (text) => {
    expect(() => splitWords(text)).toThrow(/a quote does not end/);
  });
});

describe('words that are quoted for a shell come back as they were', () => {
  const word = fc.string({ unit: 'grapheme-ascii', maxLength: 12 }).filter((text) => !text.includes('\0'));

  test('from splitWords', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        expect(splitWords(words.map(quoteForShell).join(' '))).toEqual(words);
      }),
    );
  });

  test('from sh', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        const script = `printf '%s\\0' ${words.map(quoteForShell).join(' ')}`;
        expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(
          words,
        );
      }),
      { numRuns: 30 },
    );
  });
});

describe('words reach the program behind a launcher as they are', () => {
  let sshd: Sshd | undefined;
  const withSshd = isRoot && installed('sshd') && installed('ssh');
  beforeAll(async () => {
    if (withSshd) sshd = await startSshd();
  });
  afterAll(() => sshd?.close());

  const print = ['printf', '%s\\n', ...hard];
  const printed = hard.map((word) => `${word}\n`).join('');

  test.each([
    ['env'],
    ['env -u NOTHING'],
    [`sh -c 'exec "$@"' sh`],
    // Joined with blanks and read by a shell again, as ssh does.
    [`sh -c 'exec sh -c "$*"' sh`],
  ])('%s', async (launcher) => {
    const host = await openLauncher(launcher);
    expect(await host.run(print)).toEqual({ stdout: printed, stderr: '', exitCode: 0 });
  });

  test('a real ssh', unless(noRoot ?? missing('sshd', 'ssh')), async () => {
    const host = await openLauncher(sshd?.launcher ?? '');
    expect(await host.run(print)).toEqual({ stdout: printed, stderr: '', exitCode: 0 });
  });

  test("a real ssh's complaint is printed", unless(noRoot ?? missing('sshd', 'ssh')), async () => {
    const wrong = (sshd?.launcher ?? '').replace(/-i \S+/, '-i /dev/null');
    await expect(openLauncher(wrong)).rejects.toThrow(/Permission denied/);
  });
});

test.each([
  ['no-such-program', 'no-such-program cannot be started'],
  ['false', 'it ended with status 1'],
  ['echo', 'it ended with status 0'],
  ['', 'it has no words'],
])('what does not launch anything is refused: %s', async (launcher, why) => {
  await expect(openLauncher(launcher)).rejects.toMatchObject({
    code: 'bad-launcher',
    message: expect.stringContaining(why),
  });
});
