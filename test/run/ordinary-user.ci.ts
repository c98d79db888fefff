import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asNobody, noRoot } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { listening } from '../support/sockets.ts';
import { file, folder } from './runs.ts';

describe('an ordinary user', unless(noRoot), () => {
  test('also learns which process holds the port, and which port it may not bind', async () => {
    const { server, port } = await listening();
    try {
      const script = `import socket
for port in (${port}, 81):
  try: socket.socket().bind(("127.0.0.1", port))
  except OSError as error: print(error.errno)`;
      const prefix = { prefix: asNobody, cwd: folder };
      const { stdout, stderr } = await tcpclose(['run', '--', 'python3', '-c', script], prefix);
      const said = stderr.replaceAll(/\n +/g, ' ');
      expect(stdout).toMatch(/^98\n/);
      expect(said).toContain(`to 127.0.0.1:${port} fails: Address already in use (EADDRINUSE)`);
      if (stdout === '98\n13\n') expect(said).toContain('(EACCES): this user may not bind it');
    } finally {
      server.close();
    }
  });

  test('a command that names a setuid program runs with its privileges, and the report says that only Node is watched', async () => {
    const setuid = join(folder, 'id-of-root');
    copyFileSync('/usr/bin/id', setuid);
    chmodSync(setuid, 0o4755);
    const prefix = { prefix: asNobody, cwd: folder };
    const named = await tcpclose(['run', '--', setuid, '-u'], prefix);
    expect(named).toMatchObject({ stdout: '0\n', status: 0 });
    expect(named.stderr.replaceAll(/\n +/g, ' ')).toContain('only binds of Node are watched:');
    const hidden = file('hidden.sh', `exec ${setuid} -u`);
    const below = await tcpclose(['run', '--', 'sh', hidden], prefix);
    expect(below).toMatchObject({ stdout: '65534\n', status: 0 });
    expect(below.stderr.replaceAll(/\n +/g, ' ')).toContain(
      `${setuid} runs without the privileges that it would gain`,
    );
    const { stderr: json } = await tcpclose(['run', '--json', '--', 'sh', hidden], prefix);
    expect(JSON.parse(json)).toMatchObject({
      watching: { state: 'on' },
      disturbed: [expect.stringMatching(/run tcpclose as root, or start it without tcpclose$/)],
    });
  });
});
