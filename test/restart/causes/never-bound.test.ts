import { harmless } from '../../../src/foreign.ts';
import { call, describeCauses, free, mute, stuck, survivor, unix } from './observed.ts';

describeCauses('the second start never called bind() there', [
  ['nor anywhere else', { probe: free }, { ownBind: { state: 'never called', elsewhere: [] }, output: mute }],
  [
    'but for another port',
    { probe: free },
    { ownBind: { state: 'never called', elsewhere: [{ ...call, port: 8081 }] } },
  ],
  [
    'but for many',
    { probe: free },
    {
      ownBind: {
        state: 'never called',
        elsewhere: [
          { ...call, address: null, port: 1 },
          { ...call, port: 2, network: 'other' },
          { ...call, port: 3, type: 'datagram' },
          { ...call, port: 4 },
          { ...call, port: 4 },
          { ...call, port: 5 },
        ],
      },
    },
  ],
  [
    'but for exactly as many as are named',
    { probe: free },
    {
      ownBind: {
        state: 'never called',
        elsewhere: [
          { ...call, port: 1 },
          { ...call, port: 2 },
          {
            ...call,
            family: 'Unix',
            type: 'datagram',
            path: harmless('/run/log'),
            address: null,
            port: null,
          },
        ],
      },
    },
  ],
  [
    'but for another path',
    { target: unix, probe: null },
    {
      ownBind: {
        state: 'never called',
        elsewhere: [{ ...call, family: 'Unix', path: harmless('/run/b.sock'), address: null, port: null }],
      },
    },
  ],
  [
    'and a process of the old server listens: that is not why',
    { oldProcesses: [survivor], stillListening: [12], probe: stuck },
    { ownBind: { state: 'never called', elsewhere: [] }, ended: null, listened: 'no' },
  ],
]);
