import { sendPackets } from '../../native/raw-socket.ts';
import { Capture } from '../capture/capture.ts';
import type { ParsedParams, Result } from '../protocol.ts';

let current: Capture | undefined;

export async function capture(asked: ParsedParams<'capture'>): Promise<Result<'capture'>> {
  current ??= new Capture(asked);
  return { whyNotHeld: current.whyNotHeld };
}

export async function flush({ last }: ParsedParams<'flush'>): Promise<Result<'flush'>> {
  if (last) theCapture().end();
  return theCapture().flush();
}

export async function settle(): Promise<Result<'settle'>> {
  return { events: theCapture().settle() };
}

export async function packet({ number }: ParsedParams<'packet'>): Promise<Result<'packet'>> {
  return { data: theCapture().packet(number).toString('base64') };
}

function theCapture(): Capture {
  if (current === undefined) throw new Error('this peer captures nothing');
  return current;
}

export async function inject({ to, packets }: ParsedParams<'inject'>): Promise<Result<'inject'>> {
  sendPackets(
    packets.map((packet) => Buffer.from(packet, 'base64')),
    to,
  );
  return {};
}
