import { describe, expect, test } from 'vitest';
import { AuditNetwork, whyNoAuditNetwork } from '../support/audit-network.ts';
import { missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';
import { until } from '../support/until.ts';
import { expectAge } from './age.ts';

describe('in a network of its own', unless(whyNoAuditNetwork), () => {
  const network = new AuditNetwork();

  test('FIN_WAIT2 with a process is the fault of the other one, from whichever side it is looked', async () => {
    const { server, client } = await network.pair(1);
    const shutAt = Date.now();
    await client.does('c[0].shutdown(socket.SHUT_WR)');
    const shutAtMost = Date.now();
    await server.does('a[0].recv(1)');
    const all = await network.audit();
    expect(all.wrong).toEqual(['close-wait']);
    expect(all.finding('close-wait').fault.processes).toMatchObject([{ pid: server.pid }]);
    const { wrong, finding, ageOf } = await network.audit('--pid', String(client.pid));
    expect(wrong).toEqual(['fin-wait2']);
    const { fault, since } = finding('fin-wait2');
    expect(fault).toMatchObject({ side: 'the other side', processes: [{ pid: server.pid }] });
    expectAge(since?.oldestMs, ageOf(shutAtMost), ageOf(shutAt));
    await server.does('a[0].close()');
    expect((await network.audit()).wrong).toEqual([]);
  });

  test('a window of zero is the fault of the process that does not read', async () => {
    const { server, client } = await network.pair(2);
    const fill =
      'x.setblocking(False)\n  try:\n    while True: x.send(bytes(65536))\n  except BlockingIOError: pass';
    const fullAt = Date.now();
    await client.does(`for x in c:\n  ${fill}`);
    const fullAtMost = Date.now();
    await client.does('c[1].close()');
    await new Promise((resolve) => setTimeout(resolve, 800));
    const { wrong, finding, ageOf } = await network.audit();
    expect([...wrong].sort()).toEqual(['unanswered', 'unfinished']);
    for (const kind of ['unanswered', 'unfinished']) {
      const { fault, since } = finding(kind);
      expect(fault).toMatchObject({ side: 'the other side', processes: [{ pid: server.pid }] });
      expectAge(since?.oldestMs, ageOf(fullAtMost), ageOf(fullAt));
    }
    expect(finding('unfinished').what).toContain('FIN_WAIT1');
    await server.does(
      'for x in a:\n  x.setblocking(False)\n  try:\n    while x.recv(1 << 20): pass\n  except BlockingIOError: pass',
    );
    await server.does('for x in a: x.close()');
    expect((await network.audit()).wrong).toEqual([]);
  });

  describe('when everything is lost on the way', unless(missing('nft')), () => {
    const drop = (port: number, hook: 'input' | 'output') =>
      network.run(
        'nft',
        `add table ip lost; add chain ip lost out { type filter hook ${hook} priority 0; }; add rule ip lost out tcp sport ${port} drop; add rule ip lost out tcp dport ${port} drop`,
      );
    const heal = () => network.run('nft', 'delete table ip lost');

    test('unacknowledged data, FIN_WAIT1 and LAST_ACK are the fault of the network', async () => {
      const { server, client, port } = await network.pair(3);
      await client.does('c[1].shutdown(socket.SHUT_WR)');
      await server.does('a[1].recv(1)');
      await drop(port, 'input');
      const lostAt = Date.now();
      await client.does("c[0].send(b'x'); c[2].close()");
      await server.does('a[1].close()');
      const lostAtMost = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 1300));
      const { wrong, document, finding, ageOf } = await network.audit();
      expect([...wrong].sort()).toEqual(['unanswered', 'unfinished', 'unfinished']);
      expect(
        document.findings
          .filter(({ kind }) => kind === 'unfinished')
          .map(({ what }) => /in (\w+)/.exec(what)?.[1])
          .sort(),
      ).toEqual(['FIN_WAIT1', 'LAST_ACK']);
      for (const { kind, since, fault } of document.findings.filter(({ severity }) => severity === 'wrong')) {
        expect([kind, fault.side]).toEqual([kind, 'the network']);
        expectAge(since?.oldestMs, ageOf(lostAtMost), ageOf(lostAt));
      }
      expect(finding('unanswered').cost).toContain('ETIMEDOUT');
      const dropped = document.findings.filter(({ kind }) => kind === 'unfinished');
      for (const { steps } of dropped) {
        const command = steps.find(({ text }) => text.includes('drop the oldest'))?.command ?? '';
        await network.run('sh', '-c', command);
      }
      const left = await network.audit();
      // The other end of what was dropped has not learned of it.
      expect([...left.wrong].sort()).toEqual(['fin-wait2', 'unanswered']);
      expect(left.finding('fin-wait2').fault).toMatchObject({ side: 'the network', processes: [] });
      await heal();
      await client.does('c[0].close(); c[1].close()');
      await until(
        'the ends of all',
        async () => !/FIN-WAIT-1|LAST-ACK/.test(await network.run('ss', '-tan')),
      );
      await server.does('for x in a: x.close()');
      expect((await network.audit()).wrong).toEqual([]);
    });

    test('data that a rule of this machine drops is the fault of this side', async () => {
      const { client, port } = await network.pair(1);
      await drop(port, 'output');
      const droppedAt = Date.now();
      await client.does("c[0].send(b'x')");
      const droppedAtMost = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 1300));
      const { wrong, finding, ageOf } = await network.audit();
      await heal();
      expect(wrong).toEqual(['unanswered']);
      expect(finding('unanswered').fault).toMatchObject({ side: 'this side', processes: [] });
      expectAge(finding('unanswered').since?.oldestMs, ageOf(droppedAtMost), ageOf(droppedAt));
      await until(
        'the acknowledgment',
        async () => !(await network.run('ss', '-tano')).includes('timer:(persist'),
      );
      expect((await network.audit()).wrong).toEqual([]);
    });
  });
});
