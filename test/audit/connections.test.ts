import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Namespace, openNamespace } from '../../src/lab/hosts/namespace.ts';
import { Teardown } from '../../src/lab/teardown.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { Actor } from '../support/actor.ts';
import { audited } from '../support/audits.ts';
import { missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';

// Everything happens in a network of its own, so that nothing else is wrong there. The ages are real, and short.
const why = (await whyUnmet('namespace')) ?? missing('python3', 'nsenter');
const soon = [
  '--close-wait-age',
  '300ms',
  '--fin-wait2-age',
  '300ms',
  '--stalled-age',
  '1s',
  '--accept-age',
  '300ms',
  '--for',
  '500ms',
];

const teardown = new Teardown();
let network: Namespace;
const actors: Actor[] = [];

function actor(): Actor {
  const made = new Actor(network.prefix);
  actors.push(made);
  return made;
}

/** A server and its client, in two processes, with so many connections. */
async function pair(count: number): Promise<{ server: Actor; client: Actor; port: number }> {
  const [server, client] = [actor(), actor()];
  const port = await server.does("s = socket.create_server(('127.0.0.1', 0)); r = s.getsockname()[1]");
  await client.does(`c = [socket.create_connection(('127.0.0.1', ${port})) for _ in range(${count})]`);
  await server.does(`a = [s.accept()[0] for _ in range(${count})]; r = [x.fileno() for x in a]`);
  return { server, client, port: Number(port) };
}

const look = (...args: string[]) => audited([...soon, ...args], network.prefix);

describe('in a network of its own', unless(why), () => {
  beforeAll(async () => {
    network = await openNamespace('a network', teardown);
  });
  afterEach(async () => {
    await Promise.all(actors.splice(0).map((one) => one.end()));
  });
  afterAll(() => teardown.run());

  test('a leak of CLOSE_WAIT is the fault of the process that has read the end, and is gone when it closes', async () => {
    const { server, client } = await pair(3);
    const closedAt = performance.now();
    await client.does('for x in c: x.close()');
    await server.does('r = [len(x.recv(1)) for x in a]');
    const descriptors = await server.does('r = [x.fileno() for x in a]');
    const { wrong, finding, between } = await look();
    expect(wrong).toEqual(['close-wait']);
    const { fault, since, count, cost } = finding('close-wait');
    expect(count).toBe(3);
    expect(fault).toMatchObject({ side: 'this side', processes: [{ pid: server.pid, descriptors }] });
    expect(fault.because).toContain('has read the end, but has not called close()');
    expect(cost).toMatch(/uses \d+ of \d+ descriptors/);
    // The look was between the start of the program and its end.
    expect(since?.oldestMs).toBeGreaterThan(500);
    expect(since?.oldestMs).toBeLessThan(between[1] - closedAt);
    await server.does('for x in a: x.close()');
    expect((await look()).wrong).toEqual([]);
  });
});
