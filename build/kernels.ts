/** docs/kernels.md: what differs between the kernels of kernels/*.json, since when, and why. */
import { readdirSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { type KernelDocument, kernelDocument, matrixOf } from '../src/report/documents/kernel.ts';
import { matrixDiffOf } from '../src/report/documents/matrix.ts';
import { claims } from '../src/scenario/claims.ts';
import { type Change, changes } from './kernel-changes.ts';

export function readKernels(folder = 'kernels'): KernelDocument[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => v.parse(kernelDocument, JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))))
    .sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
}

export function kernelsPage(kernels: readonly KernelDocument[]): string {
  return `${[
    '# What differs between kernels',
    '',
    '<!-- Written by "npm run kernels" and "npm run docs" from kernels/*.json: do not edit. -->',
    '',
    '`npm run kernels -- --all` boots each of these kernels and runs the packed program there: `matrix`, `demo server-first` and `test`, whose checks',
    'decide the claims as those of `claims` do.',
    '`tcpclose claims --compare 5.10` and `tcpclose matrix --diff 5.10` show in what the kernel of a machine differs from one of them. A difference is',
    'a finding, not a failure.',
    '',
    ...table(
      ['kernel', 'run as', 'Node', 'scenarios', 'demo server-first'],
      kernels.map(({ environment, origin, scenarios, demo }) => [
        environment.kernel,
        origin,
        environment.node,
        countBy(scenarios.map(({ outcome }) => outcome)) || 'not run',
        `${demo.outcome}, ${demo.checks} checks`,
      ]),
    ),
    '',
    'User-mode Linux has one core and no CONFIG_INET_DIAG_DESTROY, no BTF and no CONFIG_MPTCP: what needs them is skipped there.',
    '',
    '## Cells of the table of binds',
    '',
    ...cells(kernels),
    '',
    '## Claims',
    '',
    ...findings(kernels),
    '',
    '## Counters',
    '',
    ...counters(kernels),
    '',
    '## Scenarios that did not pass',
    '',
    ...scenarios(kernels),
  ].join('\n')}\n`;
}

function cells(kernels: readonly KernelDocument[]): string[] {
  const [first, ...others] = kernels;
  if (first === undefined) return ['No kernel was tried.'];
  const before = matrixOf(first);
  const differences = others.flatMap((other) =>
    matrixDiffOf(before, matrixOf(other)).differences.map(({ cell, before, now }) => [
      cell,
      `${first.version}: ${before}`,
      `${other.version}: ${now}`,
      whyOf('cell', cell),
    ]),
  );
  const count = before.cells.length;
  if (differences.length === 0)
    return [
      `No cell differs: each of the ${count} came out alike on ${kernels.map(({ version }) => version).join(', ')}.`,
    ];
  return table(['cell', 'before', 'since', 'why'], differences);
}

function findings(all: readonly KernelDocument[]): string[] {
  const kernels = all.filter(({ claims }) => claims.length > 0);
  if (kernels.length === 0) return ['`claims` has not run on any of them yet.'];
  const ids = [...new Set(kernels.flatMap((kernel) => kernel.claims.map(({ id }) => id)))].filter(
    (id) => !id.includes('/'),
  );
  const found = ids.map((id) => ({
    id,
    of: kernels.map((kernel) => kernel.claims.find((one) => one.id === id)),
  }));
  const decided = found.map(({ id, of }) => ({
    id,
    words: new Set(
      of.flatMap((one) => (one === undefined || one.finding === notDecided ? [] : [one.finding])),
    ),
  }));
  const different = decided.filter(({ words }) => words.size > 1).map(({ id }) => id);
  const open = found.filter(({ of }) => of.some((one) => one?.finding === notDecided));
  return [
    different.length === 0
      ? 'No claim is decided otherwise on one of these kernels than on another.'
      : `Decided otherwise: ${different.join(', ')}.`,
    '',
    ...table(
      ['id', 'claim', ...kernels.map(({ version }) => version), 'why'],
      found.map(({ id, of }) => [
        id,
        claimOf(id),
        ...of.map((one) => one?.finding ?? 'not run'),
        different.includes(id) ? whyOf('claim', id) : '',
      ]),
    ),
    ...(open.length === 0
      ? []
      : [
          '',
          'Why some are not decided:',
          '',
          ...table(
            ['claim', 'kernel', 'reason'],
            open.flatMap(({ id, of }) =>
              of.flatMap((one, i) =>
                one?.finding === notDecided ? [[id, kernels[i]?.version ?? '', one.reason ?? '']] : [],
              ),
            ),
          ),
        ]),
  ];
}

const notDecided = 'not decided';

function claimOf(id: string): string {
  return Object.entries(claims).find(([known]) => known === id)?.[1].claim ?? '';
}

function counters(kernels: readonly KernelDocument[]): string[] {
  const all = [...new Set(kernels.flatMap(({ counters }) => counters))].sort();
  const missing = all.filter((name) => kernels.some(({ counters }) => !counters.includes(name)));
  const counting = changes.filter(({ kind }) => kind === 'counting');
  return [
    `All of these kernels have ${all.length - missing.length} counters of Tcp and TcpExt in common. The others:`,
    '',
    ...table(
      ['counter', ...kernels.map(({ version }) => version), 'why'],
      missing.map((name) => [
        name,
        ...kernels.map(({ counters }) => (counters.includes(name) ? 'yes' : 'no')),
        whyOf('counter', name),
      ]),
    ),
    '',
    'Counters that count otherwise, from the sources of the kernel:',
    '',
    ...counting.map((change) => `- ${change.of.join(', ')}: ${told(change)}`),
    '',
    'What `demo server-first --counters` moved:',
    '',
    ...table(
      ['counter', ...kernels.map(({ version }) => version)],
      [...new Set(kernels.flatMap(({ demo }) => Object.keys(demo.moved)))]
        .sort()
        .map((name) => [name, ...kernels.map(({ demo }) => `${demo.moved[name] ?? 0}`)]),
    ),
  ];
}

function scenarios(kernels: readonly KernelDocument[]): string[] {
  if (kernels.every(({ scenarios }) => scenarios.length === 0))
    return ['`test` has not run on any of them yet.'];
  const rows = kernels.flatMap(({ version, scenarios }) =>
    scenarios
      .filter(({ outcome }) => outcome !== 'passed')
      .map(({ scenario, outcome, reason = '' }) => [version, scenario, outcome, reason]),
  );
  return rows.length === 0
    ? ['All of them passed.']
    : table(['kernel', 'scenario', 'outcome', 'reason'], rows);
}

function whyOf(kind: Change['kind'], name: string): string {
  const change = changes.find((one) => one.kind === kind && one.of.includes(name));
  return change === undefined ? 'not known' : told(change);
}

function told({ since, what, where, commit }: Change): string {
  const place = [where, commit === null ? '' : `commit ${commit}`].filter((text) => text !== '').join(', ');
  return `${since === null ? '' : `since ${since}: `}${what} (${place})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const row = (texts: readonly string[]) =>
    `| ${texts.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)];
}

function countBy(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([value, count]) => `${count} ${value}`)
    .join(', ');
}
