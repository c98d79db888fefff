import { doctorCases } from '../doctor/cases.ts';
import { marks } from '../doctor.ts';
import { type DoctorDocument, doctorDocument } from '../documents/doctor.ts';
import { escaped, tableOf } from '../markdown/words.ts';
import type { DocumentKind } from './kind.ts';

export const doctorKind: DocumentKind<DoctorDocument> = {
  schema: doctorDocument,
  title: ({ verdict }) => `tcpclose doctor: ${verdict}`,
  markdown: ({ groups, verdict }) => [
    `# tcpclose doctor: ${verdict}`,
    '',
    ...groups.flatMap(({ title, checks }) => [
      `## ${escaped(title)}`,
      '',
      ...tableOf(
        ['', '', 'here', 'without it'],
        checks.map(({ name, state, detail, costs }) => [
          marks[state],
          escaped(name),
          escaped(detail),
          state === 'available' ? '' : escaped(costs),
        ]),
      ),
    ]),
  ],
  cases: doctorCases,
};
