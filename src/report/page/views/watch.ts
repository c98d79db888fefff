import type { WatchDocument } from '../../documents/watch.ts';
import { endpoint, span } from '../../drawing/words.ts';
import { keptTransitions } from '../../watch/thinned.ts';
import { facts, folded, h, section } from '../dom.ts';
import { table } from '../table.ts';
import { chart } from './chart.ts';
import { heading } from './parts.ts';

type Table = Extract<WatchDocument, { type: 'table' }>;
type Transition = Extract<WatchDocument, { type: 'transition' }>;

/** The connections of a port over time: rates, the number in each state, and each change of state. */
export function watchView(lines: readonly WatchDocument[]): readonly HTMLElement[] {
  const started = lines.find((line) => line.type === 'started');
  const tables = lines.filter((line) => line.type === 'table');
  const transitions = lines.filter((line) => line.type === 'transition');
  const finished = lines.find((line) => line.type === 'finished');
  const last = tables.at(-1);
  const endMs = Math.max(1, lines.at(-1)?.atMs ?? 1);
  const reasons = { until: 'the condition held', for: 'the time was up', interrupted: 'interrupted' };
  return [
    heading(
      'tcpclose watch',
      started?.port == null ? 'The connections of the machine' : `The connections of port ${started.port}`,
      `Watched for ${span(endMs)} by ${started?.way ?? 'nothing'}${finished === undefined ? '' : `; ended: ${reasons[finished.reason]}`}.`,
    ),
    ...overTime(tables, endMs),
    ...(last === undefined ? [] : [atTheEnd(last)]),
    section('Changes', ...changes(transitions)),
  ];
}

function overTime(tables: readonly Table[], endMs: number): readonly HTMLElement[] {
  if (tables.length < 2) return [];
  const rates = tables.flatMap(({ atMs, rates }) => (rates === null ? [] : [{ atMs, ...rates }]));
  const states = [...new Set(tables.flatMap(({ rows }) => rows.map(({ state }) => state)))].sort(
    (a, b) => Number(b === 'TIME_WAIT') - Number(a === 'TIME_WAIT'),
  );
  const count = ({ rows }: Table, state: string) => rows.find((row) => row.state === state)?.count ?? 0;
  return [
    section(
      'Over time',
      h(
        'div',
        { class: 'charts' },
        ...(['opened', 'ended'] as const).map((what) =>
          chart(
            `connections ${what} per second, over the last 10 s`,
            rates.map((rate) => ({ atMs: rate.atMs, value: rate[what] })),
            { endMs, between: 'moves' },
          ),
        ),
        ...states.map((state) =>
          chart(
            `connections in ${state}`,
            tables.map((one) => ({ atMs: one.atMs, value: count(one, state) })),
            { endMs, between: 'holds' },
          ),
        ),
      ),
      folded('Readings', 'closed', () => [
        table('Readings', tables, [
          { title: 'after', kind: 'number', cell: ({ atMs }) => span(atMs) },
          { title: 'opened/s', kind: 'number', cell: ({ rates }) => rates?.opened.toFixed(1) ?? '' },
          { title: 'ended/s', kind: 'number', cell: ({ rates }) => rates?.ended.toFixed(1) ?? '' },
          ...states.map((state) => ({
            title: state,
            kind: 'number' as const,
            cell: (one: Table) => String(count(one, state)),
          })),
        ]),
      ]),
    ),
  ];
}

function atTheEnd({ rows, rates, remotes }: Table): HTMLElement {
  return section(
    'At the end',
    facts([
      [
        'rate',
        rates === null ? null : `${rates.opened.toFixed(1)} opened/s, ${rates.ended.toFixed(1)} ended/s`,
      ],
      [
        'other ends',
        remotes.addresses === 0
          ? null
          : `${remotes.addresses}: ${remotes.top.map(({ address, count }) => `${address} ×${count}`).join(', ')}`,
      ],
    ]),
    table('Sockets at the end', rows, [
      { title: 'state', kind: 'code', cell: ({ state }) => state },
      { title: 'connections', kind: 'number', cell: ({ count }) => count },
      { title: 'at the port', kind: 'number', cell: ({ atPort }) => atPort },
      { title: 'at the other end', kind: 'number', cell: ({ atOtherEnd }) => atOtherEnd },
      {
        title: 'oldest',
        kind: 'number',
        cell: ({ state, oldestMs }) => (oldestMs === null || state === 'LISTEN' ? '' : span(oldestMs)),
      },
      { title: 'left', kind: 'number', cell: ({ leftMs }) => (leftMs === null ? '' : span(leftMs)) },
      {
        title: 'processes',
        cell: ({ processes, processCount, ownerless }) =>
          processes.length === 0
            ? ownerless === 0
              ? 'not seen'
              : 'no process'
            : [
                ...processes.map(({ pid, name }) => `${pid} ${name}`),
                ...(processCount > processes.length ? [`${processCount - processes.length} more`] : []),
              ].join(', '),
      },
    ]),
  );
}

function changes(transitions: readonly Transition[]): HTMLElement[] {
  const seen =
    transitions.length === 0
      ? 'None was seen'
      : transitions.length === 1
        ? 'One was seen'
        : `${transitions.length} were seen`;
  const words = `${seen}${transitions.length < keptTransitions ? '' : ' and kept; --json has all of them'}.`;
  return [
    h('p', { class: 'note' }, words),
    ...(transitions.length === 0
      ? []
      : [
          folded(`Changes of state (${transitions.length})`, 'closed', () => [
            table('Changes of state', transitions, [
              { title: 'after', kind: 'number', cell: ({ atMs }) => span(atMs) },
              { title: 'from', kind: 'code', cell: ({ from }) => from ?? 'new' },
              { title: 'to', kind: 'code', cell: ({ to }) => to ?? 'gone' },
              { title: 'local', cell: ({ local }) => endpoint(local) },
              { title: 'remote', cell: ({ remote }) => endpoint(remote) },
              {
                title: 'processes',
                cell: ({ processes }) =>
                  processes.map(({ pid, name }) => `${pid} ${name}`).join(', ') || 'no process',
              },
            ]),
          ]),
        ]),
  ];
}
