import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { connectionWithoutListener, listening, somePort } from '../../support/sockets.ts';
import { why } from './shown.ts';

describe('the answer fits on a screen of 80 columns and 24 lines', () => {
  const common: readonly [string, () => Promise<{ port: number; end: () => void }>][] = [
    [
      'a listener',
      async () => {
        const { server, port } = await listening({ reuseAddress: 'on' });
        return { port, end: () => server.close() };
      },
    ],
    [
      'a listener with connections',
      async () => {
        const { server, port } = await listening();
        const client = connect(port, '127.0.0.1');
        await once(server, 'connection');
        const end = () => {
          client.destroy();
          server.close();
        };
        return { port, end };
      },
    ],
    [
      'a connection without a listener',
      async () => {
        const { client, accepted, port } = await connectionWithoutListener();
        const end = () => {
          client.destroy();
          accepted.destroy();
        };
        return { port, end };
      },
    ],
    [
      'eight programs with long names that share it by SO_REUSEPORT',
      async () => {
        const port = somePort();
        const script = `import os, socket, sys
for _ in range(8):
  if os.fork() == 0:
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(('0.0.0.0', ${port})); s.listen(); print('up', flush=True)
    break
sys.stdin.read()`;
        const child = spawn('python3', ['-c', script, 'x'.repeat(300)], {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
        let said = '';
        for await (const part of child.stdout) {
          said += part;
          if (said.split('\n').length > 8) break;
        }
        return { port, end: () => child.stdin.end() };
      },
    ],
    [
      'a listener with a long command that does not accept',
      async () => {
        const port = somePort();
        const script = `import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('0.0.0.0', ${port})); s.listen(20)
c = [socket.create_connection(('127.0.0.1', ${port})) for _ in range(5)]
print('up', flush=True); sys.stdin.read()`;
        const child = spawn('python3', ['-c', script, '--name'.repeat(50)], {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
        await once(child.stdout, 'data');
        return { port, end: () => child.stdin.end() };
      },
    ],
    ['nothing', async () => ({ port: somePort(), end: () => {} })],
  ];

  test.each(common)('%s', async (_, start) => {
    const { port, end } = await start();
    const { text, document } = await why(port);
    end();
    const lines = text.trimEnd().split('\n');
    const commands = [...document.steps, ...document.unseen].map(({ command }) => command);
    // The command and the prompt after it take two.
    expect(lines.length).toBeLessThanOrEqual(22);
    expect(lines.filter((line) => [...line].length > 80 && !commands.includes(line.trim()))).toEqual([]);
  });
});
