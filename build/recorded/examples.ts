import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { CommandEntry } from '../../src/cli/command-entry.ts';
import { exampleFile } from './kept.ts';

/** Commands that are run to show what a command prints, one after the other in a shell. */
export interface Example {
  /** What it is kept as: the command, or what README.md calls it. */
  readonly command: string;
  readonly lines: readonly string[];
  readonly colored?: true;
  /** How many lines of each output are shown; all if left out. */
  readonly most?: number;
}

const server = 'node server.js &';

const examples: readonly Example[] = [
  { command: 'demo', lines: ['tcpclose demo server-first'] },
  { command: 'demo-colored', lines: ['tcpclose demo server-first'], colored: true },
  { command: 'tour', lines: ['tcpclose tour 2'] },
  { command: 'list', lines: ['tcpclose list'], most: 20 },
  { command: 'explain', lines: ['tcpclose explain TIME_WAIT', 'tcpclose explain EADDRINUSE'] },
  { command: 'test', lines: ['tcpclose test order'] },
  { command: 'init', lines: ['tcpclose init'] },
  { command: 'claims', lines: ['tcpclose claims C01 C03 C11'] },
  { command: 'matrix', lines: ['tcpclose matrix'] },
  { command: 'restart', lines: ['tcpclose restart -- node server.js'] },
  { command: 'restart-load', lines: ['tcpclose restart --load -- node server.js'] },
  { command: 'restart-report', lines: ['tcpclose restart --load --slow-path /report -- node report.js'] },
  { command: 'restart-advised', lines: ['tcpclose restart --load --slow-path /report -- node advised.js'] },
  {
    command: 'restart-pre-stop',
    lines: ['tcpclose restart --load --slow-path /report --pre-stop 1s -- node advised.js'],
  },
  {
    command: 'restart-listen-fds',
    lines: ['tcpclose restart --load --slow-path /report --listen-fds 8080 -- node activated.js'],
  },
  {
    command: 'restart-reload',
    lines: ['tcpclose restart --reload HUP -- gunicorn --threads 20 -w 2 -b 127.0.0.1:8080 app:app'],
  },
  { command: 'idle', lines: ['tcpclose idle --client aws-alb -- node server.js'] },
  { command: 'why', lines: [server, 'tcpclose why 8080'] },
  {
    command: 'why-killed',
    lines: ['python3 server.py &', 'exec 3<>/dev/tcp/127.0.0.1/8080', 'kill $!', 'tcpclose why 8080'],
  },
  { command: 'run', lines: [server, 'tcpclose run -- node server.js'] },
  { command: 'watch', lines: [server, 'tcpclose watch 8080 --for 2s'] },
  {
    command: 'render',
    lines: [
      'tcpclose demo client-first --packets --json > run.json',
      'tcpclose render run.json --reporter markdown',
    ],
    most: 40,
  },
  { command: 'audit', lines: ['node leak.js &', 'sleep 61', 'tcpclose audit'] },
  {
    command: 'merge',
    lines: [
      'tcpclose audit --json > a.json',
      'tcpclose audit --json > b.json',
      'tcpclose merge a.json b.json',
    ],
  },
  { command: 'completion', lines: ['tcpclose completion bash'], most: 12 },
];

/** All examples: of a command without one, the first line of the examples in its help. */
export function examplesOf(commands: readonly CommandEntry[]): readonly Example[] {
  const shown = commands.filter(
    ({ name, hidden }) => !hidden && !examples.some((one) => one.command === name),
  );
  const first = shown.map(({ name, examples: [rest = ''] }) => ({
    command: name,
    lines: [`tcpclose ${name} ${rest}`.trimEnd()],
  }));
  return [...examples, ...first];
}

/** Runs it in a network and among processes of its own, which end with it, and keeps what it printed. */
export function recordExample({ command, lines, most = 1000, colored }: Example): void {
  const folder = mkdtempSync(join(tmpdir(), 'example-'));
  try {
    cpSync('build/recorded/programs', folder, { recursive: true });
    const program = join(folder, '.bin', 'tcpclose');
    mkdirSync(dirname(program));
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/tcpclose.cjs')}' "$@"\n`);
    chmodSync(program, 0o755);
    // Advice names the program as if installed: the first file of that name leads to it. A shell skips that, since it is not executable.
    const link = join(folder, '.installed', 'tcpclose');
    mkdirSync(dirname(link));
    symlinkSync(resolve('dist/tcpclose.cjs'), link);
    const path = `PATH=${quoted(`${dirname(link)}:${dirname(program)}`)}:$PATH`;
    const shown = lines.map((line) => `printf '%s\\n' ${quoted(`$ ${line}`)}\n${inShell(line, most)}`);
    const script = ['ip link set lo up', path, ...shown].join('\n');
    const apart = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--map-root-user'];
    writeFileSync(join(folder, 'session.sh'), script);
    const { stdout, stderr, error } = spawnSync('unshare', [...apart, 'bash', 'session.sh'], {
      cwd: folder,
      encoding: 'utf8',
      // What else is in the environment is not part of the example.
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        LANG: 'C.UTF-8',
        [colored ? 'FORCE_COLOR' : 'NO_COLOR']: '1',
      },
    });
    if (error !== undefined || stderr !== '') throw error ?? new Error(`${command}: ${stderr}`);
    mkdirSync(dirname(exampleFile(command)), { recursive: true });
    writeFileSync(exampleFile(command), `${stdout.replaceAll(folder, '.').trimEnd()}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A line that is to run beside the next ones, which wait until its program listens; the others with all that they print. */
function inShell(line: string, most: number): string {
  if (line.endsWith('&'))
    return `${line}\ndisown\nuntil [ -e .listening ]; do sleep 0.1; done; rm .listening`;
  if (line.includes('>')) return line;
  return `{ ${line} 2>&1; echo $? > .status; } > .output\nhead -n ${most} .output; [ "$(wc -l < .output)" -le ${most} ] || echo ...\n[ "$(cat .status)" = 0 ] || echo "(exit status $(cat .status))"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
