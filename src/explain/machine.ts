import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { messageOf } from '../errors.ts';
import { describeErrno } from '../native/errno.ts';
import { getSocketOption, type SocketOption, socketOptionNames } from '../native/options.ts';
import { closeDescriptor, openSocket } from '../native/socket.ts';
import { numberOfState, type State } from '../state.ts';
import type { Word } from './words.ts';

/** What the present machine says of a word, just looked up. */
export function askMachine({ kind, name }: Word): string {
  switch (kind) {
    case 'state':
      return countState(name as State);
    case 'errno':
      return `${describeErrno(name)}, number ${constants.errno[name as keyof typeof constants.errno]} here`;
    case 'socket option':
      return readOption(name);
    case 'setting':
      return readSetting(name);
  }
}

function countState(state: State): string {
  if (state === 'CLOSED') return 'there is nothing to count';
  const number = numberOfState(state).toString(16).toUpperCase().padStart(2, '0');
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].filter((path) => existsSync(path));
  if (tables.length === 0) return 'its table of connections cannot be read (/proc/net/tcp)';
  const lines = tables.flatMap((path) => readFileSync(path, 'utf8').split('\n'));
  const count = lines.filter((line) => new RegExp(`^\\s*\\d+: \\S+ \\S+ ${number} `).test(line)).length;
  return `${count} ${count === 1 ? 'socket is' : 'sockets are'} in ${state} on this machine now`;
}

function readOption(name: string): string {
  const option = socketOptionNames.find((known): known is SocketOption => known === name);
  if (option === undefined) return 'cannot be read here';
  const address = name.startsWith('IPV6') ? '::1' : '127.0.0.1';
  try {
    const fd = openSocket(address, 'non-blocking');
    try {
      const value = getSocketOption(fd, option);
      return `a new socket has ${name} = ${name === 'SO_LINGER' && value < 0 ? 'off' : value}`;
    } finally {
      closeDescriptor(fd);
    }
  } catch (error) {
    return `cannot be read here (${messageOf(error)})`;
  }
}

function readSetting(name: string): string {
  const path = `/proc/sys/${name.replaceAll('.', '/')}`;
  if (!existsSync(path)) return `${name} does not exist on this machine`;
  return `${name} = ${readFileSync(path, 'utf8').trim().replaceAll('\t', ' ')}`;
}
