/** What the documents of `tcpclose why` have in common: processes, sockets, and what to do. */
import * as v from 'valibot';
import { languageOf } from '../../diagnose/advice/languages.ts';
import type { Step } from '../../diagnose/advice/step.ts';
import type { Diagnosis } from '../../diagnose/diagnosis.ts';
import type { ProcessFacts } from '../../diagnose/process-facts.ts';
import { pasteableCommand } from '../../foreign.ts';
import { states } from '../../state.ts';
import type { DocumentOf } from './parts.ts';

const describe = v.description;
const name = v.object({ pid: v.number(), command: v.string() });

export const process = v.object({
  pid: v.number(),
  command: v.string(),
  user: v.nullable(v.string()),
  since: v.pipe(v.nullable(v.string()), describe('when it was started, ISO 8601')),
  uid: v.nullable(v.number()),
  condition: v.pipe(
    v.picklist(['runs', 'stopped', 'in a debugger', 'ending', 'dumping core']),
    describe('its state at that moment'),
  ),
  onTerminate: v.pipe(
    v.nullable(v.picklist(['ends', 'ignored', 'decides'])),
    describe('the effect of SIGTERM: decides means that it has a handler; null if it is not known'),
  ),
  parents: v.pipe(v.array(name), describe('from its parent up to the first process')),
  origins: v.pipe(
    v.array(
      v.object({
        kind: v.picklist([
          'npm script',
          'pm2 app',
          'supervisord program',
          'container',
          'systemd unit',
          'login session',
          'shell',
        ]),
        name: v.string(),
        stop: v.pipe(v.nullable(v.string()), describe('the command that stops it in order')),
      }),
    ),
    describe('what started it, from the inside out'),
  ),
});

export const holder = v.object({
  kind: v.picklist(['listener', 'bound', 'connection', 'client']),
  state: v.picklist(states),
  count: v.pipe(v.number(), describe('sockets of this kind, in this state')),
  processes: v.pipe(v.array(process), describe('the first of them')),
  processCount: v.number(),
  pids: v.pipe(v.array(v.number()), describe('of all processes')),
  waitingFor: v.pipe(
    v.nullable(v.literal('accept')),
    describe('accept: the connections wait in the accept queue of the listener'),
  ),
  mptcp: v.pipe(
    v.optional(v.nullable(v.picklist(['listener', 'connection', 'left']))),
    describe(
      'their role in MPTCP; left: its process has closed the connection, and the kernel keeps it until the other side closes',
    ),
  ),
  owner: v.pipe(
    v.picklist(['process', 'none', 'unseen']),
    describe('none: the kernel alone has the sockets; unseen: a process that cannot be seen from here'),
  ),
  user: v.pipe(v.nullable(v.string()), describe('of the socket')),
  addresses: v.pipe(v.array(v.string()), describe('local addresses, the first of them')),
  remotes: v.pipe(
    v.array(v.object({ address: v.string(), port: v.number() })),
    describe('other ends, the first of them'),
  ),
  meets: v.pipe(v.boolean(), describe('whether a bind to the host meets it')),
  reuseAddress: v.pipe(
    v.nullable(v.boolean()),
    describe(
      'SO_REUSEADDR as read from it, or as the bind shows where no process has it; null for not known',
    ),
  ),
  reusePort: v.pipe(v.nullable(v.boolean()), describe('SO_REUSEPORT as read from it; null for not known')),
  optionsUnknown: v.pipe(v.nullable(v.string()), describe('why its options are not known')),
  leftMs: v.pipe(v.nullable(v.number()), describe('until the kernel drops the last; null if it will not')),
  receiveQueue: v.pipe(v.number(), describe('of a listener: connections that wait to be accepted')),
});

export const steps = v.pipe(
  v.array(
    v.object({
      text: v.string(),
      command: v.pipe(v.nullable(v.string()), describe('to be pasted into a shell')),
      code: v.pipe(
        v.nullable(v.record(v.string(), v.string())),
        describe('what it takes in a program of each language'),
      ),
    }),
  ),
  describe('what to do, the best first'),
);

export const advice = v.pipe(v.array(v.string()), describe('the steps as plain lines'));

type HolderDocument = DocumentOf<typeof holder>;
type ProcessDocument = DocumentOf<typeof process>;

type Holder = Diagnosis['holders'][number];

// The number of processes that are listed; the others are counted.
const shownProcesses = 5;

export function holderDocument({ uid: _, processes, ...holder }: Holder): HolderDocument {
  return {
    ...holder,
    processes: processes.slice(0, shownProcesses).map(processDocument),
    processCount: processes.length,
    pids: processes.map(({ pid }) => pid),
  };
}

// A command line may be very long; for an ancestor, its beginning is enough.
const ancestorCommandLength = 200;

export function processDocument({ startTicks: _, ...process }: ProcessFacts): ProcessDocument {
  const parents = process.parents.map(({ pid, command }) => ({
    pid,
    command: command.slice(0, ancestorCommandLength),
  }));
  const origins = process.origins.map(({ kind, name, stop }) => ({
    kind,
    name,
    stop: stop === null ? null : pasteableCommand(stop),
  }));
  return { ...process, parents, origins };
}

/** The language of the first process whose command line shows it. */
export function languageOfFirst(processes: readonly { readonly command: string }[]): string | null {
  const languages = processes.map(({ command }) => languageOf(command));
  return languages.find((language) => language !== null) ?? null;
}

export function stepDocuments(todo: readonly Step[]): DocumentOf<typeof steps> {
  return todo.map(({ text, command, code }) => ({ text, command, code }));
}

export function adviceOf(todo: readonly Step[]): string[] {
  return todo.flatMap(({ text, command, code }) => {
    const first = command === null ? text : `${text.replace(/:$/, '')}: ${command}`;
    return [first, ...Object.entries(code ?? {}).map(([language, line]) => `${language}: ${line}`)];
  });
}
