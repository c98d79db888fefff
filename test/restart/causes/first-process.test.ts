import { describeCauses, first, survivor, told } from './observed.ts';

describeCauses('the first process of a container has not ended', [
  ['it does not handle the signal', { stopped: null, firstProcess: first }, null],
  [
    'it handles it',
    { stopped: null, firstProcess: { ...first, disposition: { ...told, caught: ['SIGTERM'] } } },
    null,
  ],
  [
    'it waits for it',
    { stopped: null, firstProcess: { ...first, disposition: { ...told, awaited: ['SIGTERM'] } } },
    null,
  ],
  ['it is a shell without a child', { stopped: null, firstProcess: { ...first, is: 'a shell' } }, null],
  [
    'it is a shell with a child',
    { stopped: null, firstProcess: { ...first, is: 'a shell', child: survivor } },
    null,
  ],
  [
    'it is a shell that handles the signal',
    {
      stopped: null,
      firstProcess: {
        ...first,
        is: 'a shell',
        child: survivor,
        disposition: { ...told, caught: ['SIGTERM'] },
      },
    },
    null,
  ],
  ['it is no shell, and has a child', { stopped: null, firstProcess: { ...first, child: survivor } }, null],
]);
