import { formatEndpoint } from '../../address.ts';
import { formatSpan } from '../../time.ts';
import { pageWidth } from '../columns.ts';
import type { WhyDocument } from '../documents/why.ts';
import type { Paint } from '../paint.ts';
import { hang } from '../text.ts';
import { elsewhereLines, holderLines, type Telling } from './holders.ts';
import { stepLines } from './steps.ts';

export interface WhyStyle {
  readonly describeErrno: (errno: string) => string;
  readonly paint: Paint;
  /** `what matters` fits on a screen of 80 columns and 24 lines where the case is a common one. */
  readonly detail: 'what matters' | 'everything';
}

const notablyMany = 3;
/** Of a terminal of the usual size, but for the line of the prompt. */
const screenRows = 23;

/** The text about a port, in order of importance. */
export function whyText(document: WhyDocument, style: WhyStyle): string[] {
  const { holders, elsewhere, unseen, meaning, notices, on } = document;
  const { paint, detail } = style;
  const there = on === null ? [] : hang('', `looked at through "${on}", by ${document.way}`);
  const telling: Telling = { port: document.port, paint, detail, told: new Set() };
  const shown = detail === 'everything' ? holders : holders.slice(0, notablyMany);
  const rest = holders.length - shown.length;
  const head = [
    headline(document, paint),
    ...there.map((line) => paint.faint(line)),
    ...(shown.length + elsewhere.length > 0 ? [''] : []),
    ...shown.flatMap((holder) => holderLines(holder, telling)),
    ...(rest > 0 ? [`and ${rest} more ${rest === 1 ? 'group' : 'groups'} of sockets`] : []),
    ...elsewhere.flatMap((other) => elsewhereLines(other, telling)),
    '',
    ...bindLines(document, style),
    ...hang('So: ', meaning),
    ...notices.flatMap((notice) => hang('Also: ', notice)),
  ];
  const tail = unseen.length === 0 ? [] : ['', 'Not seen from here', ...unseen.flatMap(unseenLines)];
  const room = detail === 'everything' ? Number.POSITIVE_INFINITY : screenRows - head.length - tail.length;
  return [...head, ...stepLines(document, style, room), ...tail];
}

function headline({ port, verdict, holders, clients, waitedMs }: WhyDocument, paint: Paint): string {
  const waited = waitedMs === null ? '' : ` after ${formatSpan(waitedMs)}`;
  switch (verdict) {
    case 'forbidden':
      return paint.title(`${port} is free, but you may not bind it${waited}`);
    case 'free':
      return paint.title(
        clients.length === 0
          ? `${port} is free${waited}`
          : `${port} is free here${waited}; clients on this machine use that port of others`,
      );
    case 'held': {
      const [first] = holders.filter(({ meets }) => meets);
      return paint.title(`${port} is held${first === undefined ? '' : ` by ${naming(first)}`}${waited}`);
    }
  }
}

function naming({ kind, count }: WhyDocument['holders'][number]): string {
  switch (kind) {
    case 'listener':
      return count === 1 ? 'a listener' : `${count} listeners`;
    case 'bound':
      return 'a socket that is bound and does not listen';
    case 'connection':
      return 'connections without a listener';
    case 'client':
      return "a client's outgoing connection";
  }
}

function bindLines(
  { host, port, bind, passesOn, freeInMs, held }: WhyDocument,
  { describeErrno, paint }: WhyStyle,
): string[] {
  const wordsFor = (result: string | null) => {
    if (result === null) return 'not tried';
    return result === 'ok' ? 'succeeds' : describeErrno(result);
  };
  const say = (result: string | null) => {
    if (result === null) return paint.faint(wordsFor(result));
    return result === 'ok' ? paint.good(wordsFor(result)) : paint.bad(wordsFor(result));
  };
  const both = host === '::' ? ' (IPv4 too)' : '';
  const { withoutReuseAddress, withReuseAddress } = bind;
  const where = `A bind to ${formatEndpoint({ address: host, port })}${both} now`;
  const free = held
    ? [`  free by itself         ${freeInMs === null ? 'no' : `in ${formatSpan(freeInMs)}`}`]
    : [];
  if (withoutReuseAddress === withReuseAddress) {
    const fits = `${where}: ${wordsFor(withoutReuseAddress)}`.length <= pageWidth();
    const result = say(withoutReuseAddress);
    return fits ? [`${where}: ${result}`] : [`${where}:`, `  ${result}`];
  }
  return [
    where,
    `  without SO_REUSEADDR   ${say(withoutReuseAddress)}`,
    `  with SO_REUSEADDR      ${say(withReuseAddress)}`,
    ...(passesOn.length === 0 ? [] : [`  to ${passesOn.join(' or ')} alone: ${paint.good('succeeds')}`]),
    ...free,
  ];
}

function unseenLines({ what, how, command }: WhyDocument['unseen'][number]): string[] {
  return command === null
    ? hang('  ', `${what}: ${how}`)
    : [...hang('  ', `${what}; as root:`), `    ${command}`];
}
