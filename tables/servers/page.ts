import { aboutRepeats, lossyRuns } from '../repeats.ts';
import { head, list, paragraph, row, span, spread } from '../spread.ts';
import { serverKinds } from './kinds/kinds.ts';
import type { IdleFacts, ListenerFacts, LoadRun, ServerRow, ServersTable, WayOfRestart } from './result.ts';
import { summaryOf, titleOf } from './summary.ts';

/** docs/servers.md, from what was measured. */
export function serversPage(table: ServersTable): string {
  const { rows, stopTimeoutMs } = table;
  const there = rows.filter(({ whyNot }) => whyNot === null);
  const lines = [
    '# What each server does at a restart',
    '',
    '<!-- Written by "npm run tables -- servers" from tables/measured/servers.json: do not edit. -->',
    '',
    ...introduction(table, there),
    '',
    ...findings(there),
    '',
    '## Does it survive at once?',
    '',
    paragraph(
      '`tcpclose restart --all` ([restart.md](restart.md)): the server gets SIGTERM or SIGKILL while a client is connected, which stays, or closes when the server is gone. The server is started again at once. SO_REUSEADDR is the option of the socket when `bind()` was called, and that of its listener later if it differs.',
    ),
    '',
    ...head('server', 'version', 'SO_REUSEADDR', 'TERM, stay', 'TERM, close', 'KILL, stay', 'KILL, close'),
    ...there.map(survivalRow),
    '',
    '## What is lost under load?',
    '',
    paragraph(
      `\`tcpclose restart --load\` ([loss.md](loss.md)): lost requests (minimum and maximum over the runs), without those \`refused\` because nothing listened. ${aboutRepeats(there.flatMap(runsBySignal))} A row without a figure for slow clients had no slow requests. A signal other than TERM is the one that the server's documentation names for an orderly end.`,
    ),
    '',
    ...head('server', 'signal', 'new', 'pooled', 'idle', 'slow', 'lossy', 'why', 'refused', 'exits'),
    ...there.flatMap((one) => loadRows(one, stopTimeoutMs)),
    '',
    '## When does it close idle connections?',
    '',
    paragraph(
      '`tcpclose idle --for 130s` ([idle.md](idle.md)): after a request, and on a connection without a request.',
    ),
    '',
    ...head('server', 'after a request', 'by', 'without a request', 'announces'),
    ...there.map(idleRow),
    ...missing(rows),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function introduction({ machine }: ServersTable, there: readonly ServerRow[]): string[] {
  const languages = [...new Set(there.map(({ server }) => serverKinds[server]?.language ?? '?'))];
  const runs = there.flatMap(({ loads, idle }) => [...loads, ...(idle === null ? [] : [idle])]);
  const days = [...new Set(runs.map(({ at }) => at.slice(0, 10)))].sort();
  return [
    paragraph(
      `${there.length} servers and frameworks in ${languages.length} languages (${list(languages)}), each started as its documentation shows, with only the address, the answers and the number of workers or threads set.`,
    ),
    '',
    '```sh',
    'npm run tables -- servers               # measures those that are installed, as root, and writes this page',
    'npm run tables -- servers nginx         # one of them',
    'npm run tables -- servers --differing   # more runs of those whose runs differ',
    '```',
    '',
    paragraph(
      `Linux ${machine.kernel}, ${machine.cores} cores of ${machine.processor}, tcpclose ${machine.tcpclose}, ${list(days)}; load average ${spread(runs.map(({ loadAverage }) => loadAverage))} from other work.`,
    ),
  ];
}

function findings(there: readonly ServerRow[]): string[] {
  const { withoutReuse, fails, losesNothing, endsSlow, closesEarly } = summaryOf(there);
  const about = (names: readonly string[], text: string) =>
    names.length === 0 ? [] : [`- ${paragraph(`${text}: ${list(names)}.`).replaceAll('\n', '\n  ')}`];
  return [
    ...about(withoutReuse, '**Bind without SO_REUSEADDR**'),
    ...about(fails, '**Did not survive at least one of the four ways**'),
    ...about(
      losesNothing,
      '**Lost nothing under load in any run** (with the signal, and whether there were slow requests)',
    ),
    ...about(endsSlow, '**Lost slow requests in flight at SIGTERM in every run**'),
    ...about(
      closesEarly,
      '**Close idle connections after less than 60 s**, although load balancers keep them for 60 s',
    ),
  ];
}

function survivalRow(one: ServerRow): string {
  const cell = (signal: string, clients: string) => {
    const way = one.ways.find((way) => way.signal === signal && way.clients === clients);
    return way === undefined ? '?' : verdictOf(way);
  };
  const cells = ['SIGTERM', 'SIGKILL'].flatMap((signal) => [cell(signal, 'stay'), cell(signal, 'close')]);
  return row(titleOf(one), one.version ?? '?', reuseOf(one.listener), ...cells);
}

function verdictOf({ verdict, cause }: WayOfRestart): string {
  return verdict === 'survives' ? 'survives' : `**${verdict}**${cause === null ? '' : `: ${cause}`}`;
}

function reuseOf(listener: ListenerFacts | null): string {
  if (listener === null) return '?';
  const { atBind, atListener, reusePort } = listener;
  const word = (set: boolean | null) => (set === null ? '?' : set ? 'yes' : 'no');
  const later = atBind !== null && atBind !== atListener ? `, later ${word(atListener)}` : '';
  return `${word(atBind ?? atListener)}${later}${reusePort ? ', and SO_REUSEPORT' : ''}`;
}

const kinds = ['new', 'pooled', 'idle', 'slow'] as const;

function loadRows(one: ServerRow, stopTimeoutMs: number): string[] {
  return signalsOf(one).map((signal) => loadRow(one, signal, stopTimeoutMs));
}

function signalsOf({ loads }: ServerRow): string[] {
  return [...new Set(loads.map(({ signal }) => signal))];
}

function runsBySignal(one: ServerRow): LoadRun[][] {
  return signalsOf(one).map((signal) => one.loads.filter((run) => run.signal === signal));
}

function loadRow(one: ServerRow, signal: string, stopTimeoutMs: number): string {
  const all = one.loads.filter((run) => run.signal === signal);
  const runs = all.filter((run) => run.state === 'measured');
  const failed = all.filter((run) => run.state === 'not measured');
  const why =
    failed.length === 0 ? '' : `${failed.length} of ${all.length} runs not measured: ${failed[0]?.why}`;
  const name = signal.replace('SIG', '');
  if (runs.length === 0) return row(titleOf(one), name, ...kinds.map(() => '?'), '?', why, '?', '?');
  const exits = runs.flatMap(({ exitsAfterMs }) => exitsAfterMs ?? []);
  const stays = exits.length < runs.length ? `not in ${span(stopTimeoutMs)}` : '';
  return row(
    ...[titleOf(one), name],
    ...kinds.map((kind) => lossOf(runs, kind)),
    lossyRuns(runs),
    [causesOf(runs), why].filter((text) => text !== '').join('; ') || '-',
    spread(runs.map(({ outage }) => outage)),
    [exits.length > 0 ? spread(exits, span) : '', stays].filter((text) => text !== '').join(', '),
  );
}

type Measured = Extract<LoadRun, { readonly state: 'measured' }>;

function lossOf(runs: readonly Measured[], kind: (typeof kinds)[number]): string {
  const counts = runs.flatMap((run) => run.kinds.filter((one) => one.kind === kind));
  return counts.every(({ requests }) => requests === 0) ? '' : spread(counts.map(({ lost }) => lost));
}

function causesOf(runs: readonly Measured[]): string {
  return [...new Set(runs.flatMap(({ causes }) => causes.map(({ cause }) => cause)))].join(', ');
}

function idleRow(one: ServerRow): string {
  return row(titleOf(one), ...idleCells(one.idle));
}

function idleCells(idle: IdleFacts | null): string[] {
  if (idle === null) return ['?', '', '', ''];
  if (idle.state === 'not measured') return [`not measured: ${idle.why}`, '', '', ''];
  const { is, ms, by, beforeRequestMs, saysS, keeps } = idle;
  const after = {
    'says close': 'at once, with `Connection: close`',
    closes: span(ms ?? 0),
    'closes unannounced': 'at once, unannounced',
    open: `not within ${span(ms ?? 0)}`,
    'not measured': 'not measured',
  }[is];
  const says =
    saysS === null ? '-' : `\`timeout=${saysS}\`${keeps === 'closes earlier' ? ', closes earlier' : ''}`;
  return [after, by ?? '', beforeRequestMs === null ? 'not within 130 s' : span(beforeRequestMs), says];
}

function missing(rows: readonly ServerRow[]): string[] {
  const absent = rows.filter(({ whyNot }) => whyNot !== null);
  if (absent.length === 0) return [];
  return ['', '## Not measured', '', ...absent.map((one) => `- ${titleOf(one)}: ${one.whyNot}`)];
}
