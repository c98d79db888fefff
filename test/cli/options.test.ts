import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { packageVersion } from '../../src/package.ts';
import { formatsOf } from '../../src/report/kinds/formats.ts';
import { reporterNames } from '../../src/report/reporters.ts';
import { tcpclose } from '../support/program.ts';

const names = commands.map(({ name }) => name);
const listed = commands.filter(({ hidden }) => !hidden);
const withDocument = commands.flatMap(({ name, document }) => (document === undefined ? [] : [name]));

const helps = new Map<string, Promise<string>>();

function help(name: string): Promise<string> {
  const known = helps.get(name) ?? askForHelp(name);
  helps.set(name, known);
  return known;
}

async function askForHelp(name: string): Promise<string> {
  const { stdout, stderr, status } = await tcpclose([name, '--help']);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
}

const common = [
  '--json',
  '--reporter <name[:file]>',
  '-o, --output <file>',
  '-q, --quiet',
  '--no-color',
  '--no-pager',
  '-h, --help',
];

/** The options of a command by their flags, each with its description on one line. */
async function optionsOf(name: string): Promise<Map<string, string>> {
  const [before = ''] = (await help(name)).split('\nExit status:\n');
  // A group of options has a heading and a line for each.
  const groups = before.split('\n\n').filter((group) => /^[A-Z][^\n]*:\n {2}-/.test(group));
  const whole = groups.flatMap((group) =>
    group
      .replaceAll(/\n {10,}/g, ' ')
      .trimEnd()
      .split('\n')
      .slice(1),
  );
  return new Map(
    whole.map((line) => {
      const [flags = '', description = ''] = line.trim().split(/ {2,}/);
      return [flags, description] as const;
    }),
  );
}

describe('the options of all commands', () => {
  test.each([...withDocument, 'render'])('%s has what all have, and names its reporters', async (name) => {
    const options = await optionsOf(name);
    expect([...options.keys()]).toEqual(expect.arrayContaining([...common]));
    const description = options.get('--reporter <name[:file]>');
    const named = reporterNames.filter((reporter) => new RegExp(`\\b${reporter}\\b`).test(description ?? ''));
    expect(named).toEqual(formatsOf(name));
    expect(await help(name)).toContain('\nCommon options:\n');
  });

  test.each(listed)('$name has two examples in its help, and its exit statuses', async ({ name }) => {
    const [before = '', examples = ''] = (await help(name)).split('\nExamples:\n');
    expect(before).toContain('\nExit status:\n');
    expect(examples.match(new RegExp(`^  tcpclose ${name}`, 'gm'))?.length).toBeGreaterThanOrEqual(2);
  });

  test('those of the same name take the same value, and are described in the same words', async () => {
    // What these do is another thing in each command.
    const own = [
      '--json',
      '--reporter',
      '--port',
      '--timeout',
      '--host',
      '--for',
      '--long',
      '--path',
      '--tls',
      '--all',
    ];
    const seen = new Map<string, string>();
    for (const name of names) {
      for (const [flags, description] of await optionsOf(name)) {
        const option = /--[\w-]+/.exec(flags)?.[0] ?? '';
        const value = flags.replace(/^-\w, /, '');
        const meaning = own.includes(option) ? value : `${value}: ${description}`;
        expect(`${name} ${seen.get(option) ?? meaning}`).toBe(`${name} ${meaning}`);
        seen.set(option, meaning);
      }
    }
    expect(seen.size).toBeGreaterThan(30);
  });

  test('only commands that run scenarios speak of skipped ones in their exit statuses', async () => {
    const withSkips = await Promise.all(
      listed.map(async ({ name }) => {
        const [, after = ''] = (await help(name)).split('\nExit status:\n');
        return / skipped/.test(after) ? [name] : [];
      }),
    );
    expect(withSkips.flat()).toEqual(['demo', 'tour', 'test', 'claims']);
  });

  test.each(listed)('$name is called in the list as in its own help', async ({ name, synopsis }) => {
    const { stdout } = await tcpclose(['help']);
    const own = (await help(name)).split('\n')[0];
    const called = `${name} ${synopsis}`.trimEnd();
    expect(stdout).toMatch(new RegExp(`^ {2}${escaped(called)}( |$)`, 'm'));
    expect(own).toBe(`Usage: tcpclose ${name} [options] ${synopsis}`.trimEnd());
  });
});

describe('help and version', () => {
  test.each([
    [['help'], ['--help']],
    [
      ['help', 'demo'],
      ['demo', '--help'],
    ],
    [['version'], ['--version']],
    [['-v'], ['--version']],
    [['-V'], ['--version']],
  ])('%j is %j', async (args, as) => {
    expect(await tcpclose(args)).toEqual(await tcpclose(as));
  });

  test('the version is that of the package', async () => {
    expect(await tcpclose(['version'])).toEqual({ stdout: `${packageVersion()}\n`, stderr: '', status: 0 });
  });

  test('help of what is not a command is an error', async () => {
    const { stderr, status } = await tcpclose(['help', 'demmo']);
    expect(stderr).toMatch(/^tcpclose: unknown command 'demmo' \(Did you mean demo\?\)[^\n]*\n$/);
    expect(status).toBe(2);
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[\][().<>|]/g, '\\$&');
}
