import { formatEndpoint } from '../../address.ts';
import { nameOf } from '../../diagnose/advice/stop.ts';
import { justFree } from '../../diagnose/meaning.ts';
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
  /** `what matters` fits on a screen of 80 columns and 24 lines in common cases. */
  readonly detail: 'what matters' | 'everything';
}

/** The lines of a usual terminal, without those of the command and of the prompt. */
export const screenRows = 22;

/** How much is said about the sockets. */
interface Extent {
  readonly detail: Printing['detail'];
  readonly groups: number;
}

const everything: Extent = { detail: 'everything', groups: Number.POSITIVE_INFINITY };

/** From most to least: the first that fits on a screen is used. Beside a problem, names are enough. */
const extents: Readonly<Record<'plain' | 'with trouble', readonly Extent[]>> = {
  plain: [
    { detail: 'what matters', groups: 3 },
    { detail: 'names', groups: 3 },
    { detail: 'what matters', groups: 2 },
    { detail: 'names', groups: 1 },
  ],
  'with trouble': [
    { detail: 'names', groups: 2 },
    { detail: 'names', groups: 1 },
  ],
};

/** The text about a port, in order of importance. */
export function whyText(document: WhyDocument, style: WhyStyle): string[] {
  if (style.detail === 'everything') return textOf(document, style, everything);
  const short = withShortNotices(document);
  const possible = extents[document.troubles.length > 0 ? 'with trouble' : 'plain'];
  let lines: string[] = [];
  for (const one of [document, short]) {
    for (const extent of possible) {
      lines = textOf(one, style, extent);
      if (lines.length <= screenRows) return lines;
    }
  }
  return lines;
}

/** The notices without the commands of the first processes, which the lines above them show. */
function withShortNotices(document: WhyDocument): WhyDocument {
  const processes = document.holders.slice(0, 1).flatMap(({ processes }) => processes);
  const shortIn = (text: string) =>
    processes.reduce(
      (rest, { pid, command }) => rest.replaceAll(nameOf({ pid, command }), `pid ${pid}`),
      text,
    );
  return { ...document, notices: document.notices.map(shortIn) };
}

function textOf(document: WhyDocument, style: WhyStyle, extent: Extent): string[] {
  const { holders, elsewhere, unseen, troubles, meaning, notices, on, ended, rules } = document;
  const { paint, detail } = style;
  const long = detail === 'everything';
  const there = on === null ? [] : hang('', `looked at through "${on}", by ${document.way}`);
  const brief = !long && troubles.length > 0;
  const printing: Printing = {
    port: document.port,
    paint,
    detail: extent.detail,
    printed: new Set(),
  };
  const shown = holders.slice(0, extent.groups);
  const rest = holders.length - shown.length;
  const head = [
    headline(document, paint),
    ...there.map((line) => paint.faint(line)),
    ...(ended === null ? [] : endedLines(ended, paint)),
    ...(shown.length + elsewhere.length > 0 ? [''] : []),
    ...shown.flatMap((holder) => holderLines(holder, printing)),
    ...(rest > 0 ? [`and ${rest} more ${rest === 1 ? 'group' : 'groups'} of sockets`] : []),
    ...elsewhere.flatMap((other) => elsewhereLines(other, printing)),
    ...(isPlainlyFree(document) ? [] : ['']),
    ...(brief ? briefly(bindLines(document, style)) : bindLines(document, style)),
    ...troubles.flatMap(({ text }, i) => (long || i === 0 ? hang('So: ', text) : [])),
    // The bind above already says it: beside a problem, it needs no second sentence.
    ...(troubles.length === 0 || long ? conclusion(meaning) : []),
    ...(troubles.length > 1 && !long ? hang('Also: ', kindsOf(troubles)) : []),
    ...(troubles.length > 0 && !long ? [] : notices).flatMap((notice) => hang('Also: ', notice)),
  ];
  const hidden = [
    ...unseen.flatMap(unseenLines),
    // For a held port, the answer is long enough without them.
    ...((long || document.verdict === 'free') && rules !== 'all'
      ? ['  whether a rule of NAT takes the port: run tcpclose as root, with nft installed']
      : []),
  ];
  const tail = hidden.length === 0 ? [] : ['', 'Not seen from here', ...hidden];
  const room = screenRows - head.length - tail.length;
  return [...head, ...stepLines({ ...document, target: `${document.port}` }, detail, room), ...tail];
}

// The headline and the bind already say it.
function conclusion(meaning: string): string[] {
  const rest = meaning.replace(justFree, '').trim();
  return rest === '' ? [] : hang('So: ', rest);
}

// If both binds give the same result, one line shows both; otherwise --long does.
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
  const bound = isPlainlyFree(document) ? `: a bind to ${placeOf(document)} succeeds` : '';
  return paint.title(`${port} ${whatIsUp(document) ?? `${holding}${byWhom(document)}`}${waited}${bound}`);
}

/** Problems beyond who holds it; null for none. */
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

/** Whether the headline says everything about the bind. */
function isPlainlyFree(document: WhyDocument): boolean {
  const { verdict, bind, troubles } = document;
  const { withoutReuseAddress, withReuseAddress } = bind;
  const succeeds = withoutReuseAddress === 'ok' && withReuseAddress === 'ok';
  return verdict === 'free' && succeeds && troubles.length === 0 && whatIsUp(document) === null;
}

function placeOf({ host, port }: WhyDocument): string {
  return `${formatEndpoint({ address: host, port })}${host === '::' ? ' (IPv4 too)' : ''}`;
}

function bindLines(document: WhyDocument, { describeErrno, paint }: WhyStyle): string[] {
  if (isPlainlyFree(document)) return [];
  const { bind, passesOn, freeInMs, freeAtLatestInMs, held } = document;
  const wordsFor = (result: string | null) => {
    if (result === null) return 'not tried';
    return result === 'ok' ? 'succeeds' : describeErrno(result);
  };
  const say = (result: string | null) => {
    if (result === null) return paint.faint(wordsFor(result));
    return result === 'ok' ? paint.good(wordsFor(result)) : paint.bad(wordsFor(result));
  };
  const { withoutReuseAddress, withReuseAddress } = bind;
  const where = `A bind to ${placeOf(document)} now`;
  const free = held ? [`  free by itself         ${spanUntil(freeInMs, freeAtLatestInMs ?? freeInMs)}`] : [];
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

function spanUntil(freeInMs: number | null, latestMs: number | null): string {
  if (freeInMs === null) return 'no';
  const latest = latestMs === null || latestMs === freeInMs ? '' : ` to ${formatSpan(latestMs)}`;
  return `in ${formatSpan(freeInMs)}${latest}`;
}

function unseenLines({ what, how, command }: WhyDocument['unseen'][number]): string[] {
  return command === null
    ? hang('  ', `${what}: ${how}`)
    : [...hang('  ', `${what}; as root:`), `    ${command}`];
}
