/** Captures in a network of their own, and connections to be captured there. */
import { afterEach } from 'vitest';
import type { Host } from '../../../src/lab/hosts/host.ts';
import { openNamespace } from '../../../src/lab/hosts/namespace.ts';
import { PeerProcess } from '../../../src/lab/process/peer-process.ts';
import { Capture, type CaptureOptions } from '../../../src/lab/recording/capture.ts';
import { Teardown } from '../../../src/lab/teardown.ts';
import type { RecordedConnection } from '../../../src/observe/packets/recording.ts';
import { whyUnmet } from '../../../src/scenario/needs.ts';

export const why = await whyUnmet('packets');
export const port = 7000;

export let teardown = new Teardown();
afterEach(async () => {
  await teardown.run();
  teardown = new Teardown();
});

export async function open(
  options: Omit<CaptureOptions, 'depth'> = {},
): Promise<{ host: Host; capture: Capture }> {
  const host = await openNamespace('a namespace', teardown);
  const capture = await Capture.open([host], { depth: 'everything', ...options }, teardown);
  await capture.follow([port]);
  return { host, capture };
}

/** As those of a run that is recorded. */
async function peersOf(host: Host): Promise<{ server: PeerProcess; client: PeerProcess }> {
  const [server, client] = [new PeerProcess(host), new PeerProcess(host)];
  teardown.add(async () => void (await Promise.all([server.end(), client.end()])));
  await Promise.all([server.call('scheduleAsBatch', {}), client.call('scheduleAsBatch', {})]);
  return { server, client };
}

/** Connections of which the client closes first; the server answers some time after it has read the end. */
export async function converse(host: Host, address: string, count: number): Promise<void> {
  const { server, client } = await peersOf(host);
  let accepted = 0;
  server.onConnection = () => accepted++;
  await server.call('listen', { host: address, port, reuseAddress: 'on', backlog: 10, conduct: 'leaks' });
  for (let i = 1; i <= count; i++) {
    const { socket } = await client.call('connect', {
      host: address,
      port,
      timeoutMs: 5000,
      conduct: 'reads',
    });
    // The handshake is over at both ends: whoever asks has seen ESTABLISHED before the client leaves it.
    while (accepted < i) await pause();
    await client.call('write', { socket, text: 'hello' });
    await client.call('end', { socket });
    // Longer than an ACK may be delayed, so that there is FIN_WAIT2, and not FIN_WAIT1 until the other FIN comes.
    await pause(300);
    await server.call('end', { socket: i });
    await pause();
  }
}

/** Connections that are over as soon as they can be. */
export async function hurry(host: Host, count: number): Promise<void> {
  const { server, client } = await peersOf(host);
  const listen = { host: '127.0.0.1', port, reuseAddress: 'on', backlog: 100, conduct: 'reads' } as const;
  await server.call('listen', listen);
  for (let i = 0; i < count; i++) {
    const connect = { host: '127.0.0.1', port, timeoutMs: 5000, conduct: 'reads' } as const;
    const { socket } = await client.call('connect', connect);
    await client.call('end', { socket });
  }
}

function pause(ms = 20): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Both FINs of that connection are there, and acknowledged. */
export async function untilClosed(capture: Capture, index: number): Promise<void> {
  for (;;) {
    const segments = (await capture.flush()).connections[index]?.segments ?? [];
    const fins = segments.filter(({ flags }) => flags.includes('FIN'));
    if (fins.length >= 2 && segments.at(-1)?.flags.join() === 'ACK') return pause();
    await pause();
  }
}

export function sequenceOf(
  { transitions }: RecordedConnection,
  side: 'client' | 'server',
): (string | null)[] {
  return transitions.filter((transition) => transition.side === side).map(({ to }) => to);
}
