import type { RunDocument } from '../../documents/run.ts';
import { type Began, beganOf } from '../../drawing/began.ts';
import { actionWords, bindsOf, livesOf, observedWords } from '../../drawing/collect.ts';
import { describeSegment, endpoint, letterOf, moment, remarksOf, stateName } from '../../drawing/words.ts';
import { findingOf, textOfClaim } from '../claim-words.ts';
import { folded, h, section } from '../dom.ts';
import { sourceOf } from '../inspect.ts';
import type { Picture } from '../picture.ts';
import { readingTime } from '../readings.ts';
import { table } from '../table.ts';
import { verdictPill } from './parts.ts';

/** Everything that the pictures show, and what they leave out, as text. */
export function tables(run: RunDocument, picture: Picture): HTMLElement {
  const whole = section(
    'All of it in tables',
    checkTable(run),
    ...(run.recording === null ? [] : [segmentTable(run), stateTable(run)]),
    actionTable(run),
    ...readings(run),
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
        { title: 'step', kind: 'number', cell: ({ step }) => step },
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
          kind: 'words',
          cell: ({ claims }) => (claims.length === 0 ? null : claimList(claims)),
        },
      ],
      (_, index) => `check:${index}`,
    ),
  ]);
}

/** What a check says of each claim, under which condition, and the claim itself. */
function claimList(claims: RunDocument['checks'][number]['claims']): HTMLElement {
  return h(
    'ul',
    { class: 'bearings' },
    ...claims.map((claim) => {
      const text = textOfClaim(claim.claim);
      return h('li', {}, findingOf(claim), text === null ? null : h('span', { class: 'faint' }, `: ${text}`));
    }),
  );
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
        { title: 'captured at', kind: 'number', cell: ({ segment }) => moment(segment.atMs) },
        { title: 'from', cell: ({ segment }) => segment.from },
        { title: 'segment', kind: 'code', cell: ({ segment }) => describeSegment(segment) },
        { title: 'remark', cell: ({ segment }) => remarksOf(segment).join(', ') },
      ],
      ({ of, index }) => `segment:${of}:${index}`,
    ),
  ]);
}

function stateTable(run: RunDocument): HTMLElement {
  const { recording } = run;
  const all = (recording?.connections ?? []).flatMap((connection, of) =>
    connection.transitions.map((transition, index) => ({
      ...{ of, index, transition, connection },
      began: beganOf(connection, transition),
    })),
  );
  return folded(`Changes of state (${all.length})`, 'closed', () => [
    h(
      'p',
      { class: 'note' },
      `The states of the picture come from ${sourceOf(run)}; the checks read them by ${run.environment?.observer ?? 'another way'}. A change lies between two times: the side was last seen in the state before, and then its own segment or a look at it shows the new state.`,
    ),
    table(
      'Changes of state',
      all,
      [
        { title: 'connection', cell: ({ of }) => letterOf(of) },
        { title: 'seen at', kind: 'number', cell: ({ transition }) => moment(transition.atMs) },
        { title: 'not before', kind: 'number', cell: ({ began }) => notBefore(began) },
        { title: 'not after', kind: 'number', cell: ({ began }) => moment(began.notAfter) },
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

function notBefore({ notBefore, notAfter }: Began): string {
  if (notBefore === null) return 'unknown';
  return notBefore === notAfter ? 'exact' : moment(notBefore);
}

/** A process that fails to bind ends before it is announced: only its check knows of it. */
function triedBinds(run: RunDocument, step: number) {
  return bindsOf(run)
    .filter(({ check }) => check.step === step)
    .map(({ index, check }) => ({
      number: step,
      atMs: check.atMs,
      who: 'a new process',
      key: `bind:${index}`,
      what: `${check.title}: ${observedWords(check)}`,
    }));
}

function actionTable(run: RunDocument): HTMLElement {
  const { steps } = run;
  const names = new Map(livesOf(run).map(({ key, name }) => [key, name]));
  const all = steps.flatMap(({ number, parties, actions }, s) =>
    [
      ...parties.map(({ description, atMs }, p) => ({
        ...{ number, atMs, what: description, key: `party:${s}:${p}` },
        who: names.get(`party:${s}:${p}`) ?? '',
      })),
      ...actions.map((action, a) => ({
        ...{ number, atMs: action.atMs, who: action.who, key: `action:${s}:${a}` },
        what: actionWords(action) + (action.made === 'really' ? '' : ' (left out)'),
      })),
      ...triedBinds(run, number),
    ].sort((a, b) => a.atMs - b.atMs),
  );
  return folded(`Processes and actions (${all.length})`, 'closed', () => [
    table(
      'Processes and actions',
      all,
      [
        { title: 'step', kind: 'number', cell: ({ number }) => number },
        { title: 'at', kind: 'number', cell: ({ atMs }) => moment(atMs) },
        { title: 'who', cell: ({ who }) => who },
        { title: 'what', cell: ({ what }) => what },
      ],
      ({ key }) => key,
    ),
  ]);
}

function readings({ steps }: RunDocument): HTMLElement[] {
  const all = steps.flatMap(({ number, snapshots }) => snapshots.map((snapshot) => ({ number, snapshot })));
  // A kept document may lack its readings.
  if (all.length === 0) return [];
  return [
    folded(`Readings of the kernel's table (${all.length})`, 'closed', () =>
      all.map(({ number, snapshot }) => {
        const { atMs, command, host, raw } = snapshot;
        return h(
          'figure',
          {},
          h('figcaption', {}, `step ${number}, ${readingTime(snapshot)}, ${host}: `, h('code', {}, command)),
          h('pre', { tabindex: 0, role: 'region', 'aria-label': `Reading asked at ${moment(atMs)}` }, raw),
        );
      }),
    ),
  ];
}

function counterTables({ counters }: RunDocument): HTMLElement[] {
  return counters
    .filter(({ moved }) => moved.length > 0)
    .map(({ host, scope, moved }) =>
      folded(`Kernel counters of ${host} (${scope})`, 'closed', () => [
        table(`Kernel counters of ${host}`, moved, [
          { title: 'counter', kind: 'code', cell: ({ name }) => name },
          { title: 'moved by', kind: 'number', cell: ({ by }) => by },
          { title: 'meaning', cell: ({ meaning }) => meaning ?? '' },
        ]),
      ]),
    );
}
