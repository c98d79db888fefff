import { shorten, withoutFolder } from '../../shorten.ts';
import { formatSpan } from '../../time.ts';
import { pageWidth } from '../columns.ts';
import type { WhyDocument } from '../documents/why.ts';
import type { EndingPlanDocument } from '../documents/why-ended.ts';
import type { Paint } from '../paint.ts';
import { hang } from '../text.ts';

/** What would be ended, shown before the question. */
export function planLines({ processes, commands, refused }: EndingPlanDocument): string[] {
  return [
    ...commands.flatMap(({ command, of }) => hang('Run     ', `${command}   (${of})`)),
    ...processes.map(({ pid, command, role }) => {
      const why = role === 'watcher' ? '   (it may start the next one again)' : '';
      return `SIGTERM to pid ${pid} ${shorten(withoutFolder(command), pageWidth() - 24 - why.length)}${why}`;
    }),
    ...refusalLines(refused),
  ];
}

type Ended = NonNullable<WhyDocument['ended']>;

const results = {
  ended: 'ended',
  gone: 'had ended before',
  'still there': 'is still there: SIGTERM has not ended it',
  'not permitted': 'belongs to another user: try again with sudo',
} as const;

/** What was ended, and the result. */
export function endedLines({ processes, commands, refused, boundAfterMs }: Ended, paint: Paint): string[] {
  const mark = (isGood: boolean) => (isGood ? paint.good('✔') : paint.bad('✖'));
  return [
    ...commands.flatMap(({ command, of, failure }) =>
      hang(
        `${failure === null ? '✔' : '✖'} `,
        `${command}   (${of})${failure === null ? '' : `: ${failure}`}`,
      ),
    ),
    ...processes.map(({ pid, command, role, result }) => {
      const what = `${role === 'watcher' ? ', which may start it again,' : ''} ${results[result]}`;
      return `${mark(result === 'ended' || result === 'gone')} pid ${pid} (${shorten(withoutFolder(command), pageWidth() - 20 - what.length)})${what}`;
    }),
    ...refusalLines(refused),
    ...(processes.length + commands.length === 0
      ? ['no process was ended']
      : [boundLine(boundAfterMs, mark)]),
  ];
}

function boundLine(boundAfterMs: number | null, mark: (isGood: boolean) => string): string {
  return boundAfterMs === null
    ? `${mark(false)} the port could not be bound in time`
    : `${mark(true)} the port could be bound after ${formatSpan(boundAfterMs)}`;
}

function refusalLines(refused: Ended['refused']): string[] {
  return refused.flatMap(({ pid, command, reason }) =>
    hang(`not pid ${pid}: `, `${shorten(command, 40)}: ${reason}`),
  );
}
