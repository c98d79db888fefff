import { describe, expect, test } from 'vitest';
import { AuditNetwork, whyNoAuditNetwork } from '../support/audit-network.ts';
import { unless } from '../support/skips.ts';
import { expectAge } from './age.ts';

describe('in a network of its own', unless(whyNoAuditNetwork), () => {
  const network = new AuditNetwork();

  test('a leak of CLOSE_WAIT is the fault of the process that has read the end, and is gone when it closes', async () => {
    const { server, client } = await network.pair(3);
    const closedAt = Date.now();
    await client.does('for x in c: x.close()');
    const closedAtMost = Date.now();
    await server.does('[len(x.recv(1)) for x in a]');
    const descriptors = await server.does('r = [x.fileno() for x in a]');
    const { wrong, finding, ageOf } = await network.audit();
    expect(wrong).toEqual(['close-wait']);
    const { fault, since, count, cost } = finding('close-wait');
    expect(count).toBe(3);
    expect(fault).toMatchObject({ side: 'this side', processes: [{ pid: server.pid, descriptors }] });
    expect(fault.because).toContain('has read the end, but has not called close()');
    expect(cost).toMatch(/uses \d+ of \d+ descriptors/);
    expectAge(since?.oldestMs, ageOf(closedAtMost), ageOf(closedAt));
    await server.does('for x in a: x.close()');
    expect((await network.audit()).wrong).toEqual([]);
  });

  test('an answer after the FIN hides the age, and the report says so', async () => {
    const { server, client } = await network.pair(2);
    await client.does("[(x.send(b'x'), x.shutdown(socket.SHUT_WR)) for x in c]");
    await server.does('[(x.recv(1), x.recv(1)) for x in a]');
    await new Promise((resolve) => setTimeout(resolve, 700));
    const silent = await network.audit();
    expect(silent.finding('close-wait').since?.precision).toBe('exact');
    await server.does("for x in a: x.send(b'late')");
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect((await network.audit()).finding('close-wait').since?.precision).toBe('at least');
    await server.does('for x in a: x.close()');
  });

  test('a leak counts the younger connections beside one that was left', async () => {
    const { server, client } = await network.pair(3);
    await client.does('c[0].close()');
    await server.does('a[0].recv(1)');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await client.does('for x in c[1:]: x.close()');
    await server.does('[len(x.recv(1)) for x in a[1:]]');
    const { wrong, finding } = await network.audit(
      '--close-wait-age',
      '1500ms',
      '--close-wait-note',
      '100ms',
    );
    expect(wrong).toEqual(['close-wait']);
    expect(finding('close-wait').count).toBe(3);
    await server.does('for x in a: x.close()');
  });

  test('CLOSE_WAIT of a process that does not read is not a leak, and the report explains why it does not read', async () => {
    const { server, client } = await network.pair(2);
    await client.does("for x in c: x.send(b'GET'); x.close()");
    const hung = await network.audit();
    expect(hung.wrong).toEqual(['close-wait']);
    expect(hung.finding('close-wait').fault.because).toContain('has not read what came');
    server.child.kill('SIGSTOP');
    const stopped = (await network.audit()).finding('close-wait');
    expect(stopped.fault).toMatchObject({ side: 'this side', processes: [{ pid: server.pid }] });
    expect(stopped.fault.because).toContain('is stopped');
    expect(stopped.steps[0]?.command).toBe(`kill -CONT ${server.pid}`);
    server.child.kill('SIGCONT');
    await server.does('for x in a: x.close()');
    expect((await network.audit()).wrong).toEqual([]);
  });

  test('a few connections that a pool keeps after the server closed are a note, and those just closed are nothing', async () => {
    const { server, client } = await network.pair(2);
    await server.does('for x in a: x.close()');
    expect((await network.audit('--close-wait-age', '60s')).kinds).not.toContain('close-wait');
    const { status, finding } = await network.audit();
    expect(status).toBe(0);
    expect(finding('close-wait')).toMatchObject({
      severity: 'note',
      fault: { processes: [{ pid: client.pid }] },
    });
  });

  test('a leak that has just begun is a note, and is wrong once it grows and no connection is closed', async () => {
    const young = ['--close-wait-age', '60s', '--close-wait-note', '300ms'];
    const { server, client } = await network.pair(100);
    await client.does('for x in c[:3]: x.close()');
    await server.does('for x in a[:3]: x.recv(1)');
    const still = await network.audit(...young);
    expect(still.status).toBe(0);
    expect(still.finding('close-wait')).toMatchObject({ severity: 'note', count: 3 });
    expect(still.finding('close-wait').cost).toContain('from 60 s on');
    const slowly = (what: string) =>
      `import threading\ngoes = True\ndef work():\n  for i in range(3, 100):\n    if goes: time.sleep(0.2); ${what}\nt = threading.Thread(target=work); t.start()`;
    await client.does(slowly('c[i].close()'));
    await server.does(slowly('a[i].recv(1)'));
    const grows = await network.audit(...young, '--for', '2s');
    expect(grows.wrong).toEqual(['close-wait']);
    expect(grows.finding('close-wait').trend).toMatch(/^\d+ more within \d/);
    expect(grows.finding('close-wait').fault.processes).toMatchObject([{ pid: server.pid }]);
    await server.does('goes = False; t.join()');
    // Those that are closed late come and go.
    await server.does(
      'goes = True\ndef close():\n  for x in a:\n    if goes: time.sleep(0.2); x.close()\nt = threading.Thread(target=close); t.start()',
    );
    expect((await network.audit(...young, '--for', '2s')).wrong).toEqual([]);
    await client.does('goes = False; t.join()\nfor x in c: x.close()');
    await server.does('goes = False; t.join()\nfor x in a: x.close()');
    expect((await network.audit(...young)).kinds).not.toContain('close-wait');
  });

  test('the answers to keep-alive do not hide a leak', async () => {
    const { server, client } = await network.pair(1);
    await server.does(
      'x = a[0]; x.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1); x.setsockopt(6, socket.TCP_KEEPIDLE, 1); x.setsockopt(6, socket.TCP_KEEPINTVL, 1)',
    );
    await client.does('c[0].shutdown(socket.SHUT_WR)');
    await server.does('x.recv(1)');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const { wrong, finding } = await network.audit('--close-wait-age', '2s', '--fin-wait2-age', '1h');
    expect(wrong).toEqual(['close-wait']);
    const { since, fault, what } = finding('close-wait');
    expect(since?.precision).toBe('at least');
    expect(since?.oldestMs).toBeLessThan(2000);
    expect(what).toContain('for at least');
    expect(fault.processes).toMatchObject([{ pid: server.pid }]);
    await server.does('x.close()');
    expect((await network.audit()).wrong).toEqual([]);
  });
});
