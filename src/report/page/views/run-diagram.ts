import type { RunDocument } from '../../documents/run.ts';
import { diagram, pathOf } from '../../drawing/diagram.ts';
import { endpoint, letterOf, moment } from '../../drawing/words.ts';
import { h, mount, section, wide } from '../dom.ts';

/** RFC 9293's diagram with the ways of both ends, and the same in words. */
export function diagramSection({ recording }: RunDocument): HTMLElement {
  const connections = recording?.connections ?? [];
  const place = h('div', {});
  const show = (index: number) => {
    const connection = connections[index];
    if (connection === undefined) return;
    const svg = mount(diagram(connection, index));
    svg.setAttribute('role', 'img');
    svg.setAttribute(
      'aria-label',
      'The state diagram of RFC 9293 with the ways of both ends; the list beside it says the same',
    );
    for (const item of svg.querySelectorAll('.item')) item.removeAttribute('aria-label');
    const ways = (side: 'client' | 'server') =>
      h(
        'div',
        {},
        h('h3', { class: `way-title ${side}` }, `${side}, ${endpoint(connection[side])}`),
        h(
          'ol',
          { class: 'way-list' },
          ...pathOf(connection)
            .filter((step) => step.side === side)
            .map(({ from, to, transition }) =>
              h('li', {}, `${from} → ${to}`, h('span', { class: 'faint' }, ` ${moment(transition.atMs)}`)),
            ),
        ),
      );
    place.replaceChildren(
      h(
        'div',
        { class: 'diagram-and-ways' },
        wide('State diagram', svg),
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
      'The state diagram of RFC 9293 (section 3.3.2, figure 5), with the way that each end took. The numbers count its steps.',
    ),
    connections.length > 1 ? h('p', { class: 'tools' }, select) : null,
    place,
  );
}
