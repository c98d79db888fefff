import { formatSpan } from '../../time.ts';
import type { Cause, Observation } from '../trial.ts';
import { describe, unanswered } from './ending.ts';
import { causeOfHandover } from './handover-cause.ts';
import type { ReloadSeen } from './reload.ts';

const choose =
  'choose the signal or command with which the server reloads (nginx, gunicorn and most daemons: --reload HUP; haproxy -W: --reload USR2), or handle that signal in the program';

/** Why a server did not survive its reload; null if it did. */
export function causeOfReload({ disposition }: Observation, reload: ReloadSeen): Cause | null {
  if (reload.handover !== undefined) return causeOfHandover(reload, reload.handover);
  return commandFailed(reload) ?? gone(reload) ?? unanswered(reload) ?? ignored(reload, disposition);
}

function commandFailed({ by, commandEnded, lastChangeMs }: ReloadSeen): Cause | null {
  if (by.kind !== 'command' || commandEnded?.status === 0) return null;
  // A process that still runs may be the new server.
  if (commandEnded === null && lastChangeMs !== null) return null;
  const how =
    commandEnded === null ? 'did not end in time, and nothing changed' : `ended ${describe(commandEnded)}`;
  return {
    code: 'reload-failed',
    explanation: `The command that reloads the server ${how}.`,
    remedy: 'run it beside the server by hand and look at its output; $MAINPID is the pid of the server',
  };
}

function gone({ by, listensAtEnd, mainEnded, takenBy }: ReloadSeen): Cause | null {
  if (listensAtEnd === 'yes') return null;
  if (takenBy !== undefined)
    return {
      code: 'port-taken-by-other',
      explanation: `The server closed its listener, and ${takenBy} took the port before the server listened again.`,
      remedy:
        'have the server keep its listener over the reload, or stop the other program, or give one of them another port',
    };
  const what = by.kind === 'signal' ? by.signal : 'the command';
  if (mainEnded === null) {
    return {
      code: 'no-answer-after-reload',
      explanation: `Nothing listened any more after ${what}, though the server still ran.`,
      remedy: 'look at its output: it closed its listener, and did not open it again',
    };
  }
  if (by.kind === 'signal' && mainEnded.signal === by.signal) {
    return {
      code: 'ends-at-reload',
      explanation: `${what} ended the server: it has no handler for it, and nothing listened any more.`,
      remedy: choose,
    };
  }
  return {
    code: 'ends-at-reload',
    explanation: `The server ended ${describe(mainEnded)} after ${what}, and nothing listened any more.`,
    remedy: `look at its output; or ${choose}`,
  };
}

function ignored({ by, ...reload }: ReloadSeen, disposition: Observation['disposition']): Cause | null {
  if (by.kind !== 'signal' || !disposition?.ignored.includes(by.signal)) return null;
  if (reload.lastChangeMs !== null) return null;
  return {
    code: 'signal-ignored',
    explanation: `The server ignores ${by.signal}, and nothing changed: it has not reloaded.`,
    remedy: choose,
  };
}

/** A remark on a reload that the server survived. */
export function unchanged(reload: ReloadSeen): string | null {
  if (reload.by.kind === 'handover') return null;
  if (reload.lastChangeMs !== null || reload.listener !== 'stayed') return null;
  const waited = formatSpan(unchangedMs);
  return `No process and no listener changed within ${waited}: whether the server has read its configuration again cannot be seen from outside.`;
}

/** How long the first change of a reload may take. */
export const unchangedMs = 3000;
