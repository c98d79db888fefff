import { by, call, describeCauses, free, listener, row, survivor, timeWait, withOption } from './observed.ts';

describeCauses('the port was held for a moment', [
  ['by what was not seen', { probe: free }],
  [
    'by another program',
    { probe: free, oldProcesses: [survivor], oldSockets: [{ ...row, processes: [by(99)] }] },
  ],
  [
    'as it says, while its bind was not seen to end',
    { probe: free },
    { ownBind: { state: 'called', last: { ...call, result: 'not seen' }, refused: undefined } },
  ],
  [
    'as it says, while its bind failed one does not know how',
    { probe: free },
    { ownBind: { state: 'called', last: { ...call, result: 'failed' }, refused: undefined } },
  ],
  [
    'since neither bind lacked the option, and one with it succeeds now',
    { listenerOptions: withOption, oldSockets: [timeWait] },
    { ownBind: { state: 'called', last: call, refused: undefined } },
  ],
  [
    'by the listener of an old process',
    {
      probe: free,
      oldProcesses: [survivor],
      oldSockets: [
        { ...row, processes: [by(12)] },
        { ...listener, processes: [by(12)] },
      ],
    },
  ],
  [
    'by a connection of an old process',
    { probe: free, oldProcesses: [survivor], oldSockets: [{ ...row, processes: [by(99), by(12)] }] },
  ],
  [
    'by a connection of an old process, and the option was on',
    {
      probe: free,
      listenerOptions: withOption,
      oldProcesses: [survivor],
      oldSockets: [{ ...row, processes: [by(12)] }],
    },
  ],
  [
    'by what was in the way of its last bind',
    { probe: free, oldProcesses: [survivor] },
    {
      ownBind: {
        state: 'called',
        last: { ...call, inTheWay: [{ ...listener, processes: [by(12)] }] },
        refused: undefined,
      },
    },
  ],
  [
    'by what was in the way of the bind that was refused',
    { probe: free, oldProcesses: [survivor] },
    {
      ownBind: {
        state: 'called',
        last: { ...call, result: 'not seen' },
        refused: { ...call, inTheWay: [{ ...listener, processes: [by(12)] }] },
      },
    },
  ],
  [
    'and the options could not be read',
    { probe: free, listenerOptions: { state: 'not read', reason: 'gone' } as never },
  ],
]);
