import { harmlessLines } from '../../../src/foreign.ts';
import { by, call, describeCauses, mute, row, stuck, survivor, timeWait, withOption } from './observed.ts';

describeCauses('connections of the old server are in the way', [
  [
    'and one of them may last for longer, since its other side has not closed',
    {
      oldSockets: [timeWait, { ...row, timer: { kind: 'timewait', leftMs: 50_000, retransmits: 0 } }],
      probe: stuck,
    },
  ],
  [
    'and a process holds one of them',
    { oldProcesses: [survivor], oldSockets: [row, { ...row, state: 'CLOSE_WAIT', processes: [by(12)] }] },
  ],
  [
    'and a process holds one of them, and the option was on',
    {
      oldProcesses: [survivor],
      listenerOptions: withOption,
      oldSockets: [{ ...row, processes: [by(12)] }],
    },
    { listensOn: [8081] },
  ],
  [
    'and a process holds one of them, and the options could not be read',
    {
      oldProcesses: [survivor],
      listenerOptions: { state: 'not read' } as never,
      oldSockets: [{ ...row, processes: [by(12)] }],
    },
  ],
  [
    'and the second of several processes holds one of them',
    {
      oldProcesses: [{ ...survivor, pid: 9 }, survivor],
      oldSockets: [timeWait, { ...row, state: 'CLOSE_WAIT', processes: [by(55, 'sh'), by(12)] }],
    },
  ],
  [
    'and its bind was refused, and it printed nothing',
    { probe: stuck },
    { ownBind: { state: 'called', last: call, refused: undefined }, output: mute },
  ],
  ['and the number of its listener was not known', { listenerInodes: [0], oldSockets: [timeWait] }],
  ['and the second start printed a blank line', { probe: stuck }, { output: harmlessLines('\n') }],
  [
    'without the option',
    {
      oldSockets: [timeWait, { ...timeWait, remote: { address: '127.0.0.1', port: 40_001 }, timer: null }],
    },
  ],
  ['without the option, and with it the bind fails as well', { probe: stuck, oldSockets: [row] }],
  [
    'and the options could not be read',
    { listenerOptions: { state: 'not read' } as never, oldSockets: [row] },
  ],
  [
    'with the option at the listener, and the bind fails with it',
    { listenerOptions: withOption, probe: stuck },
  ],
  [
    'with the option at the listener, and a bind passes with it',
    { listenerOptions: withOption, oldSockets: [timeWait] },
  ],
  [
    'and the second start called bind() without it',
    { listenerOptions: withOption },
    {
      ownBind: {
        state: 'called',
        last: { ...call, options: { reuseAddress: false, reusePort: false, v6Only: null } },
        refused: undefined,
      },
    },
  ],
  [
    'and the second start called bind() with it',
    { probe: stuck },
    { ownBind: { state: 'called', last: call, refused: undefined } },
  ],
  [
    'and the second start called bind() without it, as the first',
    {},
    {
      ownBind: {
        state: 'called',
        last: { ...call, options: { reuseAddress: false, reusePort: false, v6Only: null } },
        refused: undefined,
      },
    },
  ],
  [
    'and the options of the bind of the second start are not known',
    {},
    { ownBind: { state: 'called', last: { ...call, options: null }, refused: undefined } },
  ],
  [
    'with the option at the listener, and those of the second bind are not known',
    { listenerOptions: withOption },
    { ownBind: { state: 'called', last: { ...call, options: null }, refused: undefined } },
  ],
  [
    'with the option at the listener and at the second bind, and a bind fails with it',
    { listenerOptions: withOption, probe: stuck },
    { ownBind: { state: 'called', last: call, refused: undefined } },
  ],
  [
    'and the option is set after bind(), and before it by the second start',
    { listenerOptions: withOption, reuseAddressAtBind: false },
    { ownBind: { state: 'called', last: call, refused: undefined } },
  ],
  ['and the option is set after bind()', { listenerOptions: withOption, reuseAddressAtBind: false }],
  ['and it lacked the option at bind() and later', { reuseAddressAtBind: false }],
  ['and the second start printed nothing', { probe: stuck }, { output: mute }],
  ['and the second start printed nothing, and is running', { probe: stuck }, { output: mute, ended: null }],
  ['and the second start printed nothing, and a bind with the option passes', {}, { output: mute }],
  ['and it goes elsewhere', {}, { listensOn: [8081], ended: null, output: harmlessLines('EADDRINUSE') }],
]);
