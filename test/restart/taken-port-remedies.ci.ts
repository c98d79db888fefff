import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { fixture, restart } from '../support/restarts.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder('tcpclose-remedies');

/** A server whose second start waits until the test has done something in between. */
function interrupted(port: number, then: () => Promise<unknown>): readonly string[] {
  const [first, asks, goesOn] = ['first', 'asks', 'goes-on'].map((name) => join(folder, `${name}-${port}`));
  const waits = `touch ${asks}; while [ ! -e ${goesOn} ]; do sleep 0.02; done`;
  void until('the second start', () => existsSync(`${asks}`))
    .then(then)
    .then(() => writeFileSync(`${goesOn}`, ''));
  return [
    'sh',
    '-c',
    `[ -e ${first} ] && { ${waits}; }; touch ${first}; exec node ${fixture('plain.cjs')} ${port}`,
  ];
}

test("another program's listener: stop it, or give one of them another port", async () => {
  const other = createServer();
  const listenOn = async (port: number) => once(other.listen(port, '127.0.0.1'), 'listening');
  const port = somePort();
  const [failed] = (
    await restart(
      [],
      interrupted(port, () => listenOn(port)),
    )
  ).runs;
  expect(failed).toMatchObject({ verdict: 'fails', cause: 'port-taken-by-other' });
  expect(failed?.evidence?.explanation).toContain(`a listener of process ${process.pid} `);
  expect(failed?.evidence?.remedy).toBe('stop the other program, or give one of them another port');
  await new Promise((resolve) => other.close(resolve));
  const stopped = interrupted(somePort(), async () => {});
  expect((await restart([], stopped)).verdict).toBe('survives');
  const moved = interrupted(somePort(), () => listenOn(somePort()));
  expect((await restart([], moved)).verdict).toBe('survives');
  other.close();
});

describe('a port that the kernel gives to clients', unless(await whyUnmet('namespace')), () => {
  // The first of the range. connect(2) begins with ports of the same parity, here 20; the others are for the clients of tcpclose.
  const port = 30_000;
  const network = (reserved: string) => {
    const settings = `cd /proc/sys/net/ipv4; echo ${port} ${port + 39} > ip_local_port_range; echo ${reserved} > ip_local_reserved_ports`;
    const script = `ip link set lo up; (${settings}); exec "$@"`;
    return { prefix: ['unshare', '--user', '--map-root-user', '--net', 'sh', '-c', script, 'sh'] };
  };
  /** When it is started again, a client beside it connects until it has that port, or has tried for long. */
  const server = (place: number, file: string) => {
    const script = `
      const net = require('net');
      const there = net.createServer().listen(20000, '127.0.0.1', () => more(1));
      const more = (count) => net.connect(20000, '127.0.0.1').on('connect', function () {
        if (this.localPort === ${port} || count === 22) require('fs').writeFileSync('${file}-done', '');
        else more(count + 1);
      });`;
    const waits = `node -e "${script}" & while [ ! -e ${file}-done ]; do sleep 0.02; done`;
    const start = `exec node ${fixture('plain.cjs')} ${place}`;
    return ['sh', '-c', `[ -e ${file} ] && { ${waits}; }; touch ${file}; ${start}`];
  };
  const options = (place: number) => ['--order', 'client-first', '--port', `${place}`];

  test('choose one outside of the range, or reserve it', async () => {
    const file = () => join(folder, randomUUID());
    const [failed] = (await restart(options(port), server(port, file()), network(''))).runs;
    expect(failed).toMatchObject({ verdict: 'fails', cause: 'port-taken-by-other' });
    expect(failed?.evidence?.remedy).toMatch(
      /outside net\.ipv4\.ip_local_port_range, or .*ip_local_reserved_ports/,
    );
    const outside = await restart(options(29_000), server(29_000, file()), network(''));
    expect(outside.verdict).toBe('survives');
    const reserved = await restart(options(port), server(port, file()), network(`${port}`));
    expect(reserved.verdict).toBe('survives');
  });
});
