import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { setSocketOption } from '../../src/native/options.ts';
import type { IdleDocument } from '../../src/report/documents/idle.ts';
import { afterTests, idle, serving } from '../support/idle.ts';
import { missing } from '../support/machine.ts';
import { Program, tcpclose } from '../support/program.ts';
import { fixture } from '../support/restarts.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { until } from '../support/until.ts';

const node = ['node', fixture('http.cjs')];

/** Sends RST alone: resetAndDestroy() of Node may send a FIN before it. */
function abort(socket: Socket): void {
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  setSocketOption(fd, 'SO_LINGER', 0);
  socket.destroy();
}

/** Answers each request, and closes after this many milliseconds of idleness. */
function answering(head: string, idleMs: number, end: (socket: Socket) => void = (socket) => socket.end()) {
  return (socket: Socket) => {
    let timer: NodeJS.Timeout | undefined;
    socket.on('data', () => {
      clearTimeout(timer);
      socket.write(`HTTP/1.1 200 OK\r\n${head}Content-Length: 2\r\n\r\nok`);
      timer = setTimeout(() => end(socket), idleMs);
    });
    socket.once('close', () => clearTimeout(timer));
  };
}

describe.concurrent('a server of Node', () => {
  test('closes a second later than keepAliveTimeout, after one request as after several', async () => {
    const {
      probes,
      idle: measured,
      keepAlive,
      verdict,
      settings,
    } = await idle('--client-idle', '60s', '--', ...node, '200');
    const used = probes.filter(({ requests }) => requests > 0);
    expect(used.map(({ requests, result, by }) => ({ requests, result, by }))).toEqual(
      [1, 1, 3].map((requests) => ({ requests, result: 'closed', by: 'FIN' })),
    );
    for (const { idleMs } of used) expect(idleMs).toBeGreaterThan(1150);
    // By default it would be five seconds more.
    expect(measured.ms).toBeLessThan(5500);
    expect(keepAlive).toMatchObject({ timeoutS: 0, keeps: 'yes' });
    expect(verdict).toBe('race possible');
    expect(settings[0]).toEqual({ of: 'Node', setting: 'server.keepAliveTimeout = 65_000' });
  });

  test('has no race with a client that gives up first', async () => {
    const { verdict, comparisons, probes } = await idle('--client-idle', '300ms', '--', ...node, '60000');
    expect(verdict).toBe('no race');
    expect(comparisons[0]?.reason).toMatch(/the client gives up first/);
    expect(probes.map(({ result }) => result)).toEqual(['open', 'open', 'open', 'open']);
  });

  test('has no race when its own setting is followed', async () => {
    const before = await idle('--client-idle', '1500ms', '--', ...node, '200');
    expect(before.verdict).toBe('race possible');
    const advised = /server\.keepAliveTimeout = (\d+)_000/.exec(before.settings[0]?.setting ?? '')?.[1];
    const after = await idle('--client-idle', '1500ms', '--', ...node, `${advised}000`);
    expect(after.verdict).toBe('no race');
  });

  test('is compared, by its hint, with a client that reads hints', async () => {
    const { verdict, comparisons } = await idle('--client', 'undici', '--', ...node, '3000');
    expect(comparisons[0]?.clientIdleMs).toBe(1000);
    expect(verdict).toBe('no race');
  });

  test('is watched for as long as its hint makes the client keep a connection', async () => {
    const { verdict, comparisons } = await idle('--client', 'undici', '--', ...node, '9000');
    expect(comparisons[0]?.clientIdleMs).toBe(7000);
    expect(verdict).toBe('no race');
  });

  test('is not called safe when it was watched for less than the client keeps a connection', async () => {
    const { verdict, comparisons } = await idle(
      '--client',
      'aws-alb',
      '--for',
      '300ms',
      '--',
      ...node,
      '60000',
    );
    expect(verdict).toBe('not measured');
    expect(comparisons[0]?.reason).toMatch(
      /did not close within \d+ ms, and the client keeps a connection for 60 s/,
    );
  });
});

describe.concurrent('a server', () => {
  test('that announces the end of each connection has no race with any client', async () => {
    const port = await serving(answering('Connection: close\r\n', 0));
    const { verdict, idle: measured } = await idle(port);
    expect(measured.state).toBe('says close');
    expect(verdict).toBe('no race');
  });

  test('that ends each connection unannounced has a race with every client', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    const port = await serving((socket) => void socket.once('data', () => socket.end(answer)));
    const { verdict, idle: measured, probes } = await idle(port, '--client', 'undici');
    expect(measured.state).toBe('closes unannounced');
    expect(probes.at(-1)).toMatchObject({ requests: 3, result: 'used up' });
    expect(verdict).toBe('race possible');
  });

  test('that resets is not taken for one that closes', async () => {
    const port = await serving(answering('', 2000, abort));
    const { probes } = await idle(port, '--client-idle', '5s', '--for', '30s');
    expect(probes.slice(1).map(({ by }) => by)).toEqual(['RST', 'RST', 'RST']);
  });

  test('that answers silence with 408, and closes earlier than it says, is recognised', async () => {
    const answer = answering('Keep-Alive: timeout=60\r\n', 2000);
    const port = await serving((socket) => {
      const timer = setTimeout(() => socket.end('HTTP/1.1 408 Request Timeout\r\n\r\n'), 2000);
      socket.once('data', () => clearTimeout(timer));
      socket.once('close', () => clearTimeout(timer));
      answer(socket);
    });
    const { probes, keepAlive } = await idle(port, '--client-idle', '5s', '--for', '20s');
    expect(probes[0]).toMatchObject({ requests: 0, notice: 'HTTP/1.1 408 Request Timeout', by: 'FIN' });
    expect(keepAlive).toMatchObject({ timeoutS: 60, keeps: 'closes earlier' });
  });

  test('of another protocol gets the bytes that the user gives', async () => {
    const port = await serving((socket) => {
      socket.on('data', (data) => void socket.write(data));
      socket.setTimeout(3000, () => socket.end());
    });
    const { probes, verdict } = await idle(
      port,
      '--request',
      'PING\\r\\n',
      '--client-idle',
      '5s',
      '--for',
      '5s',
    );
    expect(probes.map(({ result }) => result)).toEqual(['closed', 'closed', 'closed', 'closed']);
    expect(verdict).toBe('race possible');
  });

  test('that answers one connection at a time is measured by the first', async () => {
    let busy = false;
    const answer = answering('', 300);
    const port = await serving((socket) => {
      if (busy) return;
      busy = true;
      answer(socket);
    });
    const { idle: measured, probes } = await idle(port, '--client-idle', '5s', '--answer-timeout', '600ms');
    expect(measured.state).toBe('closes');
    expect(probes.filter(({ result }) => result === 'no answer').length).toBeGreaterThan(0);
  });

  test('gets four connections at most, and each of them is closed', async () => {
    let [all, open] = [0, 0];
    const answer = answering('', 60_000);
    const port = await serving((socket) => {
      all++;
      open++;
      socket.once('close', () => open--);
      answer(socket);
    });
    await idle(port, '--for', '200ms');
    expect(all).toBe(4);
    await until('the connections to end', () => open === 0);
  });

  test('with SO_KEEPALIVE is not taken for one that never notices a silent client', async () => {
    const plain = await serving(answering('', 60_000));
    const noticing = await serving((socket) => {
      socket.setKeepAlive(true, 120_000);
      answering('', 60_000)(socket);
    });
    const [off, on] = await Promise.all([idle(plain, '--for', '200ms'), idle(noticing, '--for', '200ms')]);
    expect(off.silence).toMatchObject({ keepalive: 'off', firstProbeMs: null });
    expect(on.silence.keepalive).toBe('on');
    expect(on.silence.firstProbeMs).toBeGreaterThan(60_000);
  });
});

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

test.concurrent('a plain request on a port with TLS is recognised', async () => {
  const server = createHttpServer();
  const port = await serving(() => {}, server);
  server.on('request', (_, response) =>
    response.writeHead(400).end('The plain HTTP request was sent to HTTPS port'),
  );
  const { stderr, status } = await tcpclose(['idle', port]);
  expect(stderr).toContain('the port speaks TLS: give --tls');
  expect(status).toBe(2);
});

test.concurrent('a busy machine neither hides the end of a connection nor delays it', async () => {
  let [answered, closed, closedAt] = [0, 0, 0];
  const answer = answering('', 1000, (socket) => {
    // Its FIN has been sent then.
    socket.end(() => {
      closed++;
      closedAt = performance.now();
    });
  });
  const port = await serving((socket) => {
    socket.on('data', () => answered++);
    answer(socket);
  });
  const program = new Program(['idle', port, '--client-idle', '60s', '--for', '2s', '--json']);
  await until('all answers', () => answered === 5);
  // It has no turn until the server has closed and its own time is over.
  program.child.kill('SIGSTOP');
  const stoppedAt = performance.now();
  await until(
    'the server to close, and the end of the watch',
    () => closed === 3 && performance.now() - stoppedAt > 4000,
  );
  program.child.kill('SIGCONT');
  const { stdout } = await program.finished();
  const { probes } = JSON.parse(stdout) as IdleDocument;
  for (const { result, idleMs } of probes.slice(1)) {
    expect(result).toBe('closed');
    // The server itself may have been late.
    expect(idleMs).toBeLessThan(closedAt - stoppedAt + 1500);
  }
});

test.concurrent('a server that ends during the measurement has no result', async () => {
  const script =
    'require("node:http").createServer((_, r) => r.end()).listen(0); setTimeout(process.exit, 3000, 0)';
  const { stdout, stderr, status } = await tcpclose(['idle', '--', 'node', '-e', script]);
  expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  expect(stderr).toMatch(/^tcpclose: the (server accepts no more connections|command ended)/m);
});

describe.concurrent('a server with TLS', unless(missing('openssl')), () => {
  const folder = mkdtempSync(join(tmpdir(), 'idle-tls-'));
  afterTests(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const secure = async (idleMs: number) => {
    if (!existsSync(cert))
      spawnSync('openssl', [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-subj',
        '/CN=lab',
        '-keyout',
        key,
        '-out',
        cert,
      ]);
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) });
    server.on('secureConnection', answering('', idleMs));
    return serving(() => {}, server);
  };

  test('is measured, and recognised without --tls', async () => {
    const port = await secure(1000);
    const { probes, tls } = await idle(port, '--tls', '--client-idle', '5s');
    expect(tls).toBe(true);
    expect(probes.slice(1).map(({ result }) => result)).toEqual(['closed', 'closed', 'closed']);
    for (const { idleMs } of probes.slice(1)) expect(idleMs).toBeGreaterThan(900);
    const { stderr, status } = await tcpclose(['idle', port]);
    expect({ stderr: /speaks TLS: give --tls/.test(stderr), status }).toEqual({ stderr: true, status: 2 });
  });

  test('that has no TLS gives an error of one line', async () => {
    const port = await serving(answering('', 1000));
    const { stderr, status } = await tcpclose(['idle', port, '--tls']);
    expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
    expect(status).toBe(2);
  });
});

test.concurrent('Ctrl-C ends the command that was started', async () => {
  const program = new Program(['idle', '--for', '60s', '--', ...node, '60000']);
  await until('the server to run', () =>
    program.processes().some((line) => line.includes('http.cjs') && !line.includes('tcpclose.cjs')),
  );
  program.child.kill('SIGINT');
  const { status, stdout } = await program.finished();
  expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
  expect(await program.leftAfter(5000)).toEqual([]);
});
