import type { MovedCounters } from '../events.ts';
import { pageWidth } from './columns.ts';
import type { Paint } from './paint.ts';
import { columns, hang } from './text.ts';

const marginWidth = 2;
const countWidth = 9;
const nameWidth = 25;

/** The counters of a host that changed, and what each means. */
export function counterLines({ host, scope, moved }: MovedCounters, paint: Paint): string[] {
  const others = scope === 'this run' ? '' : ', also by other programs';
  const meaningWidth = pageWidth() - marginWidth - countWidth - nameWidth;
  const rows = moved.flatMap(({ name, by, meaning }) =>
    columns([
      { text: '', width: marginWidth },
      { text: by > 0 ? `+${by}` : String(by), width: countWidth },
      { text: name, width: nameWidth },
      { text: meaning ?? 'unknown to tcpclose', width: meaningWidth },
    ]),
  );
  return [
    '',
    ...hang('', `what the kernel counted on ${host}${others}`).map(paint.title),
    ...(moved.length === 0 ? [paint.faint('  nothing')] : rows),
  ];
}
