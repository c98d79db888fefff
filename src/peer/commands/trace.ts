import { StateTrace } from '../capture/trace.ts';
import type { ParsedParams, Result } from '../protocol.ts';

let current: StateTrace | undefined;

export async function trace({ ports }: ParsedParams<'trace'>): Promise<Result<'trace'>> {
  current ??= new StateTrace();
  current.follow(ports);
  return {};
}

export async function traced({ last }: ParsedParams<'traced'>): Promise<Result<'traced'>> {
  if (current === undefined) throw new Error('this peer traces nothing');
  if (last) current.end();
  else current.tell();
  return {};
}
