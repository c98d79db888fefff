import type { Command } from 'commander';
import type { Interruption } from './interruption.ts';

/** What a command is given besides its options. */
export interface Invocation {
  /** All arguments of the program. */
  readonly args: readonly string[];
  readonly interruption: Interruption;
  /** Sets the exit status. */
  finish(status: number): void;
}

/** A file of this folder that defines a command: its options, and what it does. */
interface CommandModule {
  define(command: Command, invocation: Invocation): Promise<void> | void;
}

interface CommandEntry {
  readonly name: string;
  readonly synopsis: string;
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** The commands in the order of help. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'demo',
    synopsis: '<scenario-or-file>',
    summary: 'run one experiment and watch it',
    load: () => import('./demo.ts'),
  },
  {
    name: 'list',
    synopsis: '',
    summary: 'every scenario by topic: its claim, and what it needs',
    load: () => import('./list.ts'),
  },
  {
    name: 'explain',
    synopsis: '<word>',
    summary: 'a scenario, a state, an errno, a socket option or a setting, in plain words',
    load: () => import('./explain.ts'),
  },
  {
    name: 'test',
    synopsis: '[scenario-or-topic...]',
    summary: 'run them as a smoke test: in parallel, with reporters and exit status',
    load: () => import('./test.ts'),
  },
  {
    name: 'claims',
    synopsis: '[id...]',
    summary: 'the ledger: each claim, its finding on this machine, and the evidence',
    load: () => import('./claims.ts'),
  },
  {
    name: 'matrix',
    synopsis: '',
    summary: 'the bind truth table of this kernel',
    load: () => import('./matrix.ts'),
  },
  {
    name: 'restart',
    synopsis: '<command...>',
    summary: 'does your server survive a restart? if not, why',
    load: () => import('./restart.ts'),
  },
  {
    name: 'why',
    synopsis: '[port]',
    summary: 'who or what holds a port, which rule blocks the bind, for how long, what to do',
    load: () => import('./why.ts'),
  },
  {
    name: 'watch',
    synopsis: '<port>',
    summary: 'the connections of a port, live: states, time left, processes, transitions',
    load: () => import('./watch.ts'),
  },
];
