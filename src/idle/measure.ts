import { TcpcloseError } from '../errors.ts';
import { harmless } from '../foreign.ts';
import { poll } from '../time.ts';
import { after, atMost, type Waiting } from '../waiting.ts';
import { Connection, failureOf } from './connection.ts';
import { Probe, type ProbeOptions, type ProbeResult } from './probe.ts';
import { type Silence, silenceOf } from './silence.ts';

/** A handful of connections, even for a server elsewhere. */
const requestsOfEach = [0, 1, 1, 3] as const;

interface MeasureOptions extends Omit<ProbeOptions, 'forMs'> {
  /** How long to watch; without `asked`, no longer than needed. */
  readonly forMs: number;
  readonly asked: 'yes' | 'no';
  /**
   * A connection that has been idle for this long no longer matters; undefined if it always does. The server may announce in how many
   * seconds it closes.
   */
  untilMs(timeoutS: number | null): number | undefined;
  readonly progress: Waiting;
}

/** Leaves connections idle, side by side, until the server has closed them or the given time is over. */
export async function measure(
  options: MeasureOptions,
): Promise<{ readonly probes: readonly ProbeResult[]; readonly silence: Silence }> {
  const { forMs, asked, untilMs, progress } = options;
  const probes = requestsOfEach.map((requests) => new Probe(requests, options));
  const used = probes.filter(({ requests }) => requests > 0);
  // The behaviour before the first request matters less, and is not awaited separately.
  const enough = () => asked === 'no' && used.every(({ state }) => state === 'over');
  try {
    progress('asking the server', atMost(startMs + 4 * options.answerMs));
    const running = used.map((probe) =>
      probe.run(() => asked === 'no' && probe.idleMs >= (untilMs(probe.timeoutS) ?? forMs)),
    );
    await untilIdle(used, options);
    // A server that handles one connection at a time would wait for a request on this one.
    const unused = probes.filter(({ requests }) => requests === 0).map((probe) => probe.run(enough));
    const own = used.flatMap(({ local }) => local ?? []);
    const silence = silenceOf(options.place, own);
    const untilMost = Math.max(...used.map(({ timeoutS }) => untilMs(timeoutS) ?? forMs));
    const watchMs = asked === 'no' ? Math.min(forMs, untilMost) : forMs;
    progress('waiting for the server to close', asked === 'no' ? atMost(watchMs) : after(watchMs));
    const results = await Promise.all([...unused, ...running]);
    await refuseIfGone(results, options);
    return { probes: await explained(results, options), silence };
  } finally {
    for (const probe of probes) probe.close();
  }
}

/** Resolves once the connections have been used and at least one is idle, or none will be. */
async function untilIdle(used: readonly Probe[], { answerMs, signal }: MeasureOptions): Promise<void> {
  const patience = { withinMs: 4 * answerMs + startMs, everyMs: 10, signal };
  await poll('all answers', () => used.every(({ state }) => state !== 'busy'), patience);
}

/** The time limit for connecting. */
const startMs = 10_000;

/**
 * A server that has ended closed its connections for another reason than their idleness.
 * @throws TcpcloseError `server-gone`
 */
async function refuseIfGone(
  results: readonly ProbeResult[],
  { place, signal }: MeasureOptions,
): Promise<void> {
  if (results.every(({ ending }) => ending.state !== 'closed')) return;
  try {
    const connection = await Connection.open({ ...place, tls: 'off' }, signal);
    connection.close();
  } catch (error) {
    signal.throwIfAborted();
    throw new TcpcloseError(
      'server-gone',
      `the server accepts no more connections (${failureOf(error)}): it ended while its idle connections were watched, so when it closes them is not known`,
      error,
    );
  }
}

const handshakeMs = 3000;

/** Explains a silent close by a handshake: many servers close silently when they get a plain request on a TLS port. */
async function explained(
  results: readonly ProbeResult[],
  { place, request, answerMs, signal }: MeasureOptions,
): Promise<readonly ProbeResult[]> {
  const isAnswered = results.some(({ requests, ending }) => requests > 0 && ending.state !== 'no answer');
  if (isAnswered || place.tls === 'on' || request !== null) return results;
  const withinMs = Math.min(answerMs, handshakeMs);
  const speaksTls = await Connection.open({ ...place, tls: 'on' }, signal, withinMs).then(
    (connection) => {
      connection.close();
      return true;
    },
    () => false,
  );
  signal.throwIfAborted();
  if (!speaksTls) return results;
  const reason = harmless('the port speaks TLS: give --tls');
  return results.map((result) =>
    result.ending.state === 'no answer' ? { ...result, ending: { state: 'no answer', reason } } : result,
  );
}
