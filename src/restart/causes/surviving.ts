import type { Row } from '../../observe/row.ts';
import type { Language } from '../load/language.ts';
import type { Cause, Observation, SecondStart, Survivor } from '../trial.ts';
import { describeProcess, optionOf, socketsSeen, wentElsewhere } from './words.ts';

/** A process of the old server that still has its listener. */
export function survivingListener(seen: Observation, second: SecondStart, survivor: Survivor): Cause {
  const { explanation, remedy } = kinds[kindOf(seen, survivor)](seen, describeProcess(survivor));
  const many = seen.stillListening.length;
  const more = many > 1 ? ` ${many} processes have that listener.` : '';
  return {
    code: 'surviving-listener',
    explanation: `${explanation}${more}${wentElsewhere(second)}`,
    remedy,
  };
}

type Kind = 'inherited' | 'worker' | 'wrapper';

function kindOf({ toldProcess }: Observation, { listener }: Survivor): Kind {
  if (toldProcess === 'did not listen') return 'wrapper';
  return listener === 'inherited' ? 'inherited' : 'worker';
}

const ofNginx = '--signal QUIT, with worker_shutdown_timeout set; or TERM, which ends its workers at once';

/** Programs whose code is not the user's. */
const isOfOthers: ReadonlySet<Language> = new Set(['nginx', 'gunicorn', 'uvicorn', 'HAProxy']);

type Words = (seen: Observation, who: string) => Omit<Cause, 'code'>;

const kinds: Readonly<Record<Kind, Words>> = {
  inherited: (_, who) => ({
    explanation: `${who} has the old server's listener: it is another program, started by the server, and inherited the descriptor.`,
    remedy:
      'open the listener with close-on-exec (SOCK_CLOEXEC, or FD_CLOEXEC by fcntl(2)), so that programs that the server starts do not inherit it',
  }),
  worker: ({ signal, language }, who) => ({
    explanation: `${who} of the old server still listens: it shares the listener with the process that got ${signal}, and outlives it.`,
    remedy:
      signal === 'SIGKILL'
        ? `stop it with a signal that the parent can handle (${language === 'nginx' ? ofNginx : '--signal TERM'}): KILL gives it no time to end its workers${isOfOthers.has(language) ? '' : '; or make them end with it (prctl PR_SET_PDEATHSIG)'}`
        : 'end the workers, and wait for them, before the parent exits; or make them end with it (prctl PR_SET_PDEATHSIG)',
  }),
  wrapper: ({ signal, stillListening }, who) => ({
    explanation: `${who} still listens: the process that got ${signal} is not the server itself, and ended without it.`,
    remedy: remedyOfWrapper(signal, stillListening.length),
  }),
};

// A tool such as nodemon cannot exec the server.
function remedyOfWrapper(signal: NodeJS.Signals, listening: number): string {
  if (signal !== 'SIGKILL')
    return '"exec" the server in the wrapper, start it without the wrapper, or make the wrapper pass the signal on and wait for the server';
  const direct = '"exec" the server in the wrapper, or start it without the wrapper';
  return listening > 1
    ? `${direct}, and stop it with a signal on which it ends its workers (--signal TERM): KILL ends one process alone`
    : `${direct}, so that the signal reaches the server itself: a wrapper cannot pass KILL on`;
}

/** A process of the old server that still has a connection, or a different listener; undefined if none has. */
export function survivingConnection(seen: Observation, second: SecondStart): Cause | undefined {
  const rows = socketsSeen(seen, second);
  for (const survivor of seen.oldProcesses) {
    const row = rows.find(({ processes }) => processes.some(({ pid }) => pid === survivor.pid));
    if (row?.state === 'LISTEN') return survivingListener(seen, second, survivor);
    if (row !== undefined) return holdsConnection(seen, second, survivor, row);
  }
  return undefined;
}

function holdsConnection(seen: Observation, second: SecondStart, survivor: Survivor, { state }: Row): Cause {
  return {
    code: 'surviving-connection',
    explanation: `${describeProcess(survivor)} of the old server still holds a connection (${state}) that blocks the bind${whyBlocks[optionOf(seen)]}.${wentElsewhere(second)}`,
    remedy:
      'set SO_REUSEADDR before bind() in every start: then connections of the old server do not block the bind, whichever process holds them',
  };
}

const whyBlocks = {
  on: ': the second start did not set SO_REUSEADDR before its bind',
  off: ', because the listener was opened without SO_REUSEADDR',
  'not read': '',
} as const;
