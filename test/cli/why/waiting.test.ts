import { describe, expect, test } from 'vitest';
import { Program, tcpclose } from '../../support/program.ts';
import { listening, somePort } from '../../support/sockets.ts';
import { why } from './answers.ts';

describe('--wait', () => {
  test('returns when the port can be bound', async () => {
    const { server, port } = await listening();
    let state = 'listening';
    setTimeout(() => {
      state = 'closed';
      server.close();
    }, 700);
    const { document, status } = await why([String(port), '--wait']);
    expect(state).toBe('closed');
    expect(document.held).toBe(false);
    expect(status).toBe(0);
  });

  test('gives up after its time, with status 1', async () => {
    const { server, port } = await listening();
    const { document, status } = await why([String(port), '--wait', '500ms']);
    expect(document.held).toBe(true);
    expect(document.waitedMs).toBeGreaterThanOrEqual(500);
    expect(status).toBe(1);
    server.close();
  });

  test('ends with 130 when it is interrupted', async () => {
    const { server, port } = await listening();
    // Before it listens to signals it dies of them: it is given more and more time.
    for (let ms = 100, status: number | null = null; status === null; ms *= 2) {
      const program = new Program(['why', String(port), '--wait']);
      setTimeout(() => program.child.kill('SIGINT'), ms);
      const finished = await program.finished();
      status = finished.status;
      const said = status === null ? '' : 'tcpclose: interrupted (SIGINT): there is no result\n';
      expect(finished).toMatchObject({ stdout: '', stderr: said });
      expect([130, null]).toContain(status);
    }
    server.close();
  });

  test('recognises the port after it, as the last argument', async () => {
    const { stdout, status } = await tcpclose(['why', '--wait', String(somePort())]);
    expect(stdout).toMatch(/is free/);
    expect(status).toBe(0);
  });
});
