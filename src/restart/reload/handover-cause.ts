import { takeIt } from '../kept-listener.ts';
import type { Cause } from '../trial.ts';
import { describe, unanswered } from './ending.ts';
import type { Handover, ReloadSeen } from './reload.ts';

const share =
  'set SO_REUSEPORT before bind() in every start (Python: setsockopt(SOL_SOCKET, SO_REUSEPORT, 1); gunicorn: --reuse-port; nginx: listen ... reuseport; Node from 23.1: listen({ reusePort: true })), or have the server reload in place (--reload)';

/** The server should have started its successor, but nothing new listens. */
function noSuccessor({ mainEnded }: ReloadSeen, signal: NodeJS.Signals): Cause {
  if (mainEnded?.signal === signal) {
    return {
      code: 'ends-at-reload',
      explanation: `${signal} ended the server: it has no handler for it, and started no successor.`,
      remedy: choose,
    };
  }
  return {
    code: 'no-successor',
    explanation:
      mainEnded === null
        ? `No other process listened after ${signal}: the server has not started its successor.`
        : `The server ended ${describe(mainEnded)} after ${signal}, and no other process listened.`,
    remedy: `look at its output; or ${choose}`,
  };
}

const choose =
  'choose the signal that makes it start its successor and pass its listener on (gunicorn: --handover USR2; nginx too, started by its full path and in the background, with --pid-file), or have tcpclose start it (--handover alone)';

/** Why a handover failed; null if it did not. */
export function causeOfHandover(reload: ReloadSeen, handover: Handover): Cause | null {
  const { by, commandEnded, mainEnded, listensAtEnd } = reload;
  const how = commandEnded === null ? 'did not listen in time' : `ended ${describe(commandEnded)}`;
  if (handover.listensMs === null) {
    if (by.kind === 'handover' && by.by !== undefined) return noSuccessor(reload, by.by);
    if (handover.inUse === 'yes' && handover.listener === 'passed')
      return {
        code: 'listener-not-taken',
        explanation: `The second start ${how}: it binds the port itself (EADDRINUSE), and does not take the listener that it was passed (LISTEN_FDS).`,
        remedy: takeIt,
      };
    if (handover.inUse === 'yes')
      return {
        code: 'taken-by-first',
        explanation: `The second start ${how}: the first one has the port, and the kernel lets no other listen beside it (EADDRINUSE).`,
        remedy: share,
      };
    return {
      code: 'exited-otherwise',
      explanation: `The second start ${how}.`,
      remedy: 'look at its output',
    };
  }
  if (commandEnded !== null && commandEnded.status !== 0) {
    return {
      code: 'exited-otherwise',
      explanation: `The second start ${how} after it had listened beside the first.`,
      remedy: 'look at its output',
    };
  }
  if (mainEnded === null) {
    return {
      code: 'still-running',
      explanation: 'The first start did not end in time after the second one listened: both serve.',
      remedy: 'end idle connections at the signal, and set a limit for the others; or raise --stop-timeout',
    };
  }
  if (listensAtEnd === 'no') {
    return {
      code: 'no-answer-after-reload',
      explanation:
        'Nothing listened any more when the first start had ended, though the second one still ran.',
      remedy: 'look at its output',
    };
  }
  return unanswered(reload);
}
