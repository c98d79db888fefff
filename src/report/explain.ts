import type { ExplainDocument } from './documents/explain.ts';
import type { Paint } from './paint.ts';
import { hang } from './text.ts';

type Document<Type extends ExplainDocument['type']> = Extract<ExplainDocument, { type: Type }>;

/** A word or a scenario in plain words, or the list of all words. */
export function explainText(document: ExplainDocument, paint: Paint): string[] {
  switch (document.type) {
    case 'word':
      return wordText(document, paint);
    case 'scenario':
      return scenarioText(document, paint);
    case 'words':
      return listText(document, paint);
  }
}

function wordText(document: Document<'word'>, paint: Paint): string[] {
  const { name, kind, text, here, source, shownBy, titles } = document;
  return [
    paint.title(`${name}: ${kind}`),
    '',
    ...hang('', text),
    '',
    ...hang('Here     ', here),
    ...hang('Source   ', source),
    ...shownBy.flatMap((scenario, i) =>
      shownLines(scenario, titles?.[scenario], i === 0 ? 'See it   ' : '         '),
    ),
  ];
}

/** The command, and what it shows. */
function shownLines(scenario: string, title: string | undefined, lead: string): string[] {
  const command = `${lead}tcpclose demo ${scenario}`;
  return title === undefined ? [command] : [command, ...hang(' '.repeat(11), title)];
}

function scenarioText(document: Document<'scenario'>, paint: Paint): string[] {
  const { topic, scenario, title, claim, source, decides, needs, slow, options } = document;
  return [
    ...hang('', `${isPath(scenario) ? '' : `${topic}/`}${scenario}: ${title}`).map(paint.title),
    '',
    ...hang('', claim),
    '',
    ...(source.length === 0 ? [] : hang('Source   ', source.join('; '))),
    ...(decides.length === 0 ? [] : hang('Claims   ', claimsLead(decides.map(({ id }) => id)))),
    ...decides.flatMap(({ id, claim }) => hang(`  ${id}    `, claim)),
    ...hang('Needs    ', needs.length === 0 ? 'nothing but Linux' : needs.join(', ')),
    ...(slow === null ? [] : hang('Slow     ', slow)),
    `See it   tcpclose demo ${scenario}`,
    ...(options.length === 0 ? [] : ['', 'Its own options:', ...optionLines(options)]),
  ];
}

/** The list of common statements, not all of which hold. */
function claimsLead(ids: readonly string[]): string {
  return `what people say; "tcpclose claims ${ids.join(' ')}" shows which hold here`;
}

/** Whether it is the user's own file: names in the catalogue have neither a dot nor a slash. */
function isPath(scenario: string): boolean {
  return /[./]/.test(scenario);
}

function optionLines(options: Document<'scenario'>['options']): string[] {
  const flagsOf = ({ name, value }: (typeof options)[number]) =>
    value === null ? `--${name}` : `--${name} <${value}>`;
  const width = Math.max(...options.map((option) => flagsOf(option).length));
  return options.flatMap((option) => {
    const usual = option.default === null ? '' : ` (default: ${option.default})`;
    return hang(`  ${flagsOf(option).padEnd(width)}  `, `${option.description}${usual}`);
  });
}

const plurals = {
  state: 'states',
  term: 'terms',
  errno: 'errnos',
  'socket option': 'socket options',
  setting: 'settings',
  counter: 'counters of the kernel',
  finding: 'findings of why, audit and restart',
  'idle timeout': 'idle timeouts of proxies and pools',
} as const;

function listText({ words }: Document<'words'>, paint: Paint): string[] {
  const kinds = [...new Set(words.map(({ kind }) => kind))];
  const groups = kinds.flatMap((kind) => {
    const names = words.filter((word) => word.kind === kind).map(({ name }) => name);
    return [paint.title(plurals[kind]), ...hang('  ', names.join(', ')), ''];
  });
  return [
    ...groups,
    ...hang('', '"tcpclose explain" also takes names of scenarios: "tcpclose list" shows them'),
  ];
}
