/** The table of docs/ci.md: which command has which reporters, and what its cases are. */
import { commands } from '../src/cli/commands.ts';
import { groupBy } from '../src/group.ts';
import { formatsOf } from '../src/report/kinds/formats.ts';
import { type KindName, kindNames } from '../src/report/kinds/kinds.ts';
import { type ReporterName, reporterNames } from '../src/report/reporters.ts';

const begin = '<!-- Written from the commands by "npm run docs": do not edit. -->';
const end = '<!-- End of the table. -->';

/** What a test case is in the reports of a command. */
const caseOf: Readonly<Record<KindName | 'render', string>> = {
  demo: 'the scenario',
  tour: 'a run',
  list: 'a scenario, skipped: it is listed, not run',
  explain: 'a word or a scenario, skipped: it is explained, not tried',
  test: 'a scenario',
  init: 'a file; skipped if it already existed',
  claims: 'a claim; it passes with any finding',
  matrix: 'a cell; with `--diff` it fails if it differs',
  restart: 'a way to restart',
  idle: 'the server with its client',
  why: 'a port or socket; it fails if it cannot be bound',
  run: 'a bind that failed; one that passed if none did',
  watch: 'the watch; it fails if `--until` did not hold in time',
  render: 'those of the document',
  audit: 'a kind of finding',
  merge: 'a claim or a kind of finding, with a warning if hosts differ',
  doctor: 'a thing that was tried; skipped if it is missing',
  completion: 'nothing: a script has no results',
};

type Command = keyof typeof caseOf;
const described = commands.filter((entry): entry is typeof entry & { name: Command } => entry.name in caseOf);

/** The page with its table written again; the rest of it stays. */
export function withFormats(page: string): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined)
    throw new Error(`the page has no place for the table: put "${begin}" and "${end}" there`);
  return `${before}${begin}\n\n${formatsTable().join('\n')}\n\n${end}${after}`;
}

/** A row for each command, and a column for each group of formats that the same commands have. */
function formatsTable(): string[] {
  const groups = [...groupBy(reporterNames, (format) => commandsWith(format).join(' ')).values()];
  const heads = groups.map((formats) => formats.map((name) => `\`${name}\``).join(' '));
  return [
    `| command | what a test case is | ${heads.join(' | ')} |`,
    `|---|---|${groups.map(() => '---|').join('')}`,
    ...described.map(({ name }) => {
      const cells = groups.map(([format]) => cell(name, format));
      return `| \`${name}\` | ${caseOf[name]} | ${cells.join(' | ')} |`;
    }),
  ];
}

function commandsWith(format: ReporterName): KindName[] {
  return kindNames.filter((name) => formatsOf(name).includes(format));
}

function cell(name: Command, format: ReporterName | undefined): string {
  if (format === undefined || !formatsOf(name).includes(format)) return 'no';
  return name === 'render' && commandsWith(format).length < kindNames.length
    ? 'if the command has it'
    : 'yes';
}
