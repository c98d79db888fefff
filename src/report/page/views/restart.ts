import { shownCommand } from '../../../foreign.ts';
import type { RestartDocument } from '../../documents/restart.ts';
import { outages } from '../../drawing/outages.ts';
import { endpoint, span } from '../../drawing/words.ts';
import { shownVerdict, titleOf, verdictOfAll } from '../../restart/words.ts';
import { facts, folded, h, mount, pill, section, wide } from '../dom.ts';
import { redrawn } from '../fit.ts';
import { widthFor } from '../room.ts';
import { table } from '../table.ts';
import { heading, remedyText } from './parts.ts';
import { loadOfRestart } from './restart-load.ts';
import { reloadOfRestart } from './restart-reload.ts';

type Run = RestartDocument['runs'][number];
type Stopped = NonNullable<NonNullable<Run['evidence']>['stopped']>;

/** Each way to restart a server: whether it survived, how long no client was served, and why. */
export function restartView(document: RestartDocument): readonly HTMLElement[] {
  const { command, port, path, runs } = document;
  const verdict = verdictOfAll(document);
  const where = port !== null ? `port ${port}` : path !== null ? `Unix socket ${path}` : 'no listener';
  const titles = {
    survives: 'The server survives its restart',
    loses: 'The server survives its restart, and loses requests',
    fails: 'The server does not survive its restart',
    'not decided': 'Whether the server survives its restart is not decided',
    interrupted: 'The restart was interrupted',
  };
  return [
    heading(
      'tcpclose restart',
      titles[verdict],
      null,
      h('p', { class: 'lead' }, h('code', {}, shownCommand(command)), `, ${where}`),
      h('p', { class: 'result' }, verdictOf(verdict)),
    ),
    ...outage(runs.filter(({ reload }) => reload == null)),
    ...runs.map(oneRun),
  ];
}

function verdictOf(verdict: ReturnType<typeof shownVerdict>): HTMLElement {
  if (verdict === 'survives') return pill('good', verdict);
  return pill(verdict === 'not decided' || verdict === 'interrupted' ? 'faint' : 'bad', verdict);
}

/** How long no client was served, in each round of each way to restart, on one linear scale. */
function outage(runs: readonly Run[]): readonly HTMLElement[] {
  if (runs.length === 0) return [];
  return [
    section(
      'The outage',
      h(
        'p',
        { class: 'note' },
        'From the signal to the first connection that was accepted, or to the first request of a load that was answered: both are tried again and again, so the outage is not longer. The grey part is the time until the old server had ended. Of several rounds each is a mark, and the bar is their median.',
      ),
      redrawn(wide('Outage'), () => mount(outages(runs, widthFor(1000)))),
    ),
  ];
}

function oneRun(run: Run): HTMLElement {
  const { evidence, listenerOptions, watching, outageMs, oldSockets, oldProcesses, warnings } = run;
  const option = (value: boolean | null) => (value === null ? 'not read' : value ? 'on' : 'off');
  return section(
    titleOf(run),
    h('p', { class: 'result' }, verdictOf(shownVerdict(run)), run.cause === null ? '' : ` ${run.cause}`),
    run.reason === null ? null : h('p', { class: 'reason' }, run.reason),
    evidence?.explanation == null ? null : h('p', {}, evidence.explanation),
    evidence?.remedy == null ? null : remedyText('Remedy: ', evidence.remedy),
    facts([
      ['outage', outageMs === null ? null : span(outageMs)],
      [
        'stopped',
        evidence?.stopped == null
          ? null
          : `after ${span(evidence.stopped.afterMs)}, ${endingOf(evidence.stopped)}`,
      ],
      ...reloadFacts(run),
      ['second start', evidence?.secondStart?.result ?? null],
      [
        'the port frees itself in',
        evidence?.freeInMs == null || run.verdict !== 'fails' ? null : span(evidence.freeInMs),
      ],
      [
        'bind afterwards',
        evidence?.bind == null
          ? null
          : `without SO_REUSEADDR ${evidence.bind.withoutReuseAddress}, with it ${evidence.bind.withReuseAddress}`,
      ],
      ['SO_REUSEADDR', option(listenerOptions.reuseAddress)],
      ['SO_REUSEPORT', option(listenerOptions.reusePort)],
      ['calls', watching.state === 'on' ? 'watched' : `not watched: ${watching.reason ?? ''}`],
      ['warnings', warnings.length === 0 ? null : warnings.join('; ')],
    ]),
    ...reloadOfRestart(run),
    ...(run.load === null ? [] : loadOfRestart(run.load, evidence?.remedy ?? null)),
    oldSockets.length === 0 ? null : sockets('Left on the port', oldSockets),
    oldProcesses.length === 0
      ? null
      : table('Processes of the old server', oldProcesses, [
          { title: 'pid', kind: 'number', cell: ({ pid }) => pid },
          { title: 'name', cell: ({ name }) => name },
          { title: 'command', kind: 'code', cell: ({ command }) => command },
          { title: 'listener', cell: ({ listener }) => listener ?? 'none' },
        ]),
    ...callTables(run),
    outputOf(run),
  );
}

function reloadFacts({ reload }: Run): (readonly [string, string | null])[] {
  if (reload == null) return [];
  return [
    ['listener', reload.listener],
    ['last change', reload.lastChangeMs === null ? 'none' : span(reload.lastChangeMs)],
    ['a request afterwards', reload.answer],
  ];
}

function endingOf({ status, signal }: Stopped): string {
  return signal === null ? `exit ${status}` : `by ${signal}`;
}

function sockets(title: string, rows: Run['oldSockets']): HTMLElement {
  return table(title, rows, [
    { title: 'state', kind: 'code', cell: ({ state }) => state },
    { title: 'local', cell: ({ local }) => endpoint(local) },
    { title: 'remote', cell: ({ remote }) => endpoint(remote) },
    {
      title: 'left',
      kind: 'number',
      cell: ({ timer }) => (timer === null ? '' : `${timer.kind} ${span(timer.leftMs)}`),
    },
    {
      title: 'processes',
      cell: ({ processes }) => processes.map(({ pid, name }) => `${pid} ${name}`).join(', ') || 'no process',
    },
  ]);
}

function callTables({ calls, evidence }: Run): HTMLElement[] {
  const all = [
    ...calls.map((call) => ({ start: 'first', ...call })),
    ...(evidence?.secondStart?.calls ?? []).map((call) => ({ start: 'second', ...call })),
  ];
  if (all.length === 0) return [];
  return [
    table('Calls of the command', all, [
      { title: 'start', cell: ({ start }) => start },
      { title: 'call', kind: 'code', cell: ({ call }) => `${call}()` },
      {
        title: 'at',
        cell: ({ address, port, path }) =>
          path ?? (address === null ? '' : endpoint({ address, port: port ?? 0 })),
      },
      {
        title: 'SO_REUSEADDR',
        cell: ({ reuseAddress }) => (reuseAddress === null ? '' : reuseAddress ? 'on' : 'off'),
      },
      { title: 'result', kind: 'code', cell: ({ result }) => result },
      { title: 'process', cell: ({ pid, program }) => `${pid} ${program}` },
    ]),
  ];
}

function outputOf({ evidence }: Run): HTMLElement | null {
  const output = evidence?.secondStart?.output ?? '';
  if (output === '') return null;
  return folded(
    'What the second start printed',
    evidence?.secondStart?.result === 'accepts' ? 'closed' : 'open',
    () => [h('pre', { tabindex: 0, role: 'region', 'aria-label': 'What the second start printed' }, output)],
  );
}
