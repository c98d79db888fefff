import * as v from 'valibot';
import {
  droppedSegments,
  getSocketOption,
  setSocketOption,
  socketOptionNames,
} from '../../native/options.ts';
import { dieWithParent } from '../../native/process.ts';
import { method } from '../../rpc/method.ts';
import { number, socket } from '../schemas.ts';
import { descriptor } from '../sockets.ts';

const optionName = v.picklist(socketOptionNames);

export const setOption = method({
  params: v.object({ socket, name: optionName, value: number }),
  run({ socket, name, value }) {
    // A lingering close blocks the whole process, which would then miss the end of its input.
    if (name === 'SO_LINGER' && value > 0) dieWithParent();
    setSocketOption(descriptor(socket), name, value);
  },
});

export const options = method({
  params: v.object({ socket, names: v.array(optionName) }),
  run({ socket, names }) {
    const fd = descriptor(socket);
    return { values: names.map((name) => getSocketOption(fd, name)) };
  },
});

/** The number of segments that the kernel has dropped at the socket, such as at a deaf one. */
export const drops = method({
  params: v.object({ socket }),
  run: ({ socket }) => ({ drops: droppedSegments(descriptor(socket)) }),
});
