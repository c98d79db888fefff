import { formatEndpoint } from '../../address.ts';
import { formatSpan } from '../../time.ts';
import { pageWidth } from '../columns.ts';
import type { IdleDocument } from '../documents/idle.ts';
import type { Paint } from '../paint.ts';
import { columns, hang as hangAsIs, together } from '../text.ts';
import { padColumns } from '../width.ts';

const hang = (first: string, text: string) => hangAsIs(first, together(text));

type Probe = IdleDocument['probes'][number];
type Comparison = IdleDocument['comparisons'][number];

/** The text about a server's idle connections, and its clients. */
export function idleText(document: IdleDocument, paint: Paint): string[] {
  const { comparisons, compared } = document;
  return [
    ...headLines(document, paint),
    '',
    ...document.probes.flatMap(probeLines),
    ...keepAliveLines(document),
    ...silenceLines(document),
    '',
    ...(compared === 'one'
      ? comparisons.flatMap((one) => verdictLines(one, paint))
      : tableLines(document, paint)),
    ...settingLines(document),
    ...provokedLines(document, paint),
  ];
}

function headLines({ address, port, tls, server }: IdleDocument, paint: Paint): string[] {
  const { says, process } = server;
  const details = [
    ...(tls ? ['TLS'] : []),
    ...(says === null ? [] : [`Server: ${says}`]),
    ...(process === null ? [] : [`pid ${process.pid}: ${process.command.slice(0, 60)}`]),
  ];
  const [first = '', ...rest] = hang(`${formatEndpoint({ address, port })}   `, details.join('   '));
  return [paint.title(first.trimEnd()), ...rest];
}

const labelWidth = 26;

function probeLines(probe: Probe): string[] {
  const { requests } = probe;
  const label =
    requests === 0 ? 'before a request' : requests === 1 ? 'after one request' : `after ${requests} requests`;
  return hang(padColumns(`  ${label}`, labelWidth), resultOf(probe));
}

function resultOf({ result, idleMs, by, notice, answers, reason, saysClose }: Probe): string {
  const said = notice === null ? '' : `, with "${notice}"`;
  const span = formatSpan(idleMs ?? 0);
  switch (result) {
    case 'closed':
      if (saysClose) return `closed at once, as announced: Connection: close (${by}, ${span})`;
      return `closed after ${span} by ${by}${said}`;
    case 'open':
      return `did not close within ${span}${said}`;
    case 'used up':
      return `closed after ${answers === 1 ? 'one answer' : `${answers} answers`}, without Connection: close`;
    case 'no connection':
      return `no connection: ${reason}`;
    case 'no answer':
      return `${reason}`;
  }
}

function keepAliveLines({ keepAlive }: IdleDocument): string[] {
  if (keepAlive === null) return [];
  const { timeoutS, keeps, longerMs } = keepAlive;
  const words = {
    yes:
      longerMs === null || longerMs < 100
        ? 'and keeps to it'
        : `and keeps connections ${formatSpan(longerMs)} longer`,
    'closes earlier': `and closes ${formatSpan(Math.abs(longerMs ?? 0))} earlier`,
    'not known': 'which was not seen',
  };
  return hang(padColumns('  it says', labelWidth), `Keep-Alive: timeout=${timeoutS}, ${words[keeps]}`);
}

function silenceLines({ silence }: IdleDocument): string[] {
  const { keepalive, firstProbeMs, others, silent } = silence;
  if (keepalive === null) return [];
  const own =
    keepalive === 'on'
      ? `TCP keepalive: first probe after ${formatSpan(firstProbeMs ?? 0)} of silence`
      : 'no TCP keepalive: a client that is gone without a FIN is not noticed';
  const now =
    others === null || others === 0 ? '' : `; ${silent} of ${others} other connections have no timer now`;
  return hang(padColumns('  a silent client', labelWidth), own + now);
}

function verdictLines(
  { client, clientIdleMs, source, verdict, reason, risk }: Comparison,
  paint: Paint,
): string[] {
  const keeps = clientIdleMs === null ? 'without a limit' : `for ${formatSpan(clientIdleMs)}`;
  const colour = verdict === 'no race' ? paint.good : paint.bad;
  const sign = verdict === 'no race' ? '✔' : verdict === 'race possible' ? '✖' : '?';
  return [
    ...hang('  ', `${client} keeps an idle connection ${keeps}`),
    ...hang('    ', source).map(paint.faint),
    ...hang(`${sign} `, `${verdict}: ${reason}`).map(colour),
    ...(risk === null ? [] : hang('  ', riskOf(risk))),
  ];
}

function riskOf({ ratePerS, windowMs, hitsPerS }: NonNullable<Comparison['risk']>): string {
  const window = windowMs < 1 ? `${windowMs.toFixed(2)} ms` : formatSpan(windowMs);
  return `At ${ratePerS} requests/s and a round trip of ${window}, at most ${oneIn(hitsPerS)} meets a connection that closes; requests at a regular interval near the timeout meet it more often.`;
}

function oneIn(hitsPerS: number): string {
  if (hitsPerS >= 1) return `${hitsPerS.toFixed(1)} a second`;
  const seconds = 1 / hitsPerS;
  if (seconds < 120) return `one in ${formatSpan(seconds * 1000)}`;
  if (seconds < 7200) return `one in ${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `one in ${Math.round(seconds / 3600)} h`;
  return `one in ${Math.round(seconds / 86_400)} days`;
}

const keepsWidth = 10;
const verdictWidth = 14;

function tableLines({ comparisons, verdict }: IdleDocument, paint: Paint): string[] {
  const longest = Math.max(...comparisons.map(({ client }) => client.length)) + 2;
  const width = Math.min(longest, pageWidth() - keepsWidth - verdictWidth - 2);
  const rows = comparisons.flatMap(({ client, clientIdleMs, verdict }) => {
    const keeps = clientIdleMs === null ? 'no limit' : formatSpan(clientIdleMs);
    const colour = verdict === 'race possible' ? paint.bad : verdict === 'no race' ? paint.good : paint.faint;
    const cells = [
      { text: '', width: 2 },
      { text: client, width },
      { text: keeps, width: keepsWidth },
      { text: verdict, width: verdictWidth },
    ];
    return columns(cells).map(colour);
  });
  const conclusion = {
    'no race': 'No client uses a connection again: the server says "Connection: close".',
    'race possible':
      'These clients keep a connection longer than the server: give yours with --client or --client-idle.',
    'not measured':
      'No client was given, or the server was not seen to close: give --client, --client-idle or a longer --for.',
  };
  return [
    '  client, and how long it keeps an idle connection',
    ...rows,
    '',
    ...hang('', conclusion[verdict]),
  ];
}

function provokedLines({ provoked }: IdleDocument, paint: Paint): string[] {
  if (provoked === null) return [];
  const [first] = provoked;
  return [
    '',
    ...hang('', `Made to happen, with ${formatSpan(first?.holdMs ?? 0)} of delay in each direction:`),
    ...provoked.flatMap((one) => {
      const counts = [
        ...(one.lost > 0 ? [`${one.lost} lost (${Object.keys(one.errors).join('; ')})`] : []),
        ...(one.badGateway > 0 ? [`${one.badGateway} answered with 502, 503 or 504`] : []),
        ...(one.repeated > 0 ? [`${one.repeated} sent again, and answered`] : []),
        ...(one.elsewhere > 0 ? [`${one.elsewhere} on another connection`] : []),
        ...(one.gaveUpFirst > 0 ? [`${one.gaveUpFirst} times it closed before the server`] : []),
      ];
      // A client that always gives up first sends no request that could meet the close.
      const sent = one.sent === 0 ? 'no request met it' : `of ${one.sent} requests`;
      const colour = one.lost + one.badGateway > 0 ? paint.bad : paint.good;
      return hang(padColumns(`  ${one.client}`, labelWidth), `${sent}: ${counts.join(', ')}`).map(colour);
    }),
  ];
}

function settingLines({ settings }: IdleDocument): string[] {
  if (settings.length === 0) return [];
  return [
    '  One of these ends the race:',
    ...settings.flatMap(({ of, setting }) => hang('    ', `${of}: ${setting}`)),
  ];
}
