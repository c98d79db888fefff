import * as v from 'valibot';
import type { Measured } from '../../measured.ts';
import { SockDiag, withSockDiag } from '../../native/sock-diag.ts';
import { tcpInfo } from '../../native/tcp-info.ts';
import { method } from '../../rpc/method.ts';
import { sleep } from '../../time.ts';
import type { Retransmissions } from '../results.ts';
import { count, pair, socket } from '../schemas.ts';
import { descriptor } from '../sockets.ts';

/** Often enough to distinguish gaps of 200 ms, and rarely enough to cost nothing. */
const pauseMs = 2;

/** The longest tick of a kernel (HZ=100), the unit in which it notes when data was sent. */
const tickMs = 10;

/** getsockopt(TCP_INFO), in milliseconds. */
export const info = method({
  params: v.object({ socket }),
  run: ({ socket }) => tcpInfo(descriptor(socket)),
});

/** The time left on the timer of this pair's socket; null without one. The moments of the query are on the peer's own clock. */
export const lookUp = method({
  params: v.object(pair),
  run: ({ local, remote }) =>
    withSockDiag((diag) => {
      const askedMs = performance.now();
      const found = diag.find(local, remote);
      const takenMs = performance.now();
      return { leftMs: found === undefined || found.timer === 0 ? null : found.expiresMs, askedMs, takenMs };
    }),
});

/** Polls the pair until it is gone: the milliseconds until then; null if it is still there in the end. */
export const untilGone = method({
  params: v.object({ ...pair, timeoutMs: count }),
  async run({ local, remote, timeoutMs }): Promise<Measured | null> {
    const startedAt = performance.now();
    const passed = () => performance.now() - startedAt;
    const diag = new SockDiag();
    try {
      for (let leastMs = 0; passed() < timeoutMs; await sleep(pauseMs)) {
        const askedMs = passed();
        if (diag.find(local, remote) === undefined) return { leastMs, mostMs: passed() };
        leastMs = askedMs;
      }
      return null;
    } finally {
      diag.close();
    }
  },
});

/**
 * Polls the pair until it is gone, and records each retransmission, in milliseconds from now, including that of a tail-loss probe, which
 * has no visible timer. The kernel reports when data was last sent, so a late look is as good as an early one, as long as it comes before
 * the next retransmission.
 */
export const watchRetransmissions = method({
  params: v.object({ socket, ...pair, timeoutMs: count }),
  async run({ socket, local, remote, timeoutMs }): Promise<Retransmissions> {
    const fd = descriptor(socket);
    const startedAt = performance.now();
    const passed = () => performance.now() - startedAt;
    const sentAgain: (Measured | null)[] = [];
    const diag = new SockDiag();
    try {
      for (let leastMs = 0; passed() < timeoutMs; await sleep(pauseMs)) {
        const askedMs = passed();
        const found = diag.find(local, remote);
        if (found === undefined) return { sentAgain, gone: { leastMs, mostMs: passed() } };
        leastMs = askedMs;
        // A closed socket has no descriptor any more.
        if (found.inode === 0) continue;
        const { lastDataSentMs, totalRetransmissions } = tcpInfo(fd);
        if (totalRetransmissions <= sentAgain.length) continue;
        while (sentAgain.length < totalRetransmissions - 1) sentAgain.push(null);
        sentAgain.push({
          leastMs: askedMs - lastDataSentMs - tickMs,
          mostMs: passed() - lastDataSentMs + tickMs,
        });
      }
      return { sentAgain, gone: null };
    } finally {
      diag.close();
    }
  },
});
