import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { missing } from '../support/machine.ts';
import { Program, programPath, readProc, tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { Terminal } from '../support/terminal.ts';
import { file, folder } from './runs.ts';

describe('the command is itself', () => {
  test('input, outputs and status are the same byte by byte', () => {
    const script = 'cat; printf "\\377\\000\\033[1m"; printf "\\376err" >&2; exit 7';
    const input = Buffer.from([0, 255, 10, 13, 27, 128]);
    const [program = '', ...args] = ['sh', '-c', script];
    const alone = spawnSync(program, args, { input });
    const below = spawnSync(process.execPath, [programPath, 'run', '--', program, ...args], { input });
    expect([below.stdout, below.stderr, below.status]).toEqual([alone.stdout, alone.stderr, alone.status]);
    expect(below.status).toBe(7);
  });

  test.each([
    ['a signal that ends it', ['sh', '-c', 'kill -KILL $$'], 137],
    ['a program that is not there', ['no-such-program'], 127],
    ['a file that may not be executed', [folder], 126],
  ])('status after %s', async (_, command, expected) => {
    expect((await tcpclose(['run', '--', ...command])).status).toBe(expected);
  });

  test('SIGTERM to tcpclose is passed on, and the command decides', async () => {
    const script = 'trap "echo asked; exit 5" TERM; echo up; while :; do sleep 0.1; done';
    const program = new Program(['run', '--', 'sh', '-c', script]);
    await program.says('up');
    program.child.kill('SIGTERM');
    expect(await program.finished()).toMatchObject({ stdout: 'up\nasked\n', status: 5 });
  });

  test('nothing is left after SIGKILL of tcpclose, sessions of their own included', async () => {
    const program = new Program(['run', '--', 'sh', '-c', '(setsid sleep 300 &); sleep 301 & echo up; wait']);
    await program.says('up');
    program.child.kill('SIGKILL');
    expect(await program.leftAfter(20_000)).toEqual([]);
  });

  test('what the command leaves behind can still bind, and ends as it would without the watch', async () => {
    const path = file('daemon.txt');
    const [go, port] = [file('go'), somePort()];
    const script = `import os, socket, time
if os.fork(): os._exit(3)
os.setsid()
for fd in range(3): os.close(fd)
while not os.path.exists(${JSON.stringify(go)}): time.sleep(0.02)
try: socket.socket().bind(("127.0.0.1", ${port})); result = "bound"
except OSError as error: result = str(error)
open(${JSON.stringify(path)}, "w").write(result)`;
    const program = new Program(['run', '--', 'python3', '-c', script]);
    expect((await program.finished()).status).toBe(3);
    expect(program.processes().join()).toContain('python3');
    writeFileSync(go, 'now');
    expect(await program.leftAfter(20_000)).toEqual([]);
    expect(existsSync(path) && readFileSync(path, 'utf8')).toBe('bound');
  });

  describe('on a terminal', unless(missing('tmux')), () => {
    // What it was sent is told when it ends, long after a second SIGINT would have come.
    const drains = `
let count = 0;
require('node:child_process').spawn('sh', ['-c', 'trap "" INT; sleep 300'], { detached: true, stdio: 'ignore' });
const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log('up'));
const end = () => { console.log('signals=' + count); process.exit(40 + count); };
process.on('SIGINT', () => {
  console.log('draining');
  if (++count === 2) return end();
  server.close();
  if (process.argv[2] === 'once') setTimeout(end, 700);
});
setTimeout(() => {}, 300000);`;

    test.each([
      ['one Ctrl-C', 'once', 1],
      ['a second Ctrl-C while it drains', 'twice', 2],
    ])(
      '%s reaches it exactly, its own status is kept, and the shell is at its prompt',
      async (_, how, times) => {
        const script = file('drains.cjs', drains);
        const terminal = new Terminal();
        const mark = `DRAINING_TEST=${script}`;
        try {
          await terminal.shows(/ready>/);
          terminal.type(`clear; env ${mark} tcpclose run -- node ${script} ${how}; echo status=$?`, 'Enter');
          await terminal.shows(/^up$/m);
          terminal.type('C-c');
          if (how === 'twice') {
            await terminal.shows(/draining$/m);
            terminal.type('C-c');
          }
          const screen = await terminal.shows(/^status=\d+\nready>/m);
          expect(screen.match(/draining$/gm)).toHaveLength(times);
          expect(screen).toContain(`signals=${times}\nstatus=${40 + times}\nready>`);
          // Its daemon was told to go on: it does, with the process that answers it, and nothing else.
          const left = markedProcesses(mark);
          expect(left.map(({ command }) => command.replace(/^\S*\//, '')).sort()).toEqual([
            expect.stringMatching(/^node .*supervisor\.cjs below/),
            'sh -c trap "" INT; sleep 300',
            'sleep 300',
          ]);
        } finally {
          terminal.close();
          for (const { pid } of markedProcesses(mark).filter(({ command }) => command.includes('sleep')))
            process.kill(pid, 'SIGKILL');
        }
        await expect.poll(() => markedProcesses(mark), { timeout: 20_000 }).toEqual([]);
      },
    );
  });
});

/** Those with that in their environment. */
function markedProcesses(mark: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && readProc(`${entry}/environ`).split('\0').includes(mark))
    .map((pid) => ({
      pid: Number(pid),
      command: readProc(`${pid}/cmdline`).replaceAll('\0', ' ').trimEnd(),
    }));
}
