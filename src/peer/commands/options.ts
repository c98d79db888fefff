import { getSocketOption, setSocketOption } from '../../native/options.ts';
import type { Answers, Asked } from '../protocol.ts';
import { descriptor } from '../sockets.ts';

export async function setOption({ socket, name, value }: Asked<'setOption'>): Promise<Answers<'setOption'>> {
  setSocketOption(descriptor(socket), name, value);
  return {};
}

export async function options({ socket, names }: Asked<'options'>): Promise<Answers<'options'>> {
  const fd = descriptor(socket);
  return { values: names.map((name) => getSocketOption(fd, name)) };
}
