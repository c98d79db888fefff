import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { somePort } from './sockets.ts';

export interface Sshd {
  /** The launcher that enters through it. */
  readonly launcher: string;
  close(): void;
}

// sshd wants its folder in /run: it gets one in a mount namespace of its own.
const start = 'mount -t tmpfs none /run && mkdir /run/sshd && exec "$@"';

/** A real sshd on loopback, with keys and settings of its own in a temporary folder; needs root. */
export async function startSshd(): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'sshd-'));
  const file = (name: string) => join(folder, name);
  for (const key of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(key)]);
  const port = somePort();
  writeFileSync(
    file('config'),
    `ListenAddress 127.0.0.1:${port}
HostKey ${file('host')}
AuthorizedKeysFile ${file('user.pub')}
PermitRootLogin yes
StrictModes no
UsePAM no
PidFile none
`,
  );
  const sshd = [
    execFileSync('sh', ['-c', 'PATH="$PATH:/usr/sbin" command -v sshd'], { encoding: 'utf8' }).trim(),
  ];
  const child = spawn(
    'unshare',
    ['--mount', 'sh', '-c', start, 'sh', ...sshd, '-D', '-e', '-f', file('config')],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${complaint}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const options = [
    `-F none -p ${port} -i ${file('user')}`,
    '-o BatchMode=yes -o LogLevel=ERROR -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null',
  ];
  return {
    launcher: `ssh ${options.join(' ')} ${userInfo().username}@127.0.0.1`,
    close() {
      child.kill();
      rmSync(folder, { recursive: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('data', () => socket.destroy());
  });
}
