import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { asNobody, missing, noRoot } from '../../support/machine.ts';
import { tcpclose } from '../../support/program.ts';
import { unless } from '../../support/skips.ts';
import { listening, somePort } from '../../support/sockets.ts';
import { bothFail, why } from './answers.ts';

const ends = atEnd();

describe('as an ordinary user', unless(noRoot), () => {
  test('it reports what it could not see, and how to see it', async () => {
    const { server, port } = await listening({ reuseAddress: 'on' });
    const { document, status } = await why([String(port)], asNobody);
    expect(document.holders).toMatchObject([
      { kind: 'listener', owner: 'unseen', user: 'root', processes: [], reuseAddress: null },
    ]);
    expect(document.unseen[0]).toMatchObject({ how: expect.stringContaining('sudo') });
    expect(status).toBe(1);
    server.close();
  });

  test('a port below 1024 is free and may yet not be bound: status 1, and --wait waits', async () => {
    const { document, status } = await why(['83'], asNobody);
    expect(document).toMatchObject({
      held: false,
      verdict: 'forbidden',
      bind: { withoutReuseAddress: 'EACCES' },
      freeInMs: null,
    });
    expect(document.advice.join()).toContain('CAP_NET_BIND_SERVICE');
    expect(status).toBe(1);
    expect((await why(['83', '--wait', '300ms'], asNobody)).status).toBe(1);
    const { stdout } = await tcpclose(['why', '83'], { prefix: asNobody });
    expect(stdout).toMatch(/^83 is free, but you may not bind it\n/);
  });

  test('a port below 1024 that is held is held, though no bind can be tried', async () => {
    const { server, port } = await listening({ port: 84 });
    const { document, status } = await why([String(port)], asNobody);
    expect(document).toMatchObject({ held: true, bind: { withoutReuseAddress: 'EACCES' } });
    expect(document.notices.join()).toContain('this user could not bind it');
    expect(document.advice.join()).toContain('CAP_NET_BIND_SERVICE');
    expect(status).toBe(1);
    server.close();
  });
});

describe('on a system that hides things', unless(noRoot), () => {
  test('without /proc it still reports that the port is held', async () => {
    const { server, port } = await listening();
    const prefix = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];
    const { document, status } = await why([String(port)], prefix);
    expect(document).toMatchObject({ held: true, bind: bothFail });
    expect(document.holders).toMatchObject([{ kind: 'listener', owner: 'unseen' }]);
    expect(status).toBe(1);
    server.close();
  });

  test(
    'the holder in another network namespace is shown if no process has the port here',
    unless(missing('nsenter')),
    async () => {
      const port = somePort();
      const script = `require('net').createServer().listen(${port}, () => console.log('up'))`;
      const child = spawn('unshare', ['--net', process.execPath, '-e', script]);
      ends.push(() => child.kill('SIGKILL'));
      await once(child.stdout, 'data');
      const here = await why([String(port)]);
      expect(here.document).toMatchObject({
        held: false,
        elsewhere: [{ sees: 'the listener', process: { pid: child.pid } }],
      });
      expect(here.status).toBe(0);
      expect(here.document.advice.join()).toContain(`nsenter --net --target ${child.pid}`);
      const there = await why([String(port), '--on', `nsenter --net --target ${child.pid}`]);
      expect(there.document).toMatchObject({ held: true, on: `nsenter --net --target ${child.pid}` });
      expect(there.status).toBe(1);
    },
  );
});
