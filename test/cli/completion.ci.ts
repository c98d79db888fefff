import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { shells } from '../../src/cli/completion/scripts.ts';
import { words } from '../../src/explain/words.ts';
import { catalogue } from '../../src/scenario/catalogue.ts';
import { missing } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { Terminal } from '../support/terminal.ts';

/** How each is started without the user's own settings, and how it loads a script from a file. */
const bare = {
  bash: { start: "PS1='ready> ' bash --norc --noprofile", load: 'source <(tcpclose completion bash)' },
  zsh: {
    start: "PS1='ready> ' zsh -f",
    load: 'autoload -U compinit; compinit -D; source <(tcpclose completion zsh)',
  },
  fish: {
    start: 'fish --no-config -C \'function fish_prompt; echo -n "ready> "; end\'',
    load: 'tcpclose completion fish | source',
  },
} as const;

describe.each(shells)('in %s', (shell) => {
  describe('the tab key', unless(missing('tmux', shell)), () => {
    test('completes commands, scenarios, options and their values, and files', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'completion-'));
      writeFileSync(join(folder, 'mine.ts'), '');
      const terminal = new Terminal(120);
      const completes = async (typed: string, whole: string) => {
        terminal.type('-l', typed);
        terminal.type('Tab');
        await terminal.shows(new RegExp(`ready> ${whole} ?$`, 'm'));
        terminal.type('C-u');
        await terminal.shows(/^ready> *$/m);
      };
      try {
        await terminal.shows(/ready>/);
        terminal.type(
          '-l',
          `clear; cd '${folder}'; export XDG_RUNTIME_DIR='${folder}'; ${bare[shell].start}`,
        );
        terminal.type('Enter');
        await terminal.shows(/ready>\s*$/);
        terminal.type('-l', `${bare[shell].load}; clear; echo loaded`);
        terminal.type('Enter');
        await terminal.shows(/^loaded\nready>\s*$/m);
        await completes('tcpclose mat', 'tcpclose matrix');
        await completes('tcpclose demo server-f', 'tcpclose demo server-first');
        await completes('tcpclose demo --two', 'tcpclose demo --two-hosts');
        await completes('tcpclose demo --observer net', 'tcpclose demo --observer netstat');
        await completes('tcpclose demo --observer=net', 'tcpclose demo --observer=netstat');
        await completes('tcpclose explain TIME_W', 'tcpclose explain TIME_WAIT');
        await completes('tcpclose restart -- ./min', 'tcpclose restart -- ./mine.ts');
        // What stands on the line is not evaluated.
        terminal.type('-l', 'tcpclose demo $(touch evaluated) server-f');
        terminal.type('Tab');
        await terminal.shows(/server-first/);
        terminal.type('C-u');
        await terminal.shows(/^ready> *$/m);
        expect(existsSync(join(folder, 'evaluated'))).toBe(false);
      } finally {
        terminal.close();
        rmSync(folder, { recursive: true });
      }
    });
  });
});

async function answers(...line: readonly string[]): Promise<string[]> {
  const { stdout, stderr, status } = await tcpclose(['complete', 'bash', '--', ...line]);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.split('\n').filter((word) => word !== '');
}

describe('the candidates', () => {
  test('are all commands that help lists', async () => {
    const listed = commands.filter(({ hidden }) => !hidden).map(({ name }) => name);
    expect(await answers('')).toEqual([...listed, 'help']);
  });

  test('are all scenarios for demo, all words for explain', async () => {
    const scenarios = catalogue().map(({ name }) => name);
    expect(await answers('demo', '')).toEqual(scenarios);
    expect(await answers('explain', '')).toEqual([...words.map(({ name }) => name), ...scenarios]);
  });

  test.each(commands.filter(({ hidden }) => !hidden))(
    'are the options of $name as its help has them',
    async ({ name }) => {
      const { stdout } = await tcpclose([name, '--help']);
      const [options = ''] = stdout.split('\nExit status:\n');
      const flags = [...options.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
      expect((await answers(name, '--')).sort()).toEqual(flags.sort());
    },
  );

  test("are empty after a command of the user's own", async () => {
    expect(await answers('restart', '--', 'node', '')).toEqual([]);
  });
});

test('a shell that it does not know is refused', async () => {
  const { stderr, status } = await tcpclose(['completion', 'tcsh']);
  expect([stderr.split('\n').length, status]).toEqual([2, 2]);
  expect(stderr).toMatch(/tcsh.*bash, zsh, fish/);
});
