import { shownCommand } from '../../foreign.ts';
import type { RestartDocument } from '../documents/restart.ts';
import { span } from '../drawing/words.ts';
import { outputOf, shownVerdict, titleOf, verdictOfAll, watchingOf } from '../restart/words.ts';
import { escaped, paragraphs, tableOf, verbatim } from './words.ts';

/** A restart in Markdown: a table of the ways to restart, and the cause and the remedy of each that failed. */
export function restartMarkdown(document: RestartDocument): string[] {
  const { command, port, path, runs } = document;
  const place = port === null ? path : `port ${port}`;
  return [
    `# ${escaped(shownCommand(command))}`,
    '',
    `**${verdictOfAll(document)}**${place === null ? '' : `, ${escaped(place)}`}`,
    '',
    ...tableOf(
      ['', 'restart', 'verdict', 'outage', 'cause'],
      runs.map((run) => [
        { survives: '✔', loses: '✖', fails: '✖', 'not decided': '–' }[run.verdict],
        escaped(titleOf(run)),
        shownVerdict(run),
        run.outageMs === null ? '' : span(run.outageMs),
        escaped(run.cause ?? run.reason ?? ''),
      ]),
    ),
    ...runs.filter(({ verdict }) => verdict !== 'survives').flatMap(why),
  ];
}

function why(run: RestartDocument['runs'][number]): string[] {
  const { evidence, reason } = run;
  const output = outputOf(run);
  return [
    `## ${escaped(titleOf(run))}`,
    '',
    ...[evidence?.explanation, reason].flatMap((text) => (text == null ? [] : [escaped(text), ''])),
    ...(evidence?.remedy == null ? [] : paragraphs(`Remedy: ${evidence.remedy}`)),
    `Calls: ${escaped(watchingOf(run))}`,
    '',
    ...(output === '' ? [] : ['Its last output:', '', ...verbatim(output)]),
  ];
}
