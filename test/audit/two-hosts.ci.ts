import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Namespace } from '../../src/lab/hosts/namespace.ts';
import { openTwoHosts, twoHostsAddresses, unplug } from '../../src/lab/hosts/two-hosts.ts';
import { Teardown } from '../../src/lab/teardown.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { Actor } from '../support/actor.ts';
import { audited } from '../support/audits.ts';
import { missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';

const why = (await whyUnmet('two hosts')) ?? missing('python3', 'nsenter');
const families = ['IPv4', 'IPv6'] as const;
type Family = (typeof families)[number];
const whyNot = { IPv4: null, IPv6: await whyUnmet('IPv6') } as const;
const addressOf = (family: Family) => twoHostsAddresses.server[family];

describe('on two hosts', unless(why), () => {
  const teardown = new Teardown();
  const actors: Actor[] = [];
  let hosts: Record<'server' | 'client', Namespace>;
  let lastPort = 20_000;

  beforeAll(async () => {
    hosts = await openTwoHosts(teardown);
  });
  afterEach(async () => {
    await Promise.all(actors.splice(0).map((one) => one.end()));
  });
  afterAll(() => teardown.run());

  async function pair(family: Family): Promise<Record<'server' | 'client', Actor> & { port: number }> {
    const address = addressOf(family);
    const [server, client] = [new Actor(hosts.server.prefix), new Actor(hosts.client.prefix)];
    actors.push(server, client);
    const port = ++lastPort;
    await server.does(
      `s = socket.create_server(('${address}', ${port}), family=socket.AF_INET${family === 'IPv6' ? '6' : ''})`,
    );
    await client.does(`c = socket.create_connection(('${address}', ${port}))`);
    await server.does('a = s.accept()[0]');
    return { server, client, port };
  }

  const look = (side: 'server' | 'client', at: number, ...args: string[]) =>
    audited(['--port', String(at), '--for', '300ms', ...args], hosts[side].prefix);

  describe.each(families)('over %s', (family) => {
    test(
      'a side that does not close is the culprit, from whichever host it is looked',
      unless(whyNot[family]),
      async () => {
        const { server, client, port } = await pair(family);
        await client.does('c.shutdown(socket.SHUT_WR)');
        await server.does('a.recv(1)');
        const ages = ['--close-wait-age', '200ms', '--fin-wait2-age', '200ms'];
        const [there, here] = await Promise.all([
          look('server', port, ...ages),
          look('client', port, ...ages),
        ]);
        expect([there.wrong, here.wrong]).toEqual([['close-wait'], ['fin-wait2']]);
        expect(there.finding('close-wait').fault).toMatchObject({
          side: 'this side',
          processes: [{ pid: server.pid }],
        });
        expect(here.finding('fin-wait2').fault).toMatchObject({ side: 'the other side', processes: [] });
        expect(here.finding('fin-wait2').fault.because).toContain(addressOf(family));
        await server.does('a.close()');
        const after = await Promise.all([look('server', port, ...ages), look('client', port, ...ages)]);
        expect(after.map(({ wrong }) => wrong)).toEqual([[], []]);
      },
    );

    test(
      'a side that does not read is the culprit, from whichever host it is looked',
      unless(whyNot[family]),
      async () => {
        const { server, client, port } = await pair(family);
        const from = Date.now();
        await client.does(
          'c.setblocking(False)\nfor _ in range(50):\n  try:\n    while True: c.send(bytes(65536))\n  except BlockingIOError: time.sleep(0.01)',
        );
        const filled = [from, Date.now()] as const;
        await client.does('c.close()');
        await new Promise((resolve) => setTimeout(resolve, 500));
        const { wrong, finding } = await look('client', port, '--stalled-age', '300ms');
        expect(wrong).toEqual(['unfinished']);
        expect(finding('unfinished').fault.side).toBe('the other side');
        expect(finding('unfinished').fault.because).toContain(
          `the process at ${addressOf(family)} does not read`,
        );
        const there = await look('server', port, '--stalled-age', '300ms');
        expect(there.wrong).toEqual(['unread']);
        expect(there.finding('unread').fault).toMatchObject({
          side: 'this side',
          processes: [{ pid: server.pid, descriptors: [await server.does('r = a.fileno()')] }],
        });
        expect(there.finding('unread').since?.oldestMs).toBeGreaterThan(there.ageOf(filled[1]) - 500);
        expect(there.finding('unread').since?.oldestMs).toBeLessThan(there.ageOf(filled[0]) + 500);
        await server.does('a.close()');
        const after = [await look('client', port, '--stalled-age', '300ms'), await look('server', port)];
        expect(after.map(({ wrong }) => wrong)).toEqual([[], []]);
      },
    );

    test(
      'a connection without keep-alive may never end: the report names the side that waits, and keep-alive helps',
      unless(whyNot[family]),
      async () => {
        const from = Date.now();
        const { server, client, port } = await pair(family);
        const connected = [from, Date.now()] as const;
        await new Promise((resolve) => setTimeout(resolve, 400));
        const { wrong, finding, ageOf } = await look('client', port, '--idle-age', '300ms');
        expect(wrong).toEqual(['idle']);
        expect(finding('idle').fault).toMatchObject({ side: 'this side', processes: [{ pid: client.pid }] });
        expect(finding('idle').since?.oldestMs).toBeGreaterThan(ageOf(connected[1]) - 500);
        expect(finding('idle').since?.oldestMs).toBeLessThan(ageOf(connected[0]) + 500);
        await client.does('c.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)');
        expect((await look('client', port, '--idle-age', '300ms')).wrong).toEqual([]);
        await server.does('a.close()');
      },
    );
  });

  // The last one: the cable stays out.
  test('with the cable out, one host reports that nothing leaves it, and the other one that nothing answers', async () => {
    const pairs = await Promise.all(families.filter((family) => whyNot[family] === null).map(pair));
    await unplug(hosts.client, hosts.server);
    for (const { server, client } of pairs)
      await Promise.all([server.does("a.send(b'x')"), client.does("c.send(b'x')")]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (const { port } of pairs) {
      const sides = await Promise.all([
        look('server', port, '--stalled-age', '1s'),
        look('client', port, '--stalled-age', '1s'),
      ]);
      expect(sides.map(({ wrong }) => wrong)).toEqual([['unanswered'], ['unanswered']]);
      const [there, here] = sides.map(({ finding }) => finding('unanswered').fault);
      expect(there).toMatchObject({ side: 'the network', processes: [] });
      expect(here).toMatchObject({ side: 'this side', processes: [] });
      expect(here?.because).toContain('the device is down');
    }
  });
});
