import { describe, expect, test } from 'vitest';
import { missing } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { Terminal } from '../support/terminal.ts';

async function onTerminal(act: (terminal: Terminal) => Promise<void>, rows: number): Promise<void> {
  const terminal = new Terminal(80, { rows, pager: 'default' });
  try {
    await terminal.shows(/ready>/);
    await act(terminal);
  } finally {
    terminal.close();
  }
}

describe('a pager', unless(missing('tmux', 'less')), () => {
  test('shows what is longer than the terminal, and gives the terminal back', async () => {
    await onTerminal(async (terminal) => {
      terminal.type('tcpclose list', 'Enter');
      await terminal.shows(/^:$/m);
      expect(terminal.screen()).not.toContain('server-first');
      terminal.type('-l', '/server-first');
      terminal.type('Enter');
      await terminal.shows(/server-first/);
      terminal.type('q');
      await terminal.shows(/ready>\s*$/);
      terminal.type('echo status=$?', 'Enter');
      await terminal.shows(/status=0/);
    }, 20);
  });

  test('that is not there, and --no-pager, leave everything on the screen', async () => {
    await onTerminal(async (terminal) => {
      for (const command of [
        'PAGER=no-such-pager tcpclose list',
        'tcpclose list --no-pager',
        'PAGER= tcpclose list',
      ]) {
        terminal.type('clear', 'Enter');
        await terminal.shows(/^ready>$/);
        terminal.type('-l', `${command}; echo status=$?`);
        terminal.type('Enter');
        expect(await terminal.shows(/status=0\nready>\s*$/)).not.toMatch(/^:$/m);
      }
    }, 20);
  });

  test('is not used for what fits', async () => {
    await onTerminal(async (terminal) => {
      const { shown } = await terminal.run('PAGER="echo paged" tcpclose explain FIN');
      expect(shown).toMatch(/FIN/);
      expect(shown).not.toContain('paged');
    }, 400);
  });
});

describe('--quiet', () => {
  test.each([
    ['demo server-first', 0],
    ['demo server-first --without kill', 1],
    ['list', 0],
    ['test shut-rd', 0],
  ])('%s prints nothing and keeps its status', async (line, status) => {
    const { stdout, stderr, status: own } = await tcpclose([...line.split(' '), '--quiet']);
    expect({ stdout, stderr, status: own }).toEqual({ stdout: '', stderr: '', status });
  });

  test('an error is still printed', async () => {
    const { stderr, status } = await tcpclose(['demo', 'no-such', '-q']);
    expect(status).toBe(2);
    expect(stderr.split('\n')).toHaveLength(2);
  });

  test('with another reporter on standard output it is a contradiction', async () => {
    const { stderr, status } = await tcpclose(['test', 'shut-rd', '--quiet', '--json']);
    expect(status).toBe(2);
    expect(stderr).toBe(
      'tcpclose: --quiet leaves nothing to print, and json would: give it a file, --reporter json:<file>\n',
    );
  });
});
