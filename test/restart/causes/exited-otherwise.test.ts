import { harmlessLines } from '../../../src/foreign.ts';
import { call, describeCauses, free, mute, stuck, unix } from './observed.ts';

describeCauses('the second start did not listen', [
  ['it ended after it had listened', {}, { listened: 'yes' }],
  ['it ended after it had served its client', {}, { listened: 'yes', watchedMs: 700 }],
  ['it is running', { probe: free }, { ended: null, output: mute }],
  ['it was killed', { probe: free }, { ended: { status: null, signal: 'SIGSEGV' }, output: mute }],
  ['it gives another reason', {}, { output: harmlessLines('Error: no configuration') }],
  [
    'it gives another reason, and its calls were seen to succeed',
    {},
    {
      output: harmlessLines('Error: no configuration'),
      ownBind: { state: 'called', last: { ...call, call: 'listen', result: 'ok' }, refused: undefined },
    },
  ],
  [
    'its bind got another errno',
    { probe: free },
    { ownBind: { state: 'called', last: { ...call, result: 'EACCES' }, refused: undefined } },
  ],
  [
    'its bind failed, which one does not know how',
    {},
    {
      output: harmlessLines('no'),
      ownBind: { state: 'called', last: { ...call, result: 'failed' }, refused: undefined },
    },
  ],
  [
    'its bind was not seen to end',
    { probe: free },
    {
      output: mute,
      ownBind: { state: 'called', last: { ...call, result: 'not seen' }, refused: undefined },
    },
  ],
  [
    'it was refused once, and then got through, and reports it',
    { probe: free },
    { ownBind: { state: 'called', last: { ...call, result: 'ok' }, refused: call } },
  ],
  [
    'it was never refused, and reports it',
    { probe: free },
    { ownBind: { state: 'called', last: { ...call, result: 'ok' }, refused: undefined } },
  ],
  ['it listens on another port', { probe: free }, { ended: null, output: mute, listensOn: [8081, 8082] }],
  [
    'it listens on another path',
    { target: unix, probe: null },
    { ended: null, output: mute, listensOn: ['/run/other.sock'] },
  ],
  ['it ended after it had listened on another port', { probe: free }, { listensOn: [8081], output: mute }],
  ['it printed nothing but a blank line', { probe: free }, { output: harmlessLines(' \n') }],
  [
    'its bind got another errno, and it printed nothing',
    { probe: stuck },
    { ownBind: { state: 'called', last: { ...call, result: 'EACCES' }, refused: undefined }, output: mute },
  ],
  [
    'it gives another reason, and no bind passes',
    { probe: stuck },
    { output: harmlessLines('Error: no configuration') },
  ],
  ['no bind could be tried', { probe: null, target: unix }, { output: mute }],
  ['the file of its Unix socket is there', { probe: null, target: unix }],
]);
