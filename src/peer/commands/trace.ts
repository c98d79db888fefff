import { StateTrace } from '../capture/trace.ts';
import type { Answers, Asked } from '../protocol.ts';

let current: StateTrace | undefined;

export async function trace({ ports }: Asked<'trace'>): Promise<Answers<'trace'>> {
  current ??= new StateTrace();
  current.follow(ports);
  return {};
}

export async function traced({ last }: Asked<'traced'>): Promise<Answers<'traced'>> {
  if (current === undefined) throw new Error('this peer traces nothing');
  if (last) current.end();
  else current.tell();
  return {};
}
