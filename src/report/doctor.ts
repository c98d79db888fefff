import type { DoctorDocument } from './documents/doctor.ts';
import type { Paint } from './paint.ts';
import { hang } from './text.ts';
import { padColumns, widthOf } from './width.ts';

type Check = DoctorDocument['groups'][number]['checks'][number];

export const marks = { available: '✔', limited: '!', missing: '✖' } as const;

/** What this machine allows, by group, and finally how much is missing. */
export function doctorText({ groups }: DoctorDocument, paint: Paint): string[] {
  const checks = groups.flatMap(({ checks }) => checks);
  const width = Math.max(...checks.map(({ name }) => widthOf(name)));
  return [
    ...groups.flatMap(({ title, checks }) => [
      paint.title(title),
      ...checks.flatMap((check) => checkText(check, width, paint)),
      '',
    ]),
    ...summary(checks),
  ];
}

function checkText({ name, state, detail, costs }: Check, width: number, paint: Paint): string[] {
  const first = `  ${marks[state]} ${padColumns(name, width)}  `;
  const [line = '', ...rest] = hang(first, detail);
  const lost = state === 'available' ? [] : hang(' '.repeat(widthOf(first)), `without it: ${costs}`);
  const color = { available: paint.good, limited: paint.bad, missing: paint.bad }[state];
  return [line.replace(marks[state], color), ...rest, ...lost.map(paint.faint)];
}

function summary(checks: readonly Check[]): string[] {
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length;
  const [limited, missing] = [count('limited'), count('missing')];
  if (limited + missing === 0) return hang('', 'Everything that tcpclose uses is available here.');
  return hang(
    '',
    `${count('available')} of ${checks.length} available, ${limited} limited, ${missing} missing. What is missing is skipped with its reason, never assumed.`,
  );
}
