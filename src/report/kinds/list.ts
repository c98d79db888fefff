import { groupBy } from '../../group.ts';
import { type ListDocument, listDocument } from '../documents/list.ts';
import { listCases } from '../list/cases.ts';
import { escaped, tableOf } from '../markdown/words.ts';
import type { DocumentKind } from './kind.ts';

export const listKind: DocumentKind<ListDocument> = {
  schema: listDocument,
  title: ({ scenarios }) => `tcpclose list: ${scenarios.length} scenarios`,
  markdown: ({ scenarios }) => [
    '# Scenarios',
    '',
    ...[...groupBy(scenarios, ({ topic }) => topic)].flatMap(([topic, own]) => [
      `## ${escaped(topic)}`,
      '',
      ...tableOf(
        ['scenario', 'claim', 'needs'],
        own.map(({ scenario, claim, needs, slow }) => [
          escaped(scenario),
          escaped(claim),
          escaped([...needs, ...(slow === null ? [] : [`slow: ${slow}`])].join(', ')),
        ]),
      ),
    ]),
  ],
  cases: listCases,
};
