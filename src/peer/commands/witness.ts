import { sendPackets } from '../../native/raw-socket.ts';
import type { Answers, Asked } from '../protocol.ts';
import { Witness } from '../witness/witness.ts';

let current: Witness | undefined;

export async function witness(asked: Asked<'witness'>): Promise<Answers<'witness'>> {
  current ??= new Witness(asked);
  return { whyNotHeld: current.whyNotHeld };
}

export async function testify({ last }: Asked<'testify'>): Promise<Answers<'testify'>> {
  if (last) theWitness().end();
  return theWitness().testify();
}

export async function settle(): Promise<Answers<'settle'>> {
  return { events: theWitness().settle() };
}

export async function packet({ number }: Asked<'packet'>): Promise<Answers<'packet'>> {
  return { data: theWitness().packet(number).toString('base64') };
}

function theWitness(): Witness {
  if (current === undefined) throw new Error('this peer witnesses nothing');
  return current;
}

export async function inject({ to, packets }: Asked<'inject'>): Promise<Answers<'inject'>> {
  sendPackets(
    packets.map((packet) => Buffer.from(packet, 'base64')),
    to,
  );
  return {};
}
