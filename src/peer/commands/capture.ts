import { sendPackets } from '../../native/raw-socket.ts';
import { Capture } from '../capture/capture.ts';
import type { Answers, Asked } from '../protocol.ts';

let current: Capture | undefined;

export async function capture(asked: Asked<'capture'>): Promise<Answers<'capture'>> {
  current ??= new Capture(asked);
  return { whyNotHeld: current.whyNotHeld };
}

export async function flush({ last }: Asked<'flush'>): Promise<Answers<'flush'>> {
  if (last) theCapture().end();
  return theCapture().flush();
}

export async function settle(): Promise<Answers<'settle'>> {
  return { events: theCapture().settle() };
}

export async function packet({ number }: Asked<'packet'>): Promise<Answers<'packet'>> {
  return { data: theCapture().packet(number).toString('base64') };
}

function theCapture(): Capture {
  if (current === undefined) throw new Error('this peer captures nothing');
  return current;
}

export async function inject({ to, packets }: Asked<'inject'>): Promise<Answers<'inject'>> {
  sendPackets(
    packets.map((packet) => Buffer.from(packet, 'base64')),
    to,
  );
  return {};
}
