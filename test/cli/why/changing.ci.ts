import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import type { WhyDocument } from '../../../src/report/documents/why.ts';
import { tcpclose } from '../../support/program.ts';
import { schemaErrors } from '../../support/schema.ts';
import { somePort } from '../../support/sockets.ts';

// Each look is made again while the port changes, which takes long on a busy machine.
test('a port that changes during the look still gets an answer', { timeout: 600_000 }, async () => {
  const port = somePort();
  const script = `
    const net = require('net');
    const open = () => { const s = net.createServer().listen(${port}, '127.0.0.1', () => setTimeout(() => s.close(open), 1)).on('error', open); };
    open();
    console.log('up');
  `;
  const child = spawn(process.execPath, ['-e', script]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  for (let i = 0; i < 8; i++) {
    const { stdout, status } = await tcpclose(['why', String(port), '--json']);
    const document: WhyDocument = JSON.parse(stdout);
    expect(schemaErrors('why', document)).toEqual([]);
    expect(status).toBe(document.held ? 1 : 0);
    expect(document.bind.withoutReuseAddress).toBe(document.held ? 'EADDRINUSE' : 'ok');
  }
});
