import { by, call, describeCauses, listener, otherInode, row, survivor, timeWait } from './observed.ts';

describeCauses('another program has the port', [
  ['by a listener', {}, { sockets: [row, { ...listener, inode: otherInode, processes: [by(77, 'nginx')] }] }],
  [
    'by a listener, beside connections of others',
    {},
    {
      sockets: [
        { ...row, state: 'ESTABLISHED', inode: 7003, processes: [by(78, 'curl')] },
        { ...listener, inode: otherInode, processes: [by(77, 'nginx')] },
      ],
    },
  ],
  [
    'by a listener, beside that of an old process',
    { oldProcesses: [survivor], listenerInodes: [] },
    {
      sockets: [
        { ...listener, inode: 7003, processes: [by(12)] },
        { ...listener, inode: otherInode, processes: [by(77, 'nginx')] },
      ],
    },
  ],
  [
    'by a listener that was gone, beside connections',
    {
      oldSockets: [
        { ...row, state: 'ESTABLISHED', inode: 7003 },
        { ...listener, inode: otherInode, processes: [by(77, 'nginx')] },
      ],
    },
  ],
  [
    'not by the listener of the old server, as its own bind showed',
    {},
    {
      ownBind: { state: 'called', last: { ...call, inTheWay: [timeWait] }, refused: undefined },
      sockets: [listener],
    },
  ],
  ['by a socket unit', { probe: null }],
  ['by a listener that cannot be seen into', { oldSockets: [{ ...listener, inode: otherInode }] }],
  [
    'by an outgoing connection',
    {},
    {
      sockets: [timeWait, { ...row, state: 'ESTABLISHED', inode: otherInode, processes: [by(78, 'curl')] }],
    },
  ],
  [
    'by a connection of an old process: no other',
    { oldProcesses: [survivor] },
    { sockets: [{ ...row, state: 'CLOSE_WAIT', processes: [by(12)] }] },
  ],
  [
    'by the listener of an old process: no other',
    { oldProcesses: [survivor], listenerInodes: [] },
    { sockets: [{ ...listener, inode: otherInode, processes: [by(12)] }] },
  ],
]);
