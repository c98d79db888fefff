import { readdirSync } from 'node:fs';
import { droppedSegments, getSocketOption, setSocketOption } from '../../native/options.ts';
import { dieWithParent } from '../../native/process.ts';
import type { ParsedParams, Result } from '../protocol.ts';
import { descriptor } from '../sockets.ts';

export async function setOption({
  socket,
  name,
  value,
}: ParsedParams<'setOption'>): Promise<Result<'setOption'>> {
  // A close that lingers holds the whole process up, so that it would not hear of the end of its input.
  if (name === 'SO_LINGER' && value > 0) dieWithParent();
  setSocketOption(descriptor(socket), name, value);
  return {};
}

export async function options({ socket, names }: ParsedParams<'options'>): Promise<Result<'options'>> {
  const fd = descriptor(socket);
  return { values: names.map((name) => getSocketOption(fd, name)) };
}

export async function openDescriptors(): Promise<Result<'openDescriptors'>> {
  // One of them is the folder itself.
  return { descriptors: readdirSync('/proc/self/fd').length - 1 };
}

export async function drops({ socket }: ParsedParams<'drops'>): Promise<Result<'drops'>> {
  return { drops: droppedSegments(descriptor(socket)) };
}
