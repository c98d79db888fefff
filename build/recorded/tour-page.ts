import { answerOf } from '../../src/report/tour/stop.ts';
import { stops } from '../../src/report/tour/stops.ts';
import { keptDocument, keptText } from './kept.ts';

/** docs/tour.md: the tour with runs that were recorded. */
export function tourPage(): string {
  const blocks = stops.map((stop, i) => [
    `## ${i + 1}. ${stop.title}`,
    ...stop.question,
    `\`\`\`sh\ntcpclose tour ${i + 1}    # or: tcpclose demo ${stop.scenario} --packets\n\`\`\``,
    `![The states of both ends of ${stop.scenario}, and the segments between them](recorded/scenarios/${stop.scenario}.svg)`,
    `<details><summary>The same as text, with a ladder for each connection</summary>\n\n\`\`\`text\n${keptText(stop.scenario)}\n\`\`\`\n\n</details>`,
    ...(answerOf(stop, keptDocument(stop.scenario)) ?? []),
  ]);
  const heading = [
    '# A tour in ten runs',
    '<!-- Written by "npm run docs" from recorded runs ("npm run record"): do not edit. -->',
    'Ten runs, in an order that teaches: from a close in four segments to a segment that wanders and comes too late. Read the question, look at the picture, and then read the answer. `tcpclose tour` does the same in a terminal, with runs on your own kernel.',
    'A picture has two lanes for each connection, one for each end. A lane has the colour of its state, and arrows are segments. Time goes from left to right and is not to scale: each gap is as wide as the logarithm of its length.',
  ];
  return `${[...heading, ...blocks.flat()].join('\n\n')}\n`;
}
