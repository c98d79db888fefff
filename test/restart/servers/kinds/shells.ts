import { fixture, type Kind } from './kind.ts';

export const inShells: Readonly<Record<string, Kind>> = {
  'a shell around it': {
    program: 'bash',
    command: ({ port }) => ['bash', '-c', `node ${fixture('plain.cjs')} ${port}; true`],
  },
  'a shell that becomes it': {
    program: 'bash',
    command: ({ port }) => ['bash', '-c', `exec node ${fixture('plain.cjs')} ${port}`],
  },
  'setsid below a shell': {
    program: 'setsid',
    command: ({ port }) => ['sh', '-c', `setsid --wait node ${fixture('plain.cjs')} ${port}; true`],
  },
};
