import { describe, expect, test } from 'vitest';
import { serving } from '../support/idle.ts';
import { tcpclose } from '../support/program.ts';
import { somePort } from '../support/sockets.ts';

describe.concurrent('what cannot be measured is one line with a remedy, and status 2', () => {
  async function refused(...args: readonly string[]): Promise<string> {
    const { stdout, stderr, status } = await tcpclose(['idle', ...args]);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
    return stderr;
  }

  test('a port on which nothing listens', async () => {
    expect(await refused(String(somePort()))).toContain('ECONNREFUSED): start the server');
  });

  test('a server that answers garbage', async () => {
    const port = await serving((socket) => void socket.end('\u001b[31mgarbage\r\n'));
    const stderr = await refused(port);
    expect(stderr).toContain('not HTTP ("\\x1b[31mgarbage")');
    expect(stderr).toContain('--request');
  });

  test('a server that never answers', async () => {
    const port = await serving(() => {});
    expect(await refused(port, '--answer-timeout', '300ms')).toContain('no complete answer within 300 ms');
  });

  test('a server that closes at once', async () => {
    const port = await serving((socket) => socket.end());
    expect(await refused(port)).toContain('without an answer');
  });

  test('an endless answer is abandoned after 16 MiB', async () => {
    let sent = 0;
    const part = Buffer.alloc(65_536);
    const port = await serving((socket) => {
      const fill = () => {
        while (!socket.destroyed && socket.write(part)) sent += part.length;
      };
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.on('drain', fill);
        fill();
      });
    });
    expect(await refused(port)).toContain('longer than 16 MiB');
    // Three connections, and what is in the kernel's buffers.
    expect(sent).toBeLessThan(120 * 1024 * 1024);
  });

  test('an answer of 1 GB is abandoned when its length is known', async () => {
    const port = await serving((socket) => {
      socket.once('data', () => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n'));
    });
    expect(await refused(port)).toContain('longer than 16 MiB');
  });

  test.each([
    [['http:/'], 'neither a port nor a URL'],
    [['ftp://127.0.0.1/'], 'neither a port nor a URL'],
    [['70000'], 'neither a port nor a URL'],
    [['localhost'], 'neither a port nor a URL'],
    [[], 'the server is missing'],
    [['80', '81'], '"81" is an unexpected argument'],
    [['80', '--path', 'x y'], '--path: "x y" is not a path'],
    [['80', '--rate', '0'], '--rate: "0" is not a rate'],
    [['80', '--client', 'nobody'], '--client: "nobody" is not a choice'],
    [['http://no-such-name.invalid/'], 'has no address'],
    [['--', 'sh', '-c', 'exit 3'], 'exit status 3'],
  ])('%j', async (args, why) => {
    const { stderr, status } = await tcpclose(['idle', ...args]);
    expect(stderr).toContain(why);
    expect(status).toBe(2);
  });
});
