import type { RunDocument } from '../../documents/run.ts';
import {
  describeSegment,
  endpoint,
  letterOf,
  moment,
  type Segment,
  stateName,
  type Transition,
} from '../../drawing/words.ts';
import { folded, h, section } from '../dom.ts';
import { sourceOf } from '../inspect.ts';
import type { Picture } from '../picture.ts';
import { table } from '../table.ts';
import { verdictPill } from './parts.ts';

/** Everything that the pictures show, and what they leave out, to read. */
export function tables(run: RunDocument, picture: Picture): HTMLElement {
  const whole = section(
    'All of it in tables',
    checkTable(run),
    ...(run.recording === null ? [] : [segmentTable(run), stateTable(run)]),
    actionTable(run),
    readings(run),
    ...counterTables(run),
  );
  whole.addEventListener('click', ({ target }) => {
    const row = target instanceof Element ? target.closest('[data-row]') : null;
    const key = row?.getAttribute('data-row');
    if (typeof key === 'string') picture.select(key);
  });
  return whole;
}

function checkTable({ checks }: RunDocument): HTMLElement {
  return folded(`Checks (${checks.length})`, 'open', () => [
    table(
      'Checks',
      checks,
      [
        { title: 'step', kind: 'number', cell: ({ step }) => String(step) },
        { title: 'at', kind: 'number', cell: ({ atMs }) => moment(atMs) },
        { title: 'of', cell: ({ title }) => title },
        { title: 'expected', cell: ({ expected }) => expected },
        {
          title: 'observed',
          cell: ({ observed, note }) => (note === null ? observed : `${observed} (${note})`),
        },
        { title: 'verdict', cell: ({ verdict }) => verdictPill(verdict) },
        {
          title: 'claims',
          cell: ({ claims }) => claims.map(({ claim, finding }) => `${claim} ${finding}`).join(', '),
        },
      ],
      (_, index) => `check:${index}`,
    ),
  ]);
}

function segmentTable({ recording }: RunDocument): HTMLElement {
  const all = (recording?.connections ?? []).flatMap(({ segments }, of) =>
    segments.map((segment, index) => ({ of, index, segment })),
  );
  return folded(`Segments (${all.length})`, 'closed', () => [
    ...(recording !== null && recording.dropped > 0
      ? [h('p', { class: 'note' }, `${recording.dropped} packets came too fast and are missing.`)]
      : []),
    table(
      'Segments',
      all,
      [
        { title: 'connection', cell: ({ of }) => letterOf(of) },
        { title: 'at', kind: 'number', cell: ({ segment }) => moment(segment.atMs) },
        { title: 'from', cell: ({ segment }) => segment.from },
        { title: 'segment', kind: 'code', cell: ({ segment }) => describeSegment(segment) },
        { title: 'remark', cell: ({ segment }) => remarkOf(segment) },
      ],
      ({ of, index }) => `segment:${of}:${index}`,
    ),
  ]);
}

function remarkOf({ source, unheard }: Segment): string {
  const words = [
    ...(source === 'replay' ? ['replayed by tcpclose'] : []),
    ...(unheard ? ['dropped before it reached the socket'] : []),
  ];
  return words.join(', ');
}

function stateTable(run: RunDocument): HTMLElement {
  const { recording } = run;
  const all = (recording?.connections ?? []).flatMap((connection, of) =>
    connection.transitions.map((transition, index) => ({ of, index, transition, connection })),
  );
  const between = ({ notBeforeMs, atMs }: Transition) =>
    notBeforeMs === null || notBeforeMs === atMs ? '' : moment(notBeforeMs);
  return folded(`Changes of state (${all.length})`, 'closed', () => [
    h('p', { class: 'note' }, `The states come from ${sourceOf(run)}.`),
    table(
      'Changes of state',
      all,
      [
        { title: 'connection', cell: ({ of }) => letterOf(of) },
        { title: 'at', kind: 'number', cell: ({ transition }) => moment(transition.atMs) },
        { title: 'not before', kind: 'number', cell: ({ transition }) => between(transition) },
        {
          title: 'end',
          cell: ({ transition, connection }) => `${transition.side} ${endpoint(connection[transition.side])}`,
        },
        { title: 'from', kind: 'code', cell: ({ transition }) => stateName(transition.from) },
        { title: 'to', kind: 'code', cell: ({ transition }) => stateName(transition.to) },
      ],
      ({ of, index }) => `state:${of}:${index}`,
    ),
  ]);
}

function actionTable({ steps }: RunDocument): HTMLElement {
  const all = steps.flatMap(({ number, parties, actions }, s) =>
    [
      ...parties.map(({ name, description, atMs }, p) => ({
        number,
        atMs,
        who: name,
        what: description,
        key: `party:${s}:${p}`,
      })),
      ...actions.map(({ who, verb, detail, made, atMs }) => ({
        ...{ number, atMs, who, key: `step:${number}` },
        what: `${verb} ${detail}`.trim() + (made === 'really' ? '' : ' (left out)'),
      })),
    ].sort((a, b) => a.atMs - b.atMs),
  );
  return folded(`Processes and actions (${all.length})`, 'closed', () => [
    table('Processes and actions', all, [
      { title: 'step', kind: 'number', cell: ({ number }) => String(number) },
      { title: 'at', kind: 'number', cell: ({ atMs }) => moment(atMs) },
      { title: 'who', cell: ({ who }) => who },
      { title: 'what', cell: ({ what }) => what },
    ]),
  ]);
}

function readings({ steps }: RunDocument): HTMLElement {
  const all = steps.flatMap(({ number, snapshots }) => snapshots.map((snapshot) => ({ number, snapshot })));
  return folded(`Readings of the kernel's table (${all.length})`, 'closed', () =>
    all.map(({ number, snapshot: { atMs, command, host, raw } }) =>
      h(
        'figure',
        {},
        h('figcaption', {}, `step ${number}, ${moment(atMs)}, ${host}: `, h('code', {}, command)),
        h('pre', { tabindex: 0, role: 'region', 'aria-label': `Reading at ${moment(atMs)}` }, raw),
      ),
    ),
  );
}

function counterTables({ counters }: RunDocument): HTMLElement[] {
  return counters
    .filter(({ moved }) => moved.length > 0)
    .map(({ host, scope, moved }) =>
      folded(`Kernel counters of ${host} (${scope})`, 'closed', () => [
        table(`Kernel counters of ${host}`, moved, [
          { title: 'counter', kind: 'code', cell: ({ name }) => name },
          { title: 'moved by', kind: 'number', cell: ({ by }) => String(by) },
          { title: 'meaning', cell: ({ meaning }) => meaning ?? '' },
        ]),
      ]),
    );
}
