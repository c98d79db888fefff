import { connect, type Socket } from 'node:net';
import * as v from 'valibot';
import { method } from '../../rpc/method.ts';
import { count, endpoint, shortConnections } from '../schemas.ts';
import { closeFirst } from '../short-connections.ts';

/** How often connections that take too long are looked for. */
const sweepMs = 50;

export interface Progress {
  done: number;
  connected: number;
  /** `ok`, or the call that failed and its errno. */
  readonly outcomes: Record<string, number>;
  ranMs: number;
  state: 'running' | 'over';
}

let progress: Progress = { done: 0, connected: 0, outcomes: {}, ranMs: 0, state: 'over' };
let ranSince = 0;

/**
 * Begins to open short connections, `concurrency` at a time, and counts how they end. Nothing is kept of a connection that
 * has ended, so memory does not grow with their number.
 */
export const churn = method({
  params: v.object({
    ...shortConnections,
    targets: v.array(endpoint),
    connections: count,
    concurrency: count,
    timeoutMs: count,
  }),
  run(params) {
    const { targets, connections, concurrency, closer, timeoutMs } = params;
    const outcomes: Record<string, number> = {};
    const run: Progress = { done: 0, connected: 0, outcomes, ranMs: 0, state: 'running' };
    progress = run;
    ranSince = performance.now();
    const startedAt = new Map<Socket, number>();
    // The time of the last sweep: precise enough, and cheaper than reading the clock for each connection.
    let now = ranSince;
    let begun = 0;

    const begin = () => {
      const target = targets[begun++ % targets.length];
      if (target === undefined) return;
      let outcome = 'ok';
      const socket = connect({ host: target.address, port: target.port });
      startedAt.set(socket, now);
      if (closer === 'client') socket.on('connect', () => closeFirst(socket, params));
      socket.on('error', ({ syscall, code, message }: NodeJS.ErrnoException) => {
        outcome = `${syscall ?? 'connection'} ${code ?? message}`;
      });
      socket.on('close', () => {
        startedAt.delete(socket);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        run.done++;
        if (outcome === 'ok' || outcome.startsWith('read')) run.connected++;
        if (begun < connections) begin();
        else if (run.done === connections) end();
      });
    };
    const sweep = () => {
      now = performance.now();
      for (const [socket, at] of startedAt) {
        // In the order in which they began.
        if (now - at < timeoutMs) return;
        socket.destroy(late(socket));
      }
    };
    const sweeper = setInterval(sweep, sweepMs);
    const end = () => {
      clearInterval(sweeper);
      run.ranMs = performance.now() - ranSince;
      run.state = 'over';
    };
    for (let i = 0; i < Math.min(concurrency, connections); i++) begin();
  },
});

function late(socket: Socket): Error {
  return Object.assign(new Error(), { syscall: socket.connecting ? 'connect' : 'read', code: 'ETIME' });
}

/** How the connections have ended so far. */
export const churnProgress = method({
  run() {
    if (progress.state === 'running') progress.ranMs = performance.now() - ranSince;
    return progress;
  },
});
