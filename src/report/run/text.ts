import { many } from '../../many.ts';
import type { RunCommandDocument } from '../documents/run-command.ts';
import { type CreateReporter, writeLines } from '../reporter.ts';
import { hang } from '../text.ts';
import type { RunEvent } from './run-event.ts';

const before = {
  'not watched': 'no bind is watched: ',
  'only Node watched': 'only binds of Node are watched: ',
  'without privileges': '',
};

/** The same cause at the same place is printed at most twice. */
const mostPrinted = 2;

/** Reports while the command runs, each failure in one write, and their number at the end. */
export const runText: CreateReporter<RunEvent, RunCommandDocument> = ({ output, paint }) => {
  const printed = new Map<string, number>();
  const say = (text: string) => writeLines(output, hang('tcpclose: ', text));
  return {
    onEvent(event) {
      if (event.type !== 'bind failed') {
        say(`${before[event.type]}${event.reason}`);
        return;
      }
      const { failure } = event;
      const times = printed.get(keyOf(failure)) ?? 0;
      printed.set(keyOf(failure), times + 1);
      if (times >= mostPrinted) return;
      const [first = '', ...rest] = hang('tcpclose: ', `${failure.text}. Remedy: ${failure.remedy}`);
      writeLines(output, [paint.bad('tcpclose:') + first.slice('tcpclose:'.length), ...rest]);
    },
    onEnd({ failures }) {
      const total = failures.reduce((sum, { times }) => sum + times, 0);
      if (total > 0) say(`${many(total, 'bind')} failed below the command`);
    },
  };
};

function keyOf({ address, port, path, kind, result }: RunCommandDocument['failures'][number]): string {
  return [address, port, path, kind, result].join(' ');
}
