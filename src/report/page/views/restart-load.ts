import { blocksOf, withNewCode } from '../../../prose.ts';
import type { RestartDocument } from '../../documents/restart.ts';
import { requests } from '../../drawing/requests.ts';
import { folded, h, mount, wide } from '../dom.ts';
import { redrawn } from '../fit.ts';
import { widthFor } from '../room.ts';
import { table } from '../table.ts';
import { countsOf, remedyText } from './parts.ts';

type Load = NonNullable<RestartDocument['runs'][number]['load']>;
type Lost = Load['lostRequests'][number];

/** The requests of a load, each at its time, by result; and why some were lost. @param above the remedy that the page already shows above */
export function loadOfRestart(load: Load, above: string | null): readonly HTMLElement[] {
  const all = `${load.lost} of ${load.requests} requests lost`;
  return [
    h('h3', {}, `Load: ${load.asked}`),
    h('p', { class: 'result' }, `${load.verdict}: ${all}${load.reason === null ? '' : `, ${load.reason}`}`),
    ...(load.lostRequests.length === 0 && load.answers === undefined
      ? []
      : [redrawn(wide('Requests over time'), () => mount(requests(load, widthFor(1580)))), ...leftOut(load)]),
    ...lossesOf(load, above),
    table('Requests by kind of client', load.kinds, [
      { title: 'kind', cell: ({ kind }) => kind },
      { title: 'answered', kind: 'number', cell: ({ after }) => after.answered },
      { title: 'lost', kind: 'number', cell: ({ lost }) => lost },
      {
        title: 'how',
        cell: ({ after }) =>
          countsOf(Object.entries(after).filter(([name, count]) => name !== 'answered' && count > 0)),
      },
    ]),
    ...(load.lostRequests.length === 0
      ? []
      : [
          folded(`Lost requests (${load.lostRequests.length})`, 'closed', () => [
            lostTable(load.lostRequests),
          ]),
        ]),
    ...load.notes.map((note) => h('p', { class: 'note' }, note)),
  ];
}

function lossesOf({ losses }: Load, above: string | null): HTMLElement[] {
  const shown = new Set(blocksOf(above ?? '').map(({ text }) => text));
  return losses.map(({ cause, lost, explanation, remedy }) =>
    remedyText(
      'Remedy: ',
      remedy === above ? 'the one above' : withNewCode(remedy, shown),
      h('p', {}, h('strong', {}, `${cause} (${lost}): `), explanation),
    ),
  );
}

function lostTable(lost: readonly Lost[]): HTMLElement {
  const time = (ms: number | null) => (ms === null ? '' : `${ms} ms`);
  return table('Lost requests', lost, [
    { title: 'id', kind: 'number', cell: ({ id }) => id },
    { title: 'kind', cell: ({ kind }) => kind },
    { title: 'class', cell: (one) => one.class },
    { title: 'begun', kind: 'number', cell: ({ begun }) => time(begun) },
    { title: 'ended', kind: 'number', cell: ({ ended }) => time(ended) },
    { title: 'phase', cell: ({ phase }) => phase },
    { title: 'reason', cell: ({ reason }) => reason },
  ]);
}

/** A document has the times of at most this many answers of a kind. */
const mostAnswers = 1000;

function leftOut({ answers = [] }: Load): HTMLElement[] {
  const kinds = answers.filter(({ ended }) => ended.length >= mostAnswers).map(({ kind }) => kind);
  if (kinds.length === 0) return [];
  const words = `Only the first ${mostAnswers} answers of a kind have a ring (${kinds.join(', ')}): the table counts all of them.`;
  return [h('p', { class: 'note' }, words)];
}
