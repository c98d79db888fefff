import { harmless } from '../../../src/foreign.ts';
import { type Case, describeCauses, survivor } from './observed.ts';

describeCauses('a process of the old server still listens', [
  ['it shares the listener', { oldProcesses: [survivor], stillListening: [12] }],
  [
    'it shares the listener, after KILL',
    { oldProcesses: [survivor], stillListening: [12], signal: 'SIGKILL' },
  ],
  [
    'it inherited it',
    {
      oldProcesses: [
        { ...survivor, listener: 'inherited', command: harmless('sleep 1000'), name: harmless('sleep') },
      ],
      stillListening: [12],
    },
  ],
  [
    'what got the signal was a wrapper',
    { oldProcesses: [survivor], stillListening: [12], toldProcess: 'did not listen' },
  ],
  [
    'it shares the listener of nginx, after KILL',
    { oldProcesses: [survivor], stillListening: [12], signal: 'SIGKILL', language: 'nginx' },
  ],
  ...(['gunicorn', 'uvicorn', 'HAProxy'] as const).map(
    (language): Case => [
      `it shares the listener of ${language}, after KILL`,
      { oldProcesses: [survivor], stillListening: [12], signal: 'SIGKILL', language },
    ],
  ),
  [
    'what got KILL was a wrapper of several',
    {
      oldProcesses: [survivor],
      stillListening: [12, 13],
      toldProcess: 'did not listen',
      signal: 'SIGKILL',
    },
  ],
  [
    'what got KILL was a wrapper',
    { oldProcesses: [survivor], stillListening: [12], toldProcess: 'did not listen', signal: 'SIGKILL' },
  ],
  [
    'three of them do, and the second start goes elsewhere',
    { oldProcesses: [{ ...survivor, pid: 9 }, survivor], stillListening: [12, 13, 14] },
    { listensOn: [8081, 8082], ended: null },
  ],
  [
    'it answers, though the second start accepts',
    { oldProcesses: [survivor], stillListening: [12] },
    { result: 'listens only', listened: 'yes' },
  ],
]);
