import { aboutRepeats, lossyRuns } from '../repeats.ts';
import { head, list, paragraph, row, span, spread } from '../spread.ts';
import { ladderText } from './drawing.ts';
import { clientKinds, type ShutdownRow, type ShutdownTable } from './result.ts';
import { causesOf, lostIn, type MeasuredRun, measuredRuns, runsOf, summaryOf } from './summary.ts';
import { prelude, type Way, type WayName, wayNames, ways } from './ways.ts';

/** docs/shutdown.md, from what was measured. */
export function shutdownPage(table: ShutdownTable): string {
  const majors = [...new Set(table.rows.map(({ node }) => node))].sort((a, b) => a - b);
  const lines = [
    '# What each way of graceful shutdown loses',
    '',
    '<!-- Written by "npm run tables -- shutdown" from tables/measured/shutdown.json: do not edit. -->',
    '',
    ...introduction(table),
    '',
    ...findings(table),
    '',
    '## All results',
    '',
    paragraph(
      `The requests that the shutdown lost (minimum and maximum over the runs), \`of\` all that ended after the signal, without those \`refused\` because nothing listened. ${aboutRepeats(table.rows.map(({ runs }) => runs))} \`listens\` is the time from the signal until the listener was closed, \`exits\` the time until the process was gone.`,
    ),
    '',
    ...majors.flatMap((major) => [...ofNode(table, major), '']),
    '## A lost request of each way',
    '',
    paragraph(
      'Captured by tcpdump in one of these runs, with the milliseconds since the signal; earlier segments of the same connection are left out.',
    ),
    '',
    ...wayNames.flatMap((name) => drawn(table, name)),
    '## The servers',
    '',
    'Each uses its way as documented. All of them begin with these lines:',
    '',
    ...code(prelude),
    ...wayNames.flatMap((name) => [
      `${ways[name].title} (${sourceOf(ways[name])}):`,
      '',
      ...code(ways[name].program),
    ]),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function introduction({ machine, load, stopTimeoutMs, nodes, packages, rows }: ShutdownTable): string[] {
  const runs = rows.flatMap(({ runs }) => runs);
  const most = runs.map(({ loadAverage }) => loadAverage);
  const days = [...new Set(runs.map(({ at }) => at.slice(0, 10)))].sort();
  const named = (versions: Readonly<Record<string, string>>) =>
    list(Object.entries(versions).map(([name, version]) => `${name} ${version}`));
  return [
    paragraph(
      `A server of Node that answers \`/\` in 5 ms and \`/slow\` in 1 s was restarted by SIGTERM under \`tcpclose restart --load ${load} --slow-path /slow\` ([loss.md](loss.md)), ${runs.length} times in all. It differs only in what it does at the signal. It had ${span(stopTimeoutMs)} to exit.`,
    ),
    '',
    '```sh',
    'npm run tables -- shutdown               # measures everything again, as root, and writes this page',
    'npm run tables -- shutdown stoppable     # one row of it',
    'npm run tables -- shutdown --differing   # more runs of the rows whose runs differ',
    '```',
    '',
    paragraph(
      `Node ${list(Object.values(nodes))}; ${named(packages)}. Linux ${machine.kernel}, ${machine.cores} cores of ${machine.processor}, tcpclose ${machine.tcpclose}, ${list(days)}. The machine was busy with other work (load average ${spread(most)}): a request may be late by some 10 ms, which makes races between a request and a close more frequent than on an idle machine.`,
    ),
  ];
}

function findings(table: ShutdownTable): string[] {
  const { losesNothing, losesSome, cutsSlow, losesMost, staysUp } = summaryOf(table);
  const most = (name: WayName) => `${Math.max(...runsOf(table, name).map((run) => lostIn(run)))}`;
  const titles = (names: readonly WayName[]) => list(names.map((name) => ways[name].title));
  const about = (names: readonly WayName[], text: string) =>
    names.length === 0 ? [] : [`- ${paragraph(text).replaceAll('\n', '\n  ')}`];
  return [
    ...about(losesNothing, `**Lost nothing in any run**: ${titles(losesNothing)}.`),
    ...about(
      losesNothing.filter((name) => name === 'advised'),
      'The code that tcpclose advises may still lose a connection that arrives between its last look at the accept queue and the close: the kernel cannot do both at once.',
    ),
    ...about(
      losesSome,
      `**Lost requests in some runs**, and not always requests in flight: ${list(losesSome.map((name) => `${ways[name].title} (at most ${most(name)} in a run)`))}.`,
    ),
    ...about(cutsSlow, `**Lost slow requests in flight in every run**: ${titles(cutsSlow)}.`),
    ...(losesMost === undefined
      ? []
      : about(
          [losesMost],
          `**Lost the most**: ${ways[losesMost].title}, ${spread(runsOf(table, losesMost).map((run) => lostIn(run)))} in a run.`,
        )),
    ...about(
      staysUp,
      `**Never exited within ${span(table.stopTimeoutMs)}**, as long as clients used their connections: ${titles(staysUp)}. A supervisor that waits no longer kills them, with everything in flight.`,
    ),
  ];
}

function ofNode({ rows, nodes, stopTimeoutMs }: ShutdownTable, major: number): string[] {
  return [
    `### Node ${nodes[major]}`,
    '',
    ...head('way', ...clientKinds, 'of', 'lossy', 'why', 'refused', 'listens', 'exits'),
    ...rows.filter(({ node }) => node === major).map((one) => rowOf(one, stopTimeoutMs)),
  ];
}

/** The requests that were not refused. */
function heardIn({ kinds, outage }: MeasuredRun): number {
  return kinds.reduce((total, { requests }) => total + requests, 0) - outage;
}

function rowOf(one: ShutdownRow, stopTimeoutMs: number): string {
  const runs = measuredRuns(one);
  const failed = one.runs.filter((run) => run.state === 'not measured');
  const title = ways[one.way].title;
  const notes =
    failed.length === 0
      ? ''
      : ` (${failed.length} of ${one.runs.length} runs not measured: ${failed[0]?.why})`;
  if (runs.length === 0)
    return row(title, ...clientKinds.map(() => '?'), '?', '?', notes.trim(), '?', '?', '?');
  const exits = runs.flatMap(({ exitsAfterMs }) => exitsAfterMs ?? []);
  const stays = exits.length < runs.length ? `not in ${span(stopTimeoutMs)}` : '';
  return row(
    title,
    ...clientKinds.map((kind) => spread(runs.map((run) => lostIn(run, kind)))),
    spread(runs.map(heardIn)),
    lossyRuns(runs),
    `${causesOf(one).join(', ') || '-'}${notes}`,
    spread(runs.map(({ outage }) => outage)),
    spread(
      runs.flatMap(({ listensForMs }) => listensForMs ?? []),
      span,
    ),
    [exits.length > 0 ? spread(exits, span) : '', stays].filter((text) => text !== '').join(', '),
  );
}

function drawn({ ladders, nodes }: ShutdownTable, name: WayName): string[] {
  const ladder = ladders[name];
  if (ladder === undefined) return [];
  const { node, kind, ending, cause } = ladder;
  return [
    `${ways[name].title}, Node ${nodes[node]}: a request of ${kind === 'idle' ? 'an' : 'a'} ${kind} client, ${ending}: \`${cause}\``,
    '',
    '```',
    ...ladderText(ladder),
    '```',
    '',
  ];
}

function sourceOf({ source }: Way): string {
  return source.startsWith('https:') ? `<${source}>` : `[${source}](${source})`;
}

function code(text: string): string[] {
  return ['```js', text.trimEnd(), '```', ''];
}
