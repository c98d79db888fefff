import { setTimeout as sleep } from 'node:timers/promises';
import { type DiagSocket, SockDiag } from '../../native/sock-diag.ts';
import { tcpInfo } from '../../native/tcp-info.ts';
import type { Answers, Asked } from '../protocol.ts';
import { descriptor } from '../sockets.ts';

/** Often enough to tell gaps of 200 ms and more apart, and seldom enough to cost nothing. */
const pauseMs = 2;

/** inet_diag's number of the timer that retransmits; also of the one that probes for the loss of the last segment. */
const retransmissionTimer = 1;

export async function info({ socket }: Asked<'info'>): Promise<Answers<'info'>> {
  return tcpInfo(descriptor(socket));
}

export async function lookUp({ local, remote }: Asked<'lookUp'>): Promise<Answers<'lookUp'>> {
  const diag = new SockDiag();
  try {
    const found = diag.find(local, remote);
    return { leftMs: found === undefined || found.timer === 0 ? null : found.expiresMs };
  } finally {
    diag.close();
  }
}

/** Asks for the pair again and again until it is gone, and notes when the number of its retransmissions grew. */
export async function watchRetransmissions({
  local,
  remote,
  timeoutMs,
}: Asked<'watchRetransmissions'>): Promise<Answers<'watchRetransmissions'>> {
  const startedAt = performance.now();
  const passed = () => performance.now() - startedAt;
  const sentAgainMs: number[] = [];
  const diag = new SockDiag();
  try {
    for (; passed() < timeoutMs; await sleep(pauseMs)) {
      const found = diag.find(local, remote);
      if (found === undefined) return { sentAgainMs, goneMs: passed() };
      if (retransmissionsOf(found) > sentAgainMs.length) sentAgainMs.push(passed());
    }
    return { sentAgainMs, goneMs: null };
  } finally {
    diag.close();
  }
}

function retransmissionsOf({ timer, retransmits }: DiagSocket): number {
  return timer === retransmissionTimer ? retransmits : 0;
}
