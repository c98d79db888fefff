import { expect, test } from 'vitest';
import type { IdleDocument } from '../../src/report/documents/idle.ts';
import { serving } from '../support/idle.ts';
import { Program, tcpclose } from '../support/program.ts';
import { until } from '../support/until.ts';
import { answering, node } from './servers.ts';

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
