import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { missing } from '../support/machine.ts';
import { programPath, tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { Terminal } from '../support/terminal.ts';

async function withTerminal(act: (terminal: Terminal) => Promise<void>): Promise<void> {
  const terminal = new Terminal();
  try {
    await terminal.shows(/ready>/);
    await act(terminal);
  } finally {
    terminal.close();
  }
}

const program = `'${process.execPath}' '${programPath}'`;

describe('on a terminal', unless(missing('tmux')), () => {
  test('a suite shows how many have ended and how long the others may take, and removes that line', async () => {
    await withTerminal(async (terminal) => {
      terminal.type(`${program} claims C45 C07 C12 --jobs 1; echo done`, 'Enter');
      await terminal.shows(/\d+ of \d+: [\w-]+ \(about \d+ s left\)/);
      const screen = await terminal.shows(/3 claims: [\s\S]*\ndone\n+ready>/);
      expect(screen).not.toMatch(/s left\)/);
    });
  });

  test('a second reading that comes late is waited for with the time that is left', async () => {
    await withTerminal(async (terminal) => {
      terminal.type(`${program} audit --for 100s`, 'Enter');
      await terminal.shows(/waiting for the second reading \([6-9]\d s left\)/);
      terminal.type('C-c');
      const screen = await terminal.shows(/ready>[^\n]*\n[\s\S]*ready>$/);
      expect(screen).not.toContain('second reading');
    });
  });

  test('a restart in rounds shows the round and the remaining time, even if the report goes elsewhere', async () => {
    await withTerminal(async (terminal) => {
      const server = `'${process.execPath}' -e "require('net').createServer().listen(${somePort()}, '127.0.0.1')"`;
      terminal.type(`${program} restart --rounds 3 --settle 3s -- ${server} | tail -1`, 'Enter');
      await terminal.shows(/round 1 of 3: watching whether it stays up \(2\.\d s left\)/);
      await terminal.shows(/round 2 of 3: [a-z ]+ \(about \d+ s left\)/);
      const screen = await terminal.shows(/\n[^\n]*(survives|3 of 3)[^\n]*\n+ready>$/);
      expect(screen).not.toMatch(/round \d of/);
    });
  });

  test('progress is shown even if the document goes into a file', async () => {
    await withTerminal(async (terminal) => {
      terminal.type(`${program} demo server-first --wait --json > /dev/null`, 'Enter');
      await terminal.shows(/waiting for a bind without SO_REUSEADDR on port \d+ \(5\d s left\)/);
      terminal.type('C-c', 'clear', 'Enter');
      terminal.type(`${program} watch 9 --for 100s --json > /dev/null`, 'Enter');
      await terminal.shows(/watching port 9 \([6-9]\d s left\)/);
      terminal.type('C-c', `${program} watch 9 --for 100s`, 'Enter');
      await terminal.shows(/port 9 {3}watched for [\d.]+ s, \d\d s left/);
      terminal.type('C-c');
    });
  });

  test('in a pipe nothing of that is written', async () => {
    const { stderr } = await tcpclose(['claims', 'C45']);
    expect(stderr).toBe('');
  });

  test('a transcript remains that reads as if nothing had moved', async () => {
    await withTerminal(async (terminal) => {
      terminal.type(`${program} demo server-first`, 'Enter');
      const screen = await terminal.shows(/16 of 16 as expected[^\n]*\n+ready>/);
      expect(screen).not.toContain('waiting for');
      expect(screen).toMatch(/✔ server +FIN_WAIT2, no process +FIN_WAIT2, no process, (59|60) s left\n/);
    });
  });

  test('a long wait shows the time that is left, and leaves no trace after Ctrl-C', async () => {
    await withTerminal(async (terminal) => {
      terminal.type(`${program} demo server-first --wait`, 'Enter');
      await terminal.shows(/waiting for a bind without SO_REUSEADDR on port \d+ \(5\d s left\)/);
      terminal.type('C-c');
      const screen = await terminal.shows(/interrupted \(SIGINT\)[^\n]*\n+ready>/);
      expect(screen).not.toContain('waiting for');
    });
  });

  test('Enter continues step by step, and Ctrl-C ends', async () => {
    await withTerminal(async (terminal) => {
      terminal.type(`${program} demo client-first --step`, 'Enter');
      await terminal.shows(/\n1 {2}[\s\S]*press Enter to continue/);
      terminal.type('Enter');
      await terminal.shows(/\n2 {2}[\s\S]*look from another terminal: [\s\S]*press Enter to continue/);
      terminal.type('C-c');
      await terminal.shows(/interrupted \(SIGINT\)[^\n]*\n+ready>/);
      terminal.type('echo status=$?', 'Enter');
      await terminal.shows(/status=130/);
    });
  });

  test('there is colour, but not with NO_COLOR or --no-color', async () => {
    await withTerminal(async (terminal) => {
      let round = 0;
      const counted = async (options: string) => {
        // The screen may still show the number of the round before. A spinner moves the cursor, without colour too.
        round++;
        terminal.type('clear', 'Enter');
        terminal.type(`${options} | grep -c "$(printf '\\033')\\[[0-9;]*m"; echo round-${round}`, 'Enter');
        return terminal.shows(new RegExp(`^\\d+\n+round-${round}$`, 'm'));
      };
      const inTerminal = (command: string) => `script -qec "${command.replaceAll("'", '')}" /dev/null`;
      expect(await counted(inTerminal(`${program} demo client-first`))).toMatch(/^[1-9]\d*\n/m);
      expect(await counted(inTerminal(`NO_COLOR=1 ${program} demo client-first`))).toMatch(/^0\n/m);
      expect(await counted(inTerminal(`${program} demo client-first --no-color`))).toMatch(/^0\n/m);
    });
  });

  test('a watched port is drawn over itself, and leaves a clean terminal after Ctrl-C', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await withTerminal(async (terminal) => {
      terminal.type(`${program} watch ${port}`, 'Enter');
      await terminal.shows(/LISTEN +1 +pid/);
      const client = connect(port, '127.0.0.1');
      await terminal.shows(/new > ESTABLISHED[\s\S]*watched for [\s\S]*ESTABLISHED +1 /);
      const drawnAgain = await terminal.shows(/watched for [2-9]/);
      expect(drawnAgain.match(/watched for/g)).toHaveLength(1);
      terminal.type('C-c');
      const screen = await terminal.shows(/interrupted; \d+ transitions seen\n+ready>/);
      expect(screen.match(/watched for/g)).toHaveLength(1);
      terminal.type('echo status=$?', 'Enter');
      await terminal.shows(/\nready> echo status=\$\?\nstatus=130/);
      client.destroy();
      server.close();
    });
  });

  test('a watch that is killed leaves a clean terminal, too', async () => {
    await withTerminal(async (terminal) => {
      terminal.type(`sh -c 'echo pid=$$; exec ${program.replaceAll("'", '"')} watch 9'`, 'Enter');
      const screen = await terminal.shows(/pid=\d+[\s\S]*watched for [1-9]/);
      process.kill(Number(/pid=(\d+)/.exec(screen)?.[1]), 'SIGKILL');
      await terminal.shows(/Killed[\s\S]*ready>/);
      terminal.type('echo clean', 'Enter');
      await terminal.shows(/ready> echo clean\nclean/);
    });
  });

  test('many short connections are counted as they go, with their rate', async () => {
    await withTerminal(async (terminal) => {
      terminal.type(`clear; ${program} demo churn --connections 30000 --concurrency 100`, 'Enter');
      await terminal.shows(/[\d,]+ of 30,000 connections, [\d,]+ a second, [\d,]+ in TIME_WAIT/);
      const screen = await terminal.shows(/as expected; the run took/);
      expect(screen).not.toMatch(/ of 30,000 connections/);
    });
  });
});
