/** Who makes the connections whose TIME_WAITs use up the ports towards a destination. */
import { describe, expect, test } from 'vitest';
import { AuditNetwork, whyNoAuditNetwork } from '../support/audit-network.ts';
import type { Finding } from '../support/audits.ts';
import { unless } from '../support/skips.ts';
import { until } from '../support/until.ts';

/** TIME_WAITs stay for a minute, so that each test has a network of its own, with 100 ports. */
function inNetwork(title: string, body: (network: AuditNetwork) => Promise<void>, reuse = 0): void {
  describe('in a network of its own', unless(whyNoAuditNetwork), () => {
    const network = new AuditNetwork();
    test(title, async () => {
      await network.setting('net.ipv4.ip_local_port_range', '40000 40099');
      await network.setting('net.ipv4.tcp_tw_reuse', reuse);
      await body(network);
    });
  });
}

/** Accepts all connections, and closes each after the client. */
const patientServer = `import threading, time
s = socket.create_server(('127.0.0.1', 30000), backlog=100)
def serve():
  while True:
    x = s.accept()[0]
    threading.Thread(target=lambda x=x: (x.recv(1), x.close()), daemon=True).start()
threading.Thread(target=serve, daemon=True).start()
r = s.getsockname()[1]`;
const makeAndKeep = (port: unknown) =>
  `for i in range(60):
  x = socket.create_connection(('127.0.0.1', ${port}))
  y = s.accept()[0]
  x.close(); y.recv(1); y.close()
kept = [(socket.create_connection(('127.0.0.1', ${port})), s.accept()[0]) for _ in range(10)]`;
const makeAndClose = (port: unknown, count: number) =>
  `for _ in range(${count}): socket.create_connection(('127.0.0.1', ${port})).close()`;

inNetwork(
  'the program whose connections last for milliseconds is named, but not one that keeps a connection open',
  async (network) => {
    const [server, keeper, maker] = [network.actor(), network.actor(), network.actor()];
    const port = await server.does(patientServer);
    await keeper.does(`x = socket.create_connection(('127.0.0.1', ${port}))`);
    await maker.does(
      `import threading, time
def run():
  made = 0
  while True:
    try: x = socket.create_connection(('127.0.0.1', ${port}))
    except OSError: continue
    time.sleep(0.02)
    x.close()
    made += 1
    # Few enough that the ports do not run out.
    time.sleep(0 if made < 40 else 1)
threading.Thread(target=run, daemon=True).start()`,
    );
    // On a busy machine a look may find no process in the middle of a connection: it names nobody then.
    const named = new Set<number>();
    await until('the maker of short connections', async () => {
      const { finding, kinds } = await network.audit('--ports-used', '30');
      if (kinds.includes('ephemeral-ports'))
        for (const { pid } of finding('ephemeral-ports').fault.processes) named.add(pid);
      return named.size > 0;
    });
    expect([...named]).toEqual([maker.pid]);
  },
);

inNetwork('a program that opens connections and keeps them is not said to close them', async (network) => {
  const [server, keeper, maker] = [network.actor(), network.actor(), network.actor()];
  const port = await server.does(patientServer);
  await keeper.does(
    `import threading, time
kept = []
def run():
  while True:
    kept.append(socket.create_connection(('127.0.0.1', ${port})))
    time.sleep(0.2)
threading.Thread(target=run, daemon=True).start()`,
  );
  await maker.does(makeAndClose(port, 60));
  const { finding } = await network.audit('--ports-used', '1');
  const { fault } = finding('ephemeral-ports');
  expect(fault.processes).toEqual([]);
  expect(fault.because).toMatch(
    new RegExp(
      `^a client here opens .*; pid ${keeper.pid} .* has \\d+ connections? open to it, and may have made them$`,
    ),
  );
});

inNetwork('the program that is seen closing a connection of seconds is named', async (network) => {
  const [server, keeper, maker] = [network.actor(), network.actor(), network.actor()];
  const port = await server.does(patientServer);
  await keeper.does(`x = [socket.create_connection(('127.0.0.1', ${port})) for _ in range(9)]`);
  await maker.does(makeAndClose(port, 40));
  await maker.does(
    `import threading, time
def run():
  while True:
    try: x = socket.create_connection(('127.0.0.1', ${port}))
    except OSError: continue
    time.sleep(2)
    x.close()
for _ in range(6): threading.Thread(target=run, daemon=True).start()`,
  );
  const named = new Set<number>();
  await until('the maker of slow connections', async () => {
    const { finding } = await network.audit('--ports-used', '1');
    for (const { pid } of finding('ephemeral-ports').fault.processes) named.add(pid);
    return named.size > 0;
  });
  expect([...named]).toEqual([maker.pid]);
});

inNetwork(
  'a TIME_WAIT that new connections may take over counts as left',
  async (network) => {
    const program = network.actor();
    const port = await program.does("s = socket.create_server(('127.0.0.1', 30000)); r = s.getsockname()[1]");
    await program.does(makeAndKeep(port));
    let found: Finding | undefined;
    await until('TIME_WAITs of more than a second', async () => {
      const { finding, kinds } = await network.audit('--ports-used', '10');
      found = kinds.includes('ephemeral-ports') ? finding('ephemeral-ports') : undefined;
      return found?.figures['reusable'] === 60;
    });
    const { figures, what, cost } = found as unknown as Finding;
    expect(figures).toMatchObject({ size: 100, left: 90, timeWaits: 60, open: 10, lastsMs: null });
    expect(what).toContain('(60 in TIME_WAIT, 60 of which new connections may take over), 90 left');
    expect(cost).toContain('when they are used up');
    expect((await network.audit('--ports-used', '11')).wrong).toEqual([]);
  },
  2,
);
