/** What the file that `run` loads into Node programs shares with the process that looks up ports for it. It imports nothing. */

/** The pid of that process, its descriptors of the pipe of reports and of the file of answers, and the inode of the pipe. */
export const channelVariable = 'TCPCLOSE_FAILED_BINDS';

/** How long a program waits for the look at its port. */
export const lookLimitMs = 1000;

/** The answers are the ids of the last reports, in slots of this size. */
export const slotSize = 64;

/** A bind(2) or listen(2) that failed. */
export interface Report {
  readonly id: string;
  readonly pid: number;
  readonly call: 'bind' | 'listen';
  /** The number of the socket's descriptor; -1 without one. */
  readonly fd: number;
  readonly type: 'stream' | 'datagram';
  readonly address: string | null;
  readonly port: number | null;
  /** The path of a Unix socket; null for others. */
  readonly path: string | null;
  readonly result: string;
}
