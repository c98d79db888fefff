import { type Details, detailOf } from '../../observe/sock-diag/detail.ts';
import type { Diagnosis } from '../diagnosis.ts';
import type { ProcessFacts } from '../process-facts.ts';

/** A listener whose accept queue is full: it accepts more slowly than clients come, or not at all. */
export interface FullQueue {
  readonly address: string;
  readonly waiting: number;
  /** The backlog of its listen(), at most somaxconn. One more fits. */
  readonly limit: number;
  readonly process: ProcessFacts | null;
}

export function fullQueuesIn({ port, sockets, holders }: Diagnosis, details: Details): FullQueue[] {
  return sockets.flatMap((socket) => {
    const { state, local, receiveQueue, processes } = socket;
    const limit = detailOf(details, socket)?.backlog ?? null;
    if (state !== 'LISTEN' || local.port !== port || limit === null || receiveQueue <= limit) return [];
    const pids = processes.map(({ pid }) => pid);
    const process = holders.flatMap((holder) => holder.processes).find(({ pid }) => pids.includes(pid));
    return [{ address: local.address, waiting: receiveQueue, limit, process: process ?? null }];
  });
}
