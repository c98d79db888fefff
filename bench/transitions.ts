/**
 * Which share of the changes that the kernel's tracepoints report is also found by polling, and what that costs: `sudo tsx
 * bench/transitions.ts`. Connections end as fast as possible, and their processes yield, as those of a recorded run do. Measured once
 * while segments wait for the queries, and once while they pass. Waiting makes states longer, so the two columns count different states.
 */
import { readFileSync } from 'node:fs';
import { commandLine, countOf } from '../build/command-line.ts';
import { openNamespace } from '../src/lab/hosts/namespace.ts';
import { PeerProcess } from '../src/lab/process/peer-process.ts';
import { Capture } from '../src/lab/recording/capture.ts';
import { Teardown } from '../src/lab/teardown.ts';
import { sleep } from '../src/time.ts';
import { type HeldState, heldStates } from '../test/support/timelines.ts';

const { positionals } = commandLine('sudo npx tsx bench/transitions.ts [connections]', {}, 'words');
const connections = countOf(positionals[0] ?? '200', 'connections');
const port = 7000;

interface Measured {
  readonly seconds: number;
  /** CPU time of the polling process, as a share of the wall time. */
  readonly cpu: number;
  readonly whyNotHeld: string | null;
  readonly states: readonly HeldState[];
}

const both = [await measure('wait where possible'), await measure('pass')];
for (const { whyNotHeld, seconds, cpu } of both)
  console.log(
    `segments ${whyNotHeld === null ? 'wait' : `pass (${whyNotHeld})`}: ${connections} connections in ${seconds.toFixed(2)} s, CPU of the capture ${(cpu * 100).toFixed(0)} %`,
  );
console.log('states that lasted   share seen, while segments wait and while they pass');
for (const [least, most] of [
  [0, 0.05],
  [0.05, 0.1],
  [0.1, 0.5],
  [0.5, 5],
  [5, 60_000],
] as const) {
  const shares = both.map(({ states }) => {
    const group = states.filter(({ lastedMs }) => lastedMs >= least && lastedMs < most);
    return `${group.filter(({ seen }) => seen).length} of ${group.length}`.padEnd(14);
  });
  console.log(`${`${least} to ${most} ms`.padEnd(20)} ${shares.join(' ')}`.trimEnd());
}

async function measure(segments: 'wait where possible' | 'pass'): Promise<Measured> {
  const teardown = new Teardown();
  try {
    const host = await openNamespace('bench', teardown);
    const capture = await Capture.open([host], { depth: 'everything', segments }, teardown);
    await capture.follow([port]);
    const [server, client] = [new PeerProcess(host), new PeerProcess(host)];
    teardown.add(async () => void (await Promise.all([server.end(), client.end()])));
    const there = { host: '127.0.0.1', port, conduct: 'reads' } as const;
    await Promise.all([server.call('scheduleAsBatch', {}), client.call('scheduleAsBatch', {})]);
    await server.call('listen', { ...there, reuseAddress: 'on', backlog: 100 });
    const [startedAt, cpuBefore] = [performance.now(), cpuSeconds(capture.pid)];
    for (let i = 0; i < connections; i++) {
      const { socket } = await client.call('connect', { ...there, timeoutMs: 5000 });
      await client.call('end', { socket });
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = (cpuSeconds(capture.pid) - cpuBefore) / seconds;
    // The server may not have closed the last of them yet.
    await sleep(500);
    const { whyNotHeld } = await capture.flush();
    const { asked, traced } = capture.accounts;
    if (traced === undefined) throw new Error('the tracepoints cannot be read: run as root');
    return { seconds, cpu, whyNotHeld, states: heldStates(asked, traced) };
  } finally {
    await teardown.run();
  }
}

/** User and system time of a process so far. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
