import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from './program.ts';

/** A terminal in tmux with a shell in it, to which the program is known as `tcpclose`. */
export class Terminal {
  readonly #socket = `tcpclose-test-${randomUUID()}`;
  readonly #folder = mkdtempSync(join(tmpdir(), 'terminal-'));

  constructor(
    columns = 80,
    { rows = 600, pager = 'none' }: { rows?: number; pager?: 'none' | 'default' } = {},
  ) {
    const program = join(this.#folder, 'tcpclose');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${programPath}' "$@"\n`);
    chmodSync(program, 0o755);
    const path = `${this.#folder}:${process.env['PATH']}`;
    const shell = `env -u CI -u NO_COLOR -u FORCE_COLOR -u PAGER PATH='${path}' ${pager === 'none' ? 'PAGER=cat ' : ''}PS1='ready> ' bash --norc --noprofile`;
    this.#tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), shell);
  }

  type(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** What is on the screen. `as written` joins the lines that the terminal has broken. */
  screen(lines: 'as shown' | 'as written' = 'as shown'): string {
    const screen = this.#tmux('capture-pane', '-p', ...(lines === 'as written' ? ['-J'] : []));
    return screen.replaceAll(/ +$/gm, '').trimEnd();
  }

  /** The screen with its colours. */
  colored(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  /** Waits until the screen shows something; the test's own time is the deadline. */
  async shows(pattern: RegExp): Promise<string> {
    for (;;) {
      const screen = this.screen();
      if (pattern.test(screen)) return screen;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** Runs a command on an empty screen to its end; its line and the status are not part of what is given. */
  async run(command: string): Promise<{ shown: string; written: string; colored: string; status: number }> {
    const end = /^status=(\d+)\nready>$/m;
    this.type('clear', 'Enter');
    await this.shows(/^ready>$/);
    this.type('-l', `clear; ${command}; echo status=$?`);
    this.type('Enter');
    const screen = await this.shows(end);
    const body = (text: string) => text.replace(/\n?status=\d+\nready>\s*$/, '');
    return {
      shown: body(screen),
      written: body(this.screen('as written')),
      colored: this.colored(),
      status: Number(end.exec(screen)?.[1]),
    };
  }

  close(): void {
    this.#tmux('kill-server');
    rmSync(this.#folder, { recursive: true });
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, '-f', '/dev/null', ...args], { encoding: 'utf8' });
  }
}
