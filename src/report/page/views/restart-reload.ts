import type { RestartDocument } from '../../documents/restart.ts';
import { listeners, processesOf } from '../../drawing/listeners.ts';
import { span } from '../../drawing/words.ts';
import { h, mount, wide } from '../dom.ts';
import { redrawn } from '../fit.ts';
import { widthFor } from '../room.ts';
import { table } from '../table.ts';

type Run = RestartDocument['runs'][number];

/** The processes that listened before and after a reload, since when they did, and the times in which requests were lost. */
export function reloadOfRestart({ reload, load }: Run): readonly HTMLElement[] {
  if (reload == null) return [];
  const all = processesOf(reload);
  return [
    h('h3', {}, 'Who listens'),
    h(
      'p',
      { class: 'note' },
      'Time 0 is the signal or command; of a handover, the start of the second server. A grey bar is a process that listened before only: when it stopped is known only for a handover.',
    ),
    redrawn(wide('Who listens over time'), () => mount(listeners(reload, load, widthFor(1580)))),
    table('Processes that listened', all, [
      { title: 'pid', kind: 'number', cell: ({ pid }) => pid },
      { title: 'name', cell: ({ name }) => name },
      { title: 'command', cell: ({ command }) => command },
      {
        title: 'started',
        kind: 'number',
        cell: ({ startedMs }) => (startedMs === null ? '' : span(startedMs)),
      },
      { title: 'listened', cell: ({ listened }) => listened },
      { title: 'connections', cell: ({ connections }) => connections },
    ]),
  ];
}
