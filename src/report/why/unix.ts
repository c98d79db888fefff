import { many } from '../../many.ts';
import { shorten } from '../../shorten.ts';
import { pageWidth } from '../columns.ts';
import type { UnixDocument } from '../documents/why-unix.ts';
import { hang } from '../text.ts';
import { type Printing, processLines } from './holders.ts';
import { stepLines } from './steps.ts';
import { screenRows, type WhyStyle } from './why.ts';

const verdicts: Readonly<Record<UnixDocument['verdict'], string>> = {
  held: 'is held',
  free: 'is free',
  stale: 'is left over: its file exists, but no process has it',
  'another file': 'is another file, not a socket',
  unknown: 'is not known to be free: this user may not find out',
  forbidden: 'cannot be bound',
};

/** The text about a Unix socket, in order of importance. */
export function unixText(document: UnixDocument, { paint, detail }: WhyStyle): string[] {
  const { name, verdict, holders, meaning } = document;
  const printing: Printing = { port: 0, paint, detail, printed: new Set() };
  const shown = detail === 'everything' ? holders : holders.slice(0, 2);
  const head = [
    ...hang('', `${shorten(name, 200)} ${verdicts[verdict]}`).map((line) => paint.title(line)),
    ...shown.flatMap((holder) => ['', ...holderLines(holder, printing)]),
    '',
    ...hang('So: ', meaning),
  ];
  const room = detail === 'everything' ? Number.POSITIVE_INFINITY : screenRows - head.length;
  return [...head, ...stepLines({ ...document, on: null, target: name }, detail, room)];
}

function holderLines(holder: UnixDocument['holders'][number], printing: Printing): string[] {
  const { state, connections, waiting, limit, processes, user } = holder;
  const facts = [
    ...(connections === 0 ? [] : [many(connections, 'connection')]),
    ...(state === 'LISTEN' ? [`${waiting} of ${limit} waiting to be accepted`] : []),
  ];
  const title = state === 'LISTEN' ? 'LISTEN' : 'bound';
  return [
    `${printing.paint.title(title)}${facts.map((fact) => `   ${fact}`).join('')}`,
    ...(processes.length === 0
      ? [
          `  a process${user === null ? '' : ` of user ${shorten(user, pageWidth() - 50)}`} that you may not inspect`,
        ]
      : processes.slice(0, 3).flatMap((process) => processLines(process, printing))),
  ];
}
