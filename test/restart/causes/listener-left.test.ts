import { by, call, describeCauses, listener, otherInode, survivor } from './observed.ts';

describeCauses('the old listener was left', [
  [
    'in a process that is known',
    { oldProcesses: [survivor] },
    { sockets: [{ ...listener, processes: [by(12)] }] },
  ],
  [
    'in the second of several processes that are known',
    { oldProcesses: [{ ...survivor, pid: 9 }, survivor] },
    { sockets: [{ ...listener, processes: [by(55, 'sh'), by(12)] }] },
  ],
  [
    'in a process that was gone, and another listener is there',
    { oldSockets: [listener] },
    { sockets: [{ ...listener, inode: otherInode }] },
  ],
  [
    'in a process that is not of the old server',
    {},
    { sockets: [{ ...listener, processes: [by(55, 'sh')] }] },
  ],
  ['in a process that cannot be seen', {}, { sockets: [listener] }],
  ['in a process that was gone', { oldSockets: [listener] }],
  [
    'as its own bind showed',
    {},
    {
      ownBind: { state: 'called', last: { ...call, inTheWay: [listener] }, refused: undefined },
      sockets: [{ ...listener, inode: otherInode, processes: [by(56)] }],
    },
  ],
]);
