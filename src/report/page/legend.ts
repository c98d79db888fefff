import type { RunDocument } from '../documents/run.ts';
import { beganOf } from '../drawing/began.ts';
import { bindsOf } from '../drawing/collect.ts';
import { box, cross, type Drawn, draw, line, svg } from '../drawing/drawn.ts';
import { h, mount } from './dom.ts';

/** The meaning of the signs in the picture: only of those that occur. */
export function legend({ recording, checks, steps }: RunDocument): HTMLElement {
  const connections = recording?.connections ?? [];
  const segments = connections.flatMap((connection) => connection.segments);
  const changes = connections.flatMap(({ transitions }) => transitions);
  const begun = connections.flatMap((one) => one.transitions.map((change) => beganOf(one, change)));
  const states = new Set(changes.flatMap(({ to }) => to ?? []));
  const signs: readonly (readonly [occurs: boolean, words: string, sign: Drawn])[] = [
    [
      begun.some(({ notBefore, notAfter }) => notBefore !== null && notBefore < notAfter),
      'a thin foot: the state began in this time, unseen',
      draw('g', { class: 'state s-SYN_RECV' }, box(1, 13, 14, 4, 'fill unsure'), box(15, 3, 10, 14, 'fill')),
    ],
    [
      segments.length > 0,
      'an arrow is a segment, drawn when it was captured: at the network interface, before the socket of the other side had it',
      arrow('segment plain'),
    ],
    [
      segments.some(({ source }) => source === 'replay'),
      'dashed: replayed by tcpclose',
      arrow('segment replay'),
    ],
    [
      segments.some(({ unheard }) => unheard),
      'a cross: dropped before it reached the socket',
      draw('g', { class: 'segment' }, line(2, 10, 20, 10, 'shaft'), cross(21, 10, 4, 'lost')),
    ],
    [
      steps.some(({ parties }) => parties.length > 0),
      'a process: from when it reported that it listens or is connected, until it was killed',
      draw(
        'g',
        {},
        line(4, 10, 20, 10, 'life'),
        draw('circle', { cx: 4, cy: 10, r: 4, class: 'born' }),
        cross(21, 10, 4.5, 'killed'),
      ),
    ],
    [
      bindsOf({ checks }).some(({ failed }) => failed),
      'a bind that failed, with its errno: its process is gone; the check below it compared this with what was expected',
      cross(14, 10, 4.5, 'killed'),
    ],
    [
      checks.length > 0,
      'a check that came out as expected',
      draw('g', { class: 'check good' }, draw('path', { d: 'M9 10l3 4l5.5 -8', class: 'mark' })),
    ],
  ];
  return h(
    'ul',
    { class: 'legend', 'aria-label': 'Legend' },
    ...[...states].map((state) => h('li', {}, swatch(state), state)),
    ...signs.filter(([occurs]) => occurs).map(([, words, sign]) => h('li', {}, small(sign), words)),
  );
}

/** The colour and the pattern of a state. */
export function swatch(state: string): SVGElement {
  return small(
    draw('g', { class: `state s-${state}` }, box(1, 3, 24, 14, 'fill'), box(1, 3, 24, 14, 'pattern')),
  );
}

function arrow(className: string) {
  return draw(
    'g',
    { class: className },
    line(2, 10, 20, 10, 'shaft'),
    draw('path', { d: 'M25 10L18 6.5L18 13.5Z', class: 'head' }),
  );
}

function small(drawn: Drawn): SVGElement {
  return mount(svg({ width: 28, height: 20, 'aria-hidden': 'true', class: 'lanes' }, drawn));
}
