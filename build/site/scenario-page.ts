import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { answerOf } from '../../src/report/tour/stop.ts';
import { stops } from '../../src/report/tour/stops.ts';
import type { LoadedScenario } from '../../src/scenario/catalogue.ts';
import { claims } from '../../src/scenario/claims.ts';
import { keptDocument, keptRuns, keptText } from '../recorded/kept.ts';
import { readKept } from '../truth.ts';
import { introductions } from './introductions.ts';
import { code, page, plain, table } from './markdown.ts';

/** A scenario: what it claims, a real run of it, what that decides, and its code. */
export function scenarioPage({ name, file, scenario }: LoadedScenario): string {
  const { title, claim, source, decides, needs, slow, parameters } = scenario;
  const kept = keptRuns()[name];
  const options = Object.entries(parameters).map(([option, { description, fallback }]) => [
    `\`--${option}\``,
    plain(`${description} (default: ${fallback})`),
  ]);
  return page(
    `# ${name}: ${plain(title)}`,
    `**${plain(claim)}**`,
    code(`tcpclose demo ${name}${kept?.picture ? ' --packets' : ''}`, 'sh'),
    ...(introductions[name]?.(keptDocument(name)) ?? onTour(name)),
    '## A real run',
    kept?.picture
      ? [
          'Time goes from left to right and is not to scale: each gap is as wide as the logarithm of its length. For each connection there are two lanes, one for each end, in the colour of its state; arrows are segments. The picture, opened alone, names each thing that you point at.',
          '',
          `![The states of both ends and the segments between them, over time](/recorded/${name}.svg)`,
          '',
          'What the program printed: the checks, and then each connection as a ladder, in which time goes down.',
        ]
      : 'What the program printed:',
    code(keptText(name)),
    decides.length === 0 ? '' : '## What it decides',
    decides.length === 0 ? '' : decided(decides),
    '## Sources',
    source.map((one) => `- ${plain(one)}`),
    ...(needs.length === 0 ? [] : [`It needs: ${needs.join(', ')}.`]),
    ...(slow === null ? [] : [`It is slow: ${plain(slow)}.`]),
    ...(options.length === 0 ? [] : ['## Options', table(['option', 'meaning'], options)]),
    '## Its code',
    code(readFileSync(file, 'utf8'), 'ts'),
    `The file is \`${relative('.', file)}\`. [How to write a scenario](../writing-a-scenario.md).`,
  );
}

function decided(ids: LoadedScenario['scenario']['decides']): string[] {
  const { machine, claims: ledger } = readKept().ledger;
  const rows = ids.map((id) => [
    id,
    plain(claims[id].claim),
    `**${plain(ledger.find((one) => one.id === id)?.finding ?? 'not kept')}**`,
  ]);
  return [
    ...table(['claim', 'as people state it', 'finding'], rows),
    '',
    `All scenarios that decide a claim are taken together; the findings are those of one machine, ${machine}. \`tcpclose claims ${ids[0]}\` finds it on yours.`,
  ];
}

/** The question and the answer of the tour, if it comes by. */
function onTour(name: string): string[] {
  const number = stops.findIndex(({ scenario }) => scenario === name) + 1;
  const stop = stops[number - 1];
  if (stop === undefined) return [];
  const answer = answerOf(stop, keptDocument(name)) ?? [];
  return [
    '## The question',
    ...stop.question.map(plain),
    '## The answer',
    ...answer.map(plain),
    `This is stop ${number} of [the tour](../tour.md).`,
  ];
}
