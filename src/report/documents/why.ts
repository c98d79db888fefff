import * as v from 'valibot';
import { adviceFor } from '../../diagnose/advice/advice.ts';
import { languageOf } from '../../diagnose/advice/languages.ts';
import type { Shell } from '../../diagnose/advice/shell.ts';
import type { Step } from '../../diagnose/advice/step.ts';
import type { Diagnosis } from '../../diagnose/diagnosis.ts';
import { meaningOf } from '../../diagnose/meaning.ts';
import { noticesOf } from '../../diagnose/notices.ts';
import type { Waited } from '../../diagnose/wait.ts';
import { pasteableCommand } from '../../foreign.ts';
import { observerLabels } from '../../observe/observers.ts';
import { states } from '../../state.ts';
import { type DocumentOf, schemaVersion } from './parts.ts';

const describe = v.description;
const name = v.object({ pid: v.number(), command: v.string() });

const process = v.object({
  pid: v.number(),
  command: v.string(),
  user: v.nullable(v.string()),
  since: v.pipe(v.nullable(v.string()), describe('when it was started, ISO 8601')),
  uid: v.nullable(v.number()),
  condition: v.pipe(
    v.picklist(['runs', 'stopped', 'in a debugger', 'ending', 'dumping core']),
    describe('what it does just now'),
  ),
  onTerminate: v.pipe(
    v.nullable(v.picklist(['ends', 'ignored', 'decides'])),
    describe('what SIGTERM comes to: decides means that it has a handler; null if it is not known'),
  ),
  parents: v.pipe(v.array(name), describe('from its parent up to the first process')),
  origins: v.pipe(
    v.array(
      v.object({
        kind: v.picklist(['npm script', 'container', 'systemd unit', 'login session', 'shell']),
        name: v.string(),
        stop: v.pipe(v.nullable(v.string()), describe('the command that stops it in order')),
      }),
    ),
    describe('what it was started by, from the inside out'),
  ),
});

const holder = v.object({
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

/** What `tcpclose why --json` prints. */
export const whyDocument = v.object({
  schemaVersion,
  port: v.number(),
  host: v.pipe(v.string(), describe('where the bind was tried; :: is IPv4 as well')),
  on: v.pipe(v.nullable(v.string()), describe('the launcher behind which it was looked')),
  held: v.boolean(),
  verdict: v.pipe(
    v.picklist(['held', 'free', 'forbidden']),
    describe('forbidden: nothing holds the port, and the bind fails for another reason, such as EACCES'),
  ),
  holders: v.array(holder),
  clients: v.pipe(v.array(holder), describe('connections of this machine to the same port of others')),
  udp: v.pipe(
    v.array(
      v.object({
        address: v.string(),
        processes: v.array(v.object({ pid: v.number(), name: v.string() })),
      }),
    ),
    describe('UDP sockets on a port of that number, which are not in the way of TCP'),
  ),
  bind: v.object({
    withoutReuseAddress: v.pipe(v.nullable(v.string()), describe('ok, or errno; null if it was not tried')),
    withReuseAddress: v.pipe(v.nullable(v.string()), describe('ok, or errno; null if it was not tried')),
  }),
  passesOn: v.pipe(v.array(v.string()), describe('addresses to which a bind passes though not to the host')),
  freeInMs: v.pipe(v.nullable(v.number()), describe('0: now; null: not by itself')),
  settings: v.object({
    ephemeral: v.nullable(v.array(v.number())),
    reserved: v.nullable(v.boolean()),
    reservedList: v.nullable(v.string()),
    unprivilegedFrom: v.nullable(v.number()),
  }),
  elsewhere: v.pipe(
    v.array(
      v.object({
        process,
        sees: v.picklist(['the listener', 'a neighbour']),
        addresses: v.array(v.string()),
      }),
    ),
    describe('who listens on the port in other network namespaces'),
  ),
  way: v.picklist(observerLabels),
  unseen: v.array(v.object({ what: v.string(), how: v.string(), command: v.nullable(v.string()) })),
  waitedMs: v.pipe(v.nullable(v.number()), describe('with --wait, how long')),
  meaning: v.string(),
  notices: v.pipe(v.array(v.string()), describe('what is worth knowing beside that')),
  language: v.pipe(v.nullable(v.string()), describe('of the holder, from its command line')),
  steps: v.pipe(
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
  ),
  advice: v.pipe(v.array(v.string()), describe('the steps as plain lines')),
});

export type WhyDocument = DocumentOf<typeof whyDocument>;

/** The document of a diagnosis, with what it means and what to do about it. */
export function whyDocumentOf({ diagnosis, waitedMs }: Waited, on: string | null, shell: Shell): WhyDocument {
  const { port, host, held, verdict, bind, freeInMs, settings, way } = diagnosis;
  const steps = adviceFor(diagnosis, shell);
  return {
    schemaVersion: 1,
    port,
    host,
    on,
    held,
    verdict,
    holders: diagnosis.holders.map(holderDocument),
    clients: diagnosis.clients.map(holderDocument),
    udp: diagnosis.udp.map(({ address, processes }) => ({ address, processes })),
    bind,
    passesOn: diagnosis.passesOn,
    freeInMs,
    settings,
    elsewhere: diagnosis.elsewhere.map(({ process, sees, addresses }) => ({
      process: processDocument(process),
      sees,
      addresses,
    })),
    way,
    unseen: diagnosis.unseen.map(({ what, how, asRoot }) => {
      const command = asRoot === 'yes' ? shell.tcpclose('root', 'why', String(port)) : null;
      return { what, how: command === null ? how : `${how}: ${command}`, command };
    }),
    waitedMs,
    meaning: meaningOf(diagnosis),
    notices: noticesOf(diagnosis),
    language: languageIn(diagnosis),
    steps: steps.map(({ text, command, code }) => ({ text, command, code })),
    advice: steps.flatMap(linesOf),
  };
}

function languageIn({ holders }: Diagnosis): string | null {
  const commands = holders.flatMap(({ processes }) => processes.map(({ command }) => command));
  return commands.map(languageOf).find((language) => language !== null) ?? null;
}

type Holder = Diagnosis['holders'][number];

// As many are listed one by one; the rest is counted.
const shownProcesses = 5;

function holderDocument({ uid: _, processes, ...holder }: Holder): WhyDocument['holders'][number] {
  return {
    ...holder,
    processes: processes.slice(0, shownProcesses).map(processDocument),
    processCount: processes.length,
    pids: processes.map(({ pid }) => pid),
  };
}

// A command line may be very long, and that of an ancestor is there only to be recognised.
const ancestorCommandLength = 200;

function processDocument(
  process: Holder['processes'][number],
): WhyDocument['holders'][number]['processes'][number] {
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

function linesOf({ text, command, code }: Step): string[] {
  const first = command === null ? text : `${text}: ${command}`;
  return [first, ...Object.entries(code ?? {}).map(([language, line]) => `${language}: ${line}`)];
}
