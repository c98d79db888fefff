import { describeCauses, unix } from './observed.ts';

describeCauses('the second start listens', [
  ['and did not accept its client', {}, { result: 'listens only', listened: 'yes', ended: null }],
  [
    'and did not answer, with a listener that it was given',
    {},
    {
      result: 'no answer',
      listened: 'yes',
      ended: null,
      ownBind: { state: 'never called', elsewhere: [] },
    },
  ],
  ['and was not ready', {}, { result: 'not ready', listened: 'yes', ended: null }],
  ['and did not answer', {}, { result: 'no answer', listened: 'yes', ended: null }],
  ['and ended its client', {}, { result: 'ends its client', listened: 'yes', ended: null }],
  [
    'and ended its client, as the first one may have',
    { firstClients: 'none' },
    { result: 'ends its client', listened: 'yes', ended: null },
  ],
  [
    'and did not answer, and the first one had no clients',
    { firstClients: 'none' },
    { result: 'no answer', listened: 'yes', ended: null },
  ],
  [
    'but not everywhere',
    {},
    { result: 'not everywhere', listened: 'yes', ended: null, missing: ['::1', '127.0.0.2'] },
  ],
  [
    'but not on each path',
    { target: unix },
    { result: 'not everywhere', listened: 'yes', ended: null, missing: ['/run/b.sock'] },
  ],
]);
