/** docs/truth.md: what was shown of the findings, the checks and the tests, from the kept results of the commands that it names. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface KeptFinding {
  readonly id: string;
  readonly claim: string;
  readonly finding: string;
  readonly parts: readonly { readonly text: string; readonly finding: string }[];
}

export interface KeptLedger {
  readonly machine: string;
  readonly claims: readonly KeptFinding[];
}

export interface KeptCheck {
  readonly scenario: string;
  readonly check: string;
  readonly claims: readonly string[];
  readonly without: string | null;
  readonly result: string;
  readonly why: string;
}

export interface KeptMutants {
  /** By Stryker, by file. */
  readonly files: readonly {
    readonly file: string;
    /** Of the program: parsers, decoders ... */
    readonly part: string;
    /** Of the source that was measured. */
    readonly digest: string;
    readonly mutants: number;
    readonly caught: number;
    /** Line, mutator and reason. */
    readonly survivors: readonly string[];
    /** Those that change nothing, with the reason that stands beside the line. */
    readonly equivalent?: readonly string[];
  }[];
  /** By hand. */
  readonly across: readonly { readonly title: string; readonly caughtBy: string; readonly fate: string }[];
}

export interface Kept {
  readonly ledger: KeptLedger;
  readonly checks: readonly KeptCheck[];
  readonly mutants: KeptMutants;
}

export const keptIn = {
  ledger: 'test/controls/ledger.json',
  checks: 'test/controls/results.json',
  mutants: 'test/mutants/results.json',
} as const;

export function readKept(): Kept {
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  return { ledger: read(keptIn.ledger), checks: read(keptIn.checks), mutants: read(keptIn.mutants) };
}

/** Whether a file is still as it was when its mutants were run. */
export function stateOf({ file, digest }: Pick<MutatedFile, 'file' | 'digest'>): 'measured' | 'changed' {
  return digestOf(readFileSync(file, 'utf8')) === digest ? 'measured' : 'changed';
}

/** Of what runs: comments on lines of their own, and the lines' indents, do not count. */
export function digestOf(source: string): string {
  const lines = source.split('\n').map((line) => line.trim());
  const code = lines.filter((line) => !/^(?:\/\/|\/\*|\*(?: |\/|$))/.test(line) && line !== '');
  return createHash('sha256').update(code.join('\n')).digest('hex').slice(0, 12);
}

export function truthPage({ ledger, checks, mutants }: Kept): string {
  const lines = [
    '# What is shown, and what is not',
    '',
    '<!-- Written by "npm run docs" from the results of the commands below: do not edit. -->',
    '',
    `The results of one machine: ${ledger.machine}.`,
    '',
    ...figures(ledger, checks, mutants),
    '',
    '## The claims',
    '',
    '`tcpclose claims` finds this here; `tcpclose claims C13 --evidence dir/` writes what anybody can check it by. The last column: how many',
    'checks bear on the claim, and how many of them come out otherwise without their stimulus.',
    '',
    '| id | claim | finding | checks, shown |',
    '|---|---|---|---|',
    ...ledger.claims.flatMap((claim) => claimRows(claim, checks)),
    '',
    '## The checks',
    '',
    'Each check that bears on a claim, with the stimulus without which it came out otherwise (`npm run controls`). `tcpclose demo <scenario>',
    "--without '<stimulus>'` shows it: `write 2` is the second write of the run. A check that has none, such as that of an absence, says",
    'why, and names a witness: another check of the same run that comes out otherwise without its own stimulus.',
    '',
    ...checkTables(checks),
    '## The mutants',
    '',
    ...mutantLines(mutants),
  ];
  return `${lines.join('\n')}\n`;
}

function figures(
  { claims }: KeptLedger,
  checks: readonly KeptCheck[],
  { files, across }: KeptMutants,
): string[] {
  const findings = countBy(
    claims.map(
      ({ finding }) => finding.split(' (')[0]?.replace(/^holds under.*/, 'holds under conditions') ?? '',
    ),
  );
  const bearing = checks.filter((check) => check.claims.length > 0);
  const parts = new Set(files.map(({ part }) => part));
  const results = countBy(bearing.map(({ result }) => result));
  return [
    '| | |',
    '|---|---|',
    `| claims (\`tcpclose claims\`) | ${claims.length}: ${told(findings)} |`,
    `| checks that bear on them (\`npm run controls\`) | ${bearing.length}: ${told(results)} |`,
    ...[...parts].map(
      (part) =>
        `| mutants of ${part} (\`npm run mutants:within\`) | ${caughtOf(files.filter((file) => file.part === part))} |`,
    ),
    `| mutants of what runs in one process, all of them | ${caughtOf(files)} |`,
    `| mutants across processes, by hand (\`npm run mutants:across\`) | ${told(countBy(across.map(({ fate }) => fate)))} |`,
  ];
}

function claimRows({ id, claim, finding, parts }: KeptFinding, checks: readonly KeptCheck[]): string[] {
  const bearing = checks.filter(({ claims }) => claims.some((one) => one === id || one.startsWith(`${id}/`)));
  const shown = bearing.filter(({ result }) => result === 'shown').length;
  return [
    row(id, claim, `**${finding}**`, `${bearing.length}, ${shown}`),
    ...[...parts].map((part) => row('', part.text, part.finding, '')),
  ];
}

function checkTables(checks: readonly KeptCheck[]): string[] {
  return [...new Set(checks.map(({ scenario }) => scenario))].flatMap((scenario) => [
    `### ${scenario}`,
    '',
    '| check | claims | without | then |',
    '|---|---|---|---|',
    ...checks
      .filter((one) => one.scenario === scenario)
      .map(({ check, claims, without, result, why }) =>
        row(
          check,
          claims.join(', ') || 'witness',
          without ?? 'nothing',
          result === 'shown' ? `otherwise: ${why}` : `**${result}**: ${why}`,
        ),
      ),
    '',
  ]);
}

function mutantLines({ files, across }: KeptMutants): string[] {
  return [
    ...explanation,
    '',
    '| part | file | caught | of | |',
    '|---|---|---|---|---|',
    ...files.map((file) =>
      row(
        file.part,
        file.file,
        `${file.caught}`,
        `${file.mutants}`,
        `${percent(file.caught, file.mutants)}${remarkOn(file)}`,
      ),
    ),
    '',
    ...listed(
      'Those that change nothing, which are not counted:',
      files,
      ({ equivalent = [] }) => equivalent,
    ),
    ...listed('Those that survived, by line, with the reason:', files, ({ survivors }) => survivors),
    'By hand, each with the test that must notice it ([list.ts](../test/mutants/list.ts)):',
    '',
    '| mutant | test | |',
    '|---|---|---|',
    ...across.map(({ title, caughtBy, fate }) => row(title, caughtBy, fate)),
  ];
}

const explanation = [
  'Stryker changes what runs in one process, one expression at a time, and runs the tests of that file. Not mutated are the parsers of NAT rules,',
  'of sysctls, slabs and options, whose tests ask the kernel or the tools; the findings of `audit`; the transcript of a run, the texts of `restart`,',
  '`why`, `audit`, `idle` and `watch`, the drawings and the page. What asks the kernel (processes, sockets, namespaces) has the mutants by hand',
  'below, and the controls above.',
];

function remarkOn(file: MutatedFile): string {
  return stateOf(file) === 'changed' ? ', of an earlier version' : '';
}

type MutatedFile = KeptMutants['files'][number];

/** Mutants of each file, the same ones counted. */
function listed(
  title: string,
  files: readonly MutatedFile[],
  textsOf: (file: MutatedFile) => readonly string[],
): string[] {
  const lines = files.flatMap((file) =>
    [...countBy(textsOf(file))].map(
      ([text, count]) => `- ${file.file}: ${text}${count > 1 ? ` (${count})` : ''}`,
    ),
  );
  return lines.length === 0 ? [] : [title, '', ...lines, ''];
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function told(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

function caughtOf(files: readonly MutatedFile[]): string {
  const sum = (key: 'mutants' | 'caught') => files.reduce((total, file) => total + file[key], 0);
  return `${sum('caught')} of ${sum('mutants')} caught, ${percent(sum('caught'), sum('mutants'))}`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? 'not kept yet' : `${((part / whole) * 100).toFixed(1)} %`;
}
