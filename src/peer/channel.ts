import type { PeerMessage } from './protocol.ts';

/** Writes one message to tcpclose. */
export function send(message: PeerMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
