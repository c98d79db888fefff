/**
 * How much of what the kernel's tracepoints tell is seen by asking, and what that costs: `sudo tsx bench/transitions.ts`. A server
 * and a client are in one process, so that states follow one another as fast as they can.
 */
import { readFileSync } from 'node:fs';
import { openNamespace } from '../src/lab/namespace.ts';
import { Peer } from '../src/lab/peer.ts';
import { Teardown } from '../src/lab/teardown.ts';
import { Witness } from '../src/lab/witness.ts';
import { heldStates } from '../test/support/timelines.ts';

const connections = Number(process.argv[2] ?? 200);
const port = 7000;

const teardown = new Teardown();
try {
  const host = await openNamespace('bench', teardown);
  const witness = await Witness.open(host, 'traced where allowed', teardown);
  await witness.follow([port]);
  const [server, client] = [new Peer(host), new Peer(host)];
  teardown.add(async () => void (await Promise.all([server.end(), client.end()])));
  await server.ask('listen', { host: '127.0.0.1', port, reuseAddress: 'on', backlog: 100, conduct: 'reads' });
  const [startedAt, cpuBefore] = [performance.now(), cpuSeconds(witness.pid)];
  for (let i = 0; i < connections; i++) {
    const { socket } = await client.ask('connect', {
      host: '127.0.0.1',
      port,
      conduct: 'reads',
      timeoutMs: 5000,
    });
    await client.ask('end', { socket });
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = cpuSeconds(witness.pid) - cpuBefore;
  await witness.testimony();
  const { asked, traced } = witness.accounts;
  if (traced === undefined) throw new Error('the tracepoints cannot be read: run as root');
  const held = heldStates(asked, traced);
  console.log(
    `${connections} connections in ${seconds.toFixed(2)} s, CPU of the witness ${((cpu / seconds) * 100).toFixed(0)} %`,
  );
  console.log('states that lasted   seen of all');
  for (const [least, most] of [
    [0, 0.05],
    [0.05, 0.1],
    [0.1, 0.5],
    [0.5, 5],
    [5, 60_000],
  ] as const) {
    const group = held.filter(({ lastedMs }) => lastedMs >= least && lastedMs < most);
    const seen = group.filter(({ seen }) => seen).length;
    console.log(`${`${least} to ${most} ms`.padEnd(20)} ${seen} of ${group.length}`);
  }
} finally {
  await teardown.run();
}

/** User and system time of a process so far. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
