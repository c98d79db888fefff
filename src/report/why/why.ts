import { formatEndpoint } from '../../address.ts';
import { formatSpan } from '../../time.ts';
import { pageWidth } from '../columns.ts';
import type { WhyDocument } from '../documents/why.ts';
import type { Paint } from '../paint.ts';
import { hang } from '../text.ts';
import { elsewhereLines, holderLines, type Printing } from './holders.ts';
import { endedLines } from './plan.ts';
import { stepLines } from './steps.ts';

export interface WhyStyle {
  readonly describeErrno: (errno: string) => string;
  readonly paint: Paint;
  /** `what matters` fits on a screen of 80 columns and 24 lines where the case is a common one. */
  readonly detail: 'what matters' | 'everything';
}

const notablyMany = 3;
const fewWithTrouble = 2;
/** Of a terminal of the usual size, but for the lines of the command and of the prompt. */
export const screenRows = 22;

/** The text about a port, in order of importance. */
export function whyText(document: WhyDocument, style: WhyStyle): string[] {
  const { holders, elsewhere, unseen, troubles, meaning, notices, on, ended, rules } = document;
  const { paint, detail } = style;
  const long = detail === 'everything';
  const there = on === null ? [] : hang('', `looked at through "${on}", by ${document.way}`);
  const brief = !long && troubles.length > 0;
  const printing: Printing = {
    port: document.port,
    paint,
    detail: brief ? 'names' : detail,
    printed: new Set(),
  };
  const shown = long ? holders : holders.slice(0, brief ? fewWithTrouble : notablyMany);
  const rest = holders.length - shown.length;
  const head = [
    headline(document, paint),
    ...there.map((line) => paint.faint(line)),
    ...(ended === null ? [] : endedLines(ended, paint)),
    ...(shown.length + elsewhere.length > 0 ? [''] : []),
    ...shown.flatMap((holder) => holderLines(holder, printing)),
    ...(rest > 0 ? [`and ${rest} more ${rest === 1 ? 'group' : 'groups'} of sockets`] : []),
    ...elsewhere.flatMap((other) => elsewhereLines(other, printing)),
    '',
    ...(brief ? briefly(bindLines(document, style)) : bindLines(document, style)),
    ...troubles.flatMap(({ text }, i) => (long || i === 0 ? hang('So: ', text) : [])),
    // What the bind says above already needs no second sentence beside a trouble.
    ...(troubles.length === 0 || long ? hang('So: ', meaning) : []),
    ...(troubles.length > 1 && !long ? hang('Also: ', kindsOf(troubles)) : []),
    ...(troubles.length > 0 && !long ? [] : notices).flatMap((notice) => hang('Also: ', notice)),
  ];
  const hidden = [
    ...unseen.flatMap(unseenLines),
    // Of a port that is held the answer is long enough.
    ...((long || document.verdict === 'free') && rules !== 'all'
      ? ['  whether a rule of NAT takes the port: run tcpclose as root, with nft installed']
      : []),
  ];
  const tail = hidden.length === 0 ? [] : ['', 'Not seen from here', ...hidden];
  const room = screenRows - head.length - tail.length;
  return [...head, ...stepLines({ ...document, target: `${document.port}` }, detail, room), ...tail];
}

// If both binds give the same result, that is one line; otherwise --long shows both.
function briefly(lines: readonly string[]): readonly string[] {
  return lines.length === 1 ? lines : [];
}

function kindsOf(troubles: WhyDocument['troubles']): string {
  return `${troubles
    .slice(1)
    .map(({ kind }) => kind)
    .join(', ')} (--long says more)`;
}

function headline(document: WhyDocument, paint: Paint): string {
  const { port, verdict, waitedMs } = document;
  const waited = waitedMs === null ? '' : ` after ${formatSpan(waitedMs)}`;
  const holding =
    verdict === 'held' ? 'is held' : verdict === 'free' ? 'is free' : 'is free, but you may not bind it';
  return paint.title(`${port} ${whatIsUp(document) ?? `${holding}${byWhom(document)}`}${waited}`);
}

/** What is the matter beyond who holds it; null for nothing. */
function whatIsUp({ situation, clients, holders, udp }: WhyDocument): string | null {
  switch (situation) {
    case 'leaking': {
      const count = [...holders, ...clients]
        .filter(({ state, owner }) => state === 'CLOSE_WAIT' && owner !== 'none')
        .reduce((sum, holder) => sum + holder.count, 0);
      return `has ${count} connections in CLOSE_WAIT that are not closed`;
    }
    case 'overflowing':
      return 'does not accept: the accept queue of its listener is full';
    case 'shadowed':
      return 'has two programs: which one answers depends on the address';
    case 'redirected':
      return 'is taken by a rule: NAT sends its connections elsewhere';
    case 'out of ports':
      return 'has no client ports left on this machine, or hardly any';
    case 'remote':
      return 'is free here; clients on this machine use that port of other machines';
    case 'free':
      return udp.length === 0 ? null : 'is free for TCP, and held for UDP';
    case 'held':
    case 'forbidden':
      return null;
  }
}

function byWhom({ verdict, holders }: WhyDocument): string {
  const [first] = holders.filter(({ meets }) => meets);
  return verdict !== 'held' || first === undefined ? '' : ` by ${naming(first)}`;
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
