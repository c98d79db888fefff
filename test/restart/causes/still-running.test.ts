import { by, describeCauses, free, listener, row, stuck, timeWait, told } from './observed.ts';

describeCauses('the old process has not ended', [
  ['it ignores the signal', { stopped: null, disposition: { ...told, ignored: ['SIGTERM'] } }, null],
  [
    'it ignores the signal, and handles another',
    { stopped: null, disposition: { ...told, ignored: ['SIGTERM'], caught: ['SIGQUIT', 'SIGINT'] } },
    null,
  ],
  [
    'it ignores the signal, and handles the last that is tried',
    {
      stopped: null,
      disposition: { ...told, ignored: ['SIGINT'], caught: ['SIGTERM', 'SIGINT'] },
      signal: 'SIGINT',
    },
    null,
  ],
  ['it ignores another signal', { stopped: null, disposition: { ...told, ignored: ['SIGHUP'] } }, null],
  [
    'the signal is pending',
    { stopped: null, disposition: told, dispositionThen: { ...told, pending: ['SIGTERM'] } },
    null,
  ],
  [
    'another signal is pending',
    { stopped: null, disposition: told, dispositionThen: { ...told, pending: ['SIGHUP'] } },
    null,
  ],
  [
    'it is the first process of a namespace',
    { stopped: null, disposition: { ...told, role: 'init of a namespace' }, toldProcess: 'listens' },
    null,
  ],
  [
    'it is that, and listens no longer',
    { stopped: null, disposition: { ...told, role: 'init of a namespace' } },
    null,
  ],
  [
    'it ignores the signal, and below it is the first process of a namespace',
    {
      stopped: null,
      disposition: { ...told, ignored: ['SIGTERM'] },
      listenerDisposition: { ...told, role: 'init of a namespace' },
    },
    null,
  ],
  ['it listens still', { stopped: null, toldProcess: 'listens' }, null],
  [
    'it handles the signal, and listens still',
    { stopped: null, toldProcess: 'listens', disposition: { ...told, caught: ['SIGTERM', 'SIGQUIT'] } },
    null,
  ],
  [
    'it never listened, and a process below it does',
    { stopped: null, toldProcess: 'did not listen', stillListening: [13] },
    null,
  ],
  ['it never listened, and nobody does', { stopped: null, toldProcess: 'did not listen', probe: null }, null],
  [
    'it has closed its listener',
    { stopped: null, disposition: { ...told, caught: ['SIGTERM'] }, probe: free },
    null,
  ],
  [
    'it waits for one connection',
    {
      stopped: null,
      oldSockets: [listener, { ...row, state: 'ESTABLISHED', processes: [by(10)] }, timeWait],
      probe: stuck,
    },
    null,
  ],
  [
    'it waits for two',
    {
      stopped: null,
      oldSockets: [
        { ...row, processes: [by(10)] },
        { ...row, processes: [by(10)] },
      ],
    },
    null,
  ],
  [
    'it waits for one under load',
    { stopped: null, oldSockets: [{ ...row, processes: [by(10)] }], load: {} as never },
    null,
  ],
  ['it waits for none under load', { stopped: null, load: {} as never }, null],
  [
    'it has closed its listener, and a process below it has not',
    {
      stopped: null,
      stillListening: [14],
      oldSockets: [{ ...listener, processes: [by(14)] }],
      probe: null,
    },
    null,
  ],
]);
