import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { missing } from '../support/machine.ts';
import { programPath } from '../support/program.ts';
import { unless } from '../support/skips.ts';

const program = `'${process.execPath}' '${programPath}'`;
// A spinner that has lost count writes this much in half a second.
const mostBytes = 1_000_000;

/** A terminal of script(1), which has 0 columns where script itself has no terminal, and what is shown on it. */
class BareTerminal {
  readonly #script;
  shown = '';

  constructor(commands: string) {
    const env = { ...process.env, TERM: 'xterm' };
    delete (env as NodeJS.ProcessEnv)['CI'];
    this.#script = spawn('script', ['-qec', commands, '/dev/null'], { env });
    this.#script.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.shown += text;
      if (this.shown.length > mostBytes) this.#script.kill('SIGKILL');
    });
  }

  enter(): void {
    this.#script.stdin.write('\n');
  }

  async shows(pattern: RegExp, from = 0): Promise<void> {
    while (!pattern.test(this.shown.slice(from))) {
      if (this.#script.exitCode !== null || this.#script.signalCode !== null)
        throw new Error(`ended without showing ${pattern}: ${this.shown.slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

describe('on a terminal of 0 columns', unless(missing('script')), () => {
  test.each(['test order', 'demo last-ack', 'claims C01'])('%s ends', async (args) => {
    const terminal = new BareTerminal(
      `stty size; timeout --foreground -s KILL 120 ${program} ${args}; echo status=$?`,
    );
    await terminal.shows(/status=\d/);
    expect(terminal.shown).toMatch(/^0 0\r\n/);
    expect(terminal.shown).toContain('status=0');
    expect(terminal.shown).toMatch(/[\u2800-\u28ff] \S/);
  });

  test('watch shows whole lines', async () => {
    const terminal = new BareTerminal(
      `stty size; timeout --foreground -s KILL 120 ${program} watch 1 --for 100ms; echo status=$?`,
    );
    await terminal.shows(/status=\d/);
    expect(terminal.shown).toMatch(/^0 0\r\n/);
    expect(terminal.shown).toMatch(/port 1.*watched for/);
    expect(terminal.shown).toMatch(/the time is up; 0 transitions seen\r\n/);
  });

  test('a resize to that changes nothing', async () => {
    const terminal = new BareTerminal(
      `stty cols 80 rows 24; timeout --foreground -s KILL 120 ${program} demo server-first --wait & read line; stty cols 0 rows 0; read line; kill $!; wait $!; echo status=$?`,
    );
    await terminal.shows(/waiting for a bind [\s\S]* left\)/);
    const resizedAt = terminal.shown.length;
    terminal.enter();
    await terminal.shows(/5[0-7] s left\)/, resizedAt);
    terminal.enter();
    await terminal.shows(/status=143/);
  });
});
