import { many } from '../../many.ts';
import type { MergeDocument } from '../documents/merge.ts';
import type { Paint } from '../paint.ts';
import { hang } from '../text.ts';

type Shares = MergeDocument['settings'][number]['values'];

/** What hosts have in common, and how they differ. */
export function mergeText(document: MergeDocument, paint: Paint): string[] {
  const { audits, ledgers, kernels } = document;
  return [
    `${many(audits, 'audit')}, ${many(ledgers, 'ledger')} of claims`,
    ...hang(
      'kernels  ',
      kernels.map(({ kernel, documents }) => `${kernel} (${documents})`).join(', ') || 'none',
    ),
    ...claimLines(document, paint),
    ...findingLines(document, paint),
    ...settingLines(document, paint),
    ...unreadLines(document, paint),
  ];
}

function claimLines({ claims, ledgers }: MergeDocument, paint: Paint): string[] {
  if (ledgers === 0) return [];
  const split = claims.filter(({ findings }) => findings.length > 1);
  const agreed = claims.length - split.length;
  return [
    '',
    paint.title('Claims on which hosts differ'),
    ...split.flatMap(({ id, claim, findings, kernels }) => [
      ...hang(`  ${id}  `, claim),
      ...findings.flatMap((share) => shareLines('       ', share)),
      ...byKernel(kernels),
    ]),
    ...hang('  ', split.length === 0 ? `none: all agree on ${agreed}` : `All agree on the other ${agreed}.`),
  ];
}

// If the hosts with each kernel agree, but the kernels differ, the finding depends on the kernel.
function byKernel(kernels: MergeDocument['claims'][number]['kernels']): string[] {
  const isSettled = kernels.length > 1 && kernels.every(({ findings }) => findings.length === 1);
  if (!isSettled) return [];
  return hang(
    '       ',
    `hosts with the same kernel agree: ${kernels.map(({ kernel, findings }) => `${kernel} ${findings[0]?.value}`).join(', ')}`,
  );
}

function findingLines({ findings, audits }: MergeDocument, paint: Paint): string[] {
  if (audits === 0) return [];
  const wrong = findings.filter((finding) => finding.wrong > 0);
  return [
    '',
    paint.title('What is wrong'),
    ...wrong.flatMap(({ kind, wrong, median, largest, kernels }) => [
      ...hang(
        `  ${kind}  `,
        `on ${wrong} of ${audits}: median ${median}, most ${largest
          .slice(0, 3)
          .map(({ host, count }) => `${count} (${host})`)
          .join(', ')}`,
      ),
      ...(kernels.length < 2
        ? []
        : hang('    ', kernels.map(({ kernel, wrong, of }) => `${kernel}: ${wrong} of ${of}`).join(', '))),
    ]),
    ...(wrong.length === 0 ? [`  nothing, in ${many(audits, 'audit')}`] : []),
  ];
}

function settingLines({ settings }: MergeDocument, paint: Paint): string[] {
  const split = settings.filter(({ values }) => values.length > 1);
  if (split.length === 0) return [];
  return [
    '',
    paint.title('Settings that differ'),
    ...split.flatMap(({ name, values }) => [
      `  ${name}`,
      ...values.flatMap((share) => shareLines('    ', share)),
    ]),
  ];
}

function shareLines(indent: string, { value, count, first }: Shares[number]): string[] {
  const more = count > first.length ? ' ...' : '';
  return hang(`${indent}${value}  `, `${count}: ${first.slice(0, 5).join(', ')}${count > 5 ? ' ...' : more}`);
}

function unreadLines({ unread: { count, first } }: MergeDocument, paint: Paint): string[] {
  if (count === 0) return [];
  return [
    '',
    paint.bad(`${many(count, 'document')} could not be read`),
    ...first.flatMap(({ from, reason }) => hang(`  ${from}: `, reason)),
    ...(count > first.length ? ['  ...'] : []),
  ];
}
