import { scaleLinear } from 'd3-scale';
import { many } from '../../../many.ts';
import type { AuditDocument } from '../../documents/audit.ts';
import { box, type Drawn, text } from '../../drawing/drawn.ts';
import { picture, rowName } from '../../drawing/parts.ts';
import { endpoint, span } from '../../drawing/words.ts';
import { facts, folded, h, mount, pill, section, wide } from '../dom.ts';
import { redrawn } from '../fit.ts';
import { roomFor } from '../room.ts';
import { table } from '../table.ts';
import { heading } from './parts.ts';

type Finding = AuditDocument['findings'][number];

/** What is wrong with the connections of a machine: the findings, each with fault, age, cost and remedy. */
export function auditView(document: AuditDocument): readonly HTMLElement[] {
  const { scope, machine, on, verdict, findings, unseen, connections, listeners, timeWaits } = document;
  const wrong = findings.filter(({ severity }) => severity === 'wrong');
  const things = many(wrong.length, 'thing is wrong', 'things are wrong');
  const nothing = unseen.length === 0 ? 'Nothing is wrong' : 'Nothing is wrong in what could be seen';
  const looks = document.spanMs === null ? 'one reading' : `two readings, ${span(document.spanMs)} apart`;
  return [
    heading(
      'tcpclose audit',
      verdict === 'wrong' ? things : nothing,
      `${scope}${on === null ? '' : `, behind ${on}`}: ${machine.host}, Linux ${machine.kernel}.`,
      h('p', { class: 'result' }, pill(verdict === 'wrong' ? 'bad' : 'good', verdict)),
      h('p', { class: 'environment' }, `${document.at}, read by ${document.way}, ${looks}`),
    ),
    section(
      'Sockets of each finding',
      facts([
        ['connections', String(connections)],
        ['listeners', String(listeners)],
        ['TIME_WAITs', String(timeWaits)],
      ]),
      ...(findings.length === 0
        ? []
        : [redrawn(wide('Findings by number of sockets'), () => piles(findings)), pileTable(findings)]),
    ),
    ...findings.map(one),
    ...(unseen.length === 0 ? [] : [notSeen(unseen)]),
    section(
      'Settings and thresholds',
      folded('Settings of the kernel, and from which age or share on something is wrong', 'closed', () => [
        facts([
          ...Object.entries(machine.settings),
          ...Object.entries(document.thresholds).map(
            ([name, value]) => [name, thresholdOf(name, value)] as const,
          ),
        ]),
      ]),
    ),
  ];
}

/** A share in percent, a number of TIME_WAITs, or an age. */
function thresholdOf(name: string, value: number): string {
  if (name.endsWith('Used')) return `${value} %`;
  return name === 'timeWaits' ? String(value) : span(value);
}

/** A bar for each finding, as long as its number of sockets, all on one scale. The bar of a note is hatched. */
function piles(findings: readonly Finding[]): SVGElement {
  const most = Math.max(1, ...findings.map(({ count }) => count));
  const room = roomFor(210, 1000);
  const { width, left, beside } = room;
  const rowHeight = beside ? 30 : 44;
  const x = scaleLinear([0, most], [left, width - 150]);
  const rows = findings.flatMap(({ kind, count, severity, since }, i): Drawn[] => {
    const nameY = i * rowHeight + 4;
    const y = beside ? nameY : nameY + 16;
    const age = since === null ? '' : `, oldest ${span(since.oldestMs)}`;
    return [
      rowName(room, y + 15, nameY + 11, kind),
      box(left, y, Math.max(2, x(count) - left), 20, severity === 'wrong' ? 'pile-wrong' : 'pile-note'),
      text(
        Math.max(left + 2, x(count)) + 8,
        y + 15,
        'small',
        `${severity === 'wrong' ? '✖ ' : ''}${count}${age}`,
      ),
    ];
  });
  const height = findings.length * rowHeight + 4;
  const label = 'How many sockets each finding has; the table below has the numbers';
  return mount(picture({ width, height, label }, ...rows));
}

function pileTable(findings: readonly Finding[]): HTMLElement {
  return table('Findings, the worst first', findings, [
    { title: 'severity', cell: ({ severity }) => severity },
    { title: 'kind', cell: ({ kind }) => kind },
    { title: 'count', kind: 'number', cell: ({ count }) => count },
    { title: 'oldest', kind: 'number', cell: ({ since }) => (since === null ? '' : span(since.oldestMs)) },
    { title: 'newest', kind: 'number', cell: ({ since }) => (since === null ? '' : span(since.newestMs)) },
    { title: 'fault', cell: ({ fault }) => fault.side },
    { title: 'processes', cell: ({ fault }) => fault.processes.map(({ pid }) => pid).join(', ') },
  ]);
}

function one({ kind, severity, what, fault, since, trend, cost, ...rest }: Finding): HTMLElement {
  const precisely = since?.precision === 'at least' ? ', at least' : '';
  return section(
    `${kind}: ${what}`,
    h('p', { class: 'result' }, pill(severity === 'wrong' ? 'bad' : 'faint', severity)),
    h('p', {}, h('strong', {}, `${fault.side}: `), fault.because),
    facts([
      ['age', since === null ? null : `${ageOf(since)}${precisely}`],
      ['trend', trend],
      ['cost', cost],
    ]),
    rest.steps.length === 0 ? null : steps(rest.steps, rest.language),
    fault.processes.length === 0 ? null : processes(fault.processes),
    rest.sockets.length === 0
      ? null
      : folded(
          rest.sockets.length < rest.count ? `The first ${rest.sockets.length} sockets` : 'Sockets',
          'closed',
          () => [
            table(`Sockets of ${kind}`, rest.sockets, [
              { title: 'local', cell: ({ local }) => endpoint(local) },
              { title: 'remote', cell: ({ remote }) => endpoint(remote) },
            ]),
          ],
        ),
  );
}

function ageOf({ oldestMs, newestMs }: NonNullable<Finding['since']>): string {
  return oldestMs === newestMs ? span(oldestMs) : `${span(newestMs)} to ${span(oldestMs)}`;
}

function steps(all: Finding['steps'], language: string | null): HTMLElement {
  return h(
    'ol',
    { class: 'remedy-steps' },
    ...all.map(({ text, command, code }) => {
      const inLanguage = language === null ? undefined : code?.[language];
      return h(
        'li',
        {},
        text,
        inLanguage === undefined ? null : `. ${language}: ${inLanguage}`,
        command === null ? null : h('pre', {}, command),
      );
    }),
  );
}

function processes(all: Finding['fault']['processes']): HTMLElement {
  return table('Processes at fault', all, [
    { title: 'pid', kind: 'number', cell: ({ pid }) => pid },
    { title: 'command', kind: 'words', cell: ({ command }) => command },
    { title: 'user', cell: ({ user }) => user },
    { title: 'descriptors, the first', cell: ({ descriptors }) => descriptors.join(', ') },
  ]);
}

function notSeen(unseen: AuditDocument['unseen']): HTMLElement {
  return section(
    'What could not be seen',
    table('What is missing, and how to see it', unseen, [
      { title: 'what', kind: 'words', cell: ({ what }) => what },
      { title: 'how to see it', kind: 'words', cell: ({ how }) => how },
      { title: 'command', kind: 'code', cell: ({ command }) => command },
    ]),
  );
}
