import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { Program, programPath, tcpclose } from '../../support/program.ts';
import { connectionWithoutListener, listening, somePort, timeWait } from '../../support/sockets.ts';
import { eventsOf } from './watched.ts';

const ends = atEnd();

describe('the end', () => {
  test('--for ends it, with status 0', async () => {
    const { stdout, status } = await tcpclose(['watch', String(somePort()), '--for', '300ms', '--json']);
    const finished = eventsOf(stdout).at(-1);
    expect(finished).toMatchObject({ type: 'finished', reason: 'for' });
    expect(finished?.atMs).toBeGreaterThanOrEqual(300);
    expect(status).toBe(0);
  });

  test('--until that has not come when --for ends it gives status 1', async () => {
    const port = await timeWait();
    const { stdout, status } = await tcpclose([
      'watch',
      String(port),
      '--for',
      '0.3s',
      '--until',
      'TIME_WAIT=0',
      '--json',
    ]);
    expect(eventsOf(stdout).at(-1)).toMatchObject({ reason: 'for' });
    expect(status).toBe(1);
  });

  test('a SIGINT ends it with 130, and the last table', async () => {
    const { server, port } = await listening();
    const program = new Program(['watch', String(port)]);
    await program.says('LISTEN');
    program.child.kill('SIGINT');
    const { stdout, stderr, status } = await program.finished();
    expect(stdout.match(/^ {2}LISTEN +1 +pid \d+ /gm)).toHaveLength(2);
    expect([stderr, status]).toEqual(['', 130]);
    server.close();
  });

  test('a reader that goes away ends it, quietly', async () => {
    const port = somePort();
    const command = `"${process.execPath}" "${programPath}" watch ${port} --json | head -n 2; echo "\${PIPESTATUS[0]}" >&2`;
    const pipeline = spawn('bash', ['-c', command]);
    let stderr = '';
    pipeline.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    pipeline.stdout.resume();
    const ended = once(pipeline, 'close');
    // Something must be written for the pipe's end to be noticed.
    while (pipeline.exitCode === null) {
      const server = createServer().listen(port, '127.0.0.1');
      await once(server, 'listening');
      await new Promise((resolve) => setTimeout(resolve, 300));
      server.close();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await ended;
    expect(stderr).toBe('141\n');
  });
});

test.each([
  [['watch'], 'a port is missing'],
  [['watch', '80', '--all'], 'leave out 80'],
  [['watch', '70000'], '"70000" is not a port'],
  [['watch', '80', '--for', 'ever'], '"ever" is not a duration'],
  [['watch', '80', '--until', 'TIME_WAIT'], '"TIME_WAIT" is not a condition'],
  [['watch', '80', '--until', 'WAITING=0'], '"WAITING=0" is not a condition'],
  [['watch', '80', '--on', 'no-such-program'], 'no-such-program cannot be started'],
])('%j is refused in one line, with status 2', async (args, message) => {
  const { stdout, stderr, status } = await tcpclose(args);
  expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
  expect(stderr).toContain(message);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});

test('an interrupted watch writes its page and its document, which render reads again', async () => {
  const { client, accepted, port } = await connectionWithoutListener();
  const folder = mkdtempSync(join(tmpdir(), 'watch-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const [html, json] = [join(folder, 'watch.html'), join(folder, 'watch.ndjson')];
  const outputs = ['--json', '--reporter', `html:${html}`, '--reporter', `ndjson:${json}`];
  const program = new Program(['watch', String(port), ...outputs]);
  await program.says('"type":"table"');
  program.child.kill('SIGINT');
  const { stdout, status } = await program.finished();
  expect(status).toBe(130);
  expect(readFileSync(json, 'utf8')).toBe(stdout);
  expect(eventsOf(stdout).at(-1)).toMatchObject({ type: 'finished', reason: 'interrupted' });
  expect(readFileSync(html, 'utf8')).toContain('"kind":"watch"');
  expect(await tcpclose(['render', json, '--reporter', 'markdown'])).toMatchObject({ stderr: '', status: 0 });
  client.destroy();
  accepted.destroy();
});
