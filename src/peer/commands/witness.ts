import { sendPackets } from '../../native/raw-socket.ts';
import type { Answers, Asked } from '../protocol.ts';
import { Witness } from '../witness/witness.ts';

let current: Witness | undefined;

export async function witness(): Promise<Answers<'witness'>> {
  current ??= new Witness();
  return {};
}

export async function testify(): Promise<Answers<'testify'>> {
  if (current === undefined) throw new Error('this peer witnesses nothing');
  return current.testify();
}

export async function inject({ to, packets }: Asked<'inject'>): Promise<Answers<'inject'>> {
  sendPackets(
    packets.map((packet) => Buffer.from(packet, 'base64')),
    to,
  );
  return {};
}
