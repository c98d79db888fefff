import type { RunDocument } from '../../documents/run.ts';
import { diagram, pathOf } from '../../drawing/diagram.ts';
import { type Connection, endpoint, letterOf, moment, type Transition } from '../../drawing/words.ts';
import { h, mount, section } from '../dom.ts';
import { redrawn } from '../fit.ts';
import { roomFor } from '../room.ts';

/** RFC 9293's diagram with the paths of both ends, and the same in words. */
export function diagramSection({ recording }: RunDocument): HTMLElement {
  const connections = recording?.connections ?? [];
  const place = h('div', {});
  const show = (index: number) => {
    const connection = connections[index];
    if (connection === undefined) return;
    const ways = (side: Transition['side']) =>
      h(
        'div',
        {},
        h('h3', { class: `way-title ${side}` }, `${side}, ${endpoint(connection[side])}`),
        h(
          'ol',
          { class: 'way-list' },
          ...pathOf(connection)
            .filter((step) => step.side === side)
            .map(({ from, to, transition }, i, all) => {
              const origin = transition.from === null ? `no socket (${from})` : from;
              const before = all[i - 1];
              const shares = before !== undefined && isOneSegment(connection, before.transition, transition);
              const remark = shares ? `, by the same segment as step ${before.number}` : '';
              const at = ` ${moment(transition.atMs)}${remark}`;
              return h('li', {}, `${origin} → ${to}`, h('span', { class: 'faint' }, at));
            }),
        ),
      );
    place.replaceChildren(
      h(
        'div',
        { class: 'diagram-and-ways' },
        redrawn(h('div', { class: 'diagram-place' }), () => drawn(connection, index)),
        h('div', { class: 'ways' }, ways('client'), ways('server')),
      ),
    );
  };
  show(0);
  const select = h(
    'select',
    { 'aria-label': 'Connection in the diagram', change: () => show(Number(select.value)) },
    ...connections.map(({ client, server }, index) =>
      h('option', { value: index }, `${letterOf(index)}  ${endpoint(client)} to ${endpoint(server)}`),
    ),
  );
  return section(
    'The way through the states',
    h(
      'p',
      { class: 'note' },
      'Drawn after figure 5 of RFC 9293 (section 3.3.2) and its note 2 (FIN_WAIT1 to TIME_WAIT), without its three arrows back: close in LISTEN and in SYN_SENT, and RST in SYN_RECV. It shows the way that each end took, and the numbers count its steps.',
    ),
    connections.length > 1 ? h('p', { class: 'tools' }, select) : null,
    place,
  );
}

/** Whether both changes came with one segment of the other end: an ACK of FIN and a FIN may be the same. */
function isOneSegment({ segments }: Connection, one: Transition, other: Transition): boolean {
  const cause = segments.find(({ atMs }) => atMs === other.segmentAtMs);
  return one.segmentAtMs === other.segmentAtMs && cause !== undefined && cause.from !== other.side;
}

function drawn(connection: Connection, index: number): SVGElement {
  const svg = mount(diagram(connection, index, roomFor(0, 680).width));
  svg.setAttribute('role', 'img');
  svg.setAttribute(
    'aria-label',
    'The state diagram of RFC 9293 with the ways of both ends; the list beside it says the same',
  );
  for (const item of svg.querySelectorAll('.item')) item.removeAttribute('aria-label');
  return svg;
}
