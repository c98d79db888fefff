import * as v from 'valibot';
import type { Audit, NamedFinding } from '../../audit/audit.ts';
import type { Shell } from '../../diagnose/advice/shell.ts';
import { type DocumentOf, endpoint, machine, schemaVersion } from './parts.ts';
import { languageOfFirst, stepDocuments } from './why-parts.ts';

const describe = v.description;
const milliseconds = v.nullable(v.number());

const finding = v.object({
  kind: v.pipe(v.string(), describe('what was looked for, such as close-wait')),
  severity: v.pipe(
    v.picklist(['wrong', 'note']),
    describe('wrong does harm, now or soon; a healthy machine may have notes'),
  ),
  what: v.string(),
  count: v.pipe(v.number(), describe('sockets, or whatever else the finding counts')),
  fault: v.object({
    side: v.picklist(['this side', 'the other side', 'the network', 'a setting', 'nobody', 'unknown']),
    processes: v.pipe(
      v.array(
        v.object({
          pid: v.number(),
          command: v.string(),
          user: v.nullable(v.string()),
          descriptors: v.pipe(v.array(v.number()), describe('of these sockets, the first of them')),
        }),
      ),
      describe('of the side at fault, if it is on this machine'),
    ),
    because: v.string(),
  }),
  since: v.pipe(
    v.nullable(
      v.object({
        oldestMs: v.number(),
        newestMs: v.number(),
        precision: v.pipe(
          v.picklist(['exact', 'at least']),
          describe('at least: keep-alive since then hides the true age'),
        ),
      }),
    ),
    describe('how old the oldest and the newest are'),
  ),
  trend: v.pipe(v.nullable(v.string()), describe('how it develops')),
  cost: v.pipe(v.nullable(v.string()), describe('what it will cost, and when')),
  steps: v.pipe(
    v.array(
      v.object({
        text: v.string(),
        command: v.pipe(v.nullable(v.string()), describe('to be pasted into a shell')),
        code: v.nullable(v.record(v.string(), v.string())),
      }),
    ),
    describe('what to do, the best first'),
  ),
  language: v.pipe(v.nullable(v.string()), describe('of the process at fault, from its command line')),
  sockets: v.pipe(v.array(v.object({ local: endpoint, remote: endpoint })), describe('the first of them')),
  figures: v.pipe(
    v.record(v.string(), v.nullable(v.number())),
    describe('numbers behind the words, by kind'),
  ),
});

/** What `tcpclose audit --json` prints. */
export const auditDocument = v.object({
  schemaVersion,
  on: v.pipe(v.nullable(v.string()), describe('the launcher that led to the machine; null without one')),
  machine,
  scope: v.pipe(v.string(), describe('this machine, or the process, port or destination')),
  verdict: v.pipe(
    v.picklist(['nothing is wrong', 'wrong']),
    describe('about what could be seen: see unseen'),
  ),
  findings: v.pipe(v.array(finding), describe('worst first')),
  unseen: v.pipe(
    v.array(v.object({ what: v.string(), how: v.string(), command: v.nullable(v.string()) })),
    describe('what could not be seen, and is not judged'),
  ),
  connections: v.pipe(v.number(), describe('in all states but TIME_WAIT')),
  listeners: v.number(),
  timeWaits: v.pipe(v.number(), describe('that the audit is about; a process has none')),
  at: v.pipe(v.string(), describe('when the last reading was made, ISO 8601: ages are those at that moment')),
  spanMs: v.pipe(milliseconds, describe('between the two readings; null for one reading')),
  way: v.string(),
  thresholds: v.pipe(v.record(v.string(), v.number()), describe('ages in milliseconds, shares in percent')),
});

export type AuditDocument = DocumentOf<typeof auditDocument>;

interface AuditContext extends Pick<AuditDocument, 'on' | 'machine' | 'scope' | 'thresholds'> {
  readonly shell: Shell;
}

export function auditDocumentOf(
  audit: Audit,
  { on, machine, scope, thresholds, shell }: AuditContext,
): AuditDocument {
  return {
    schemaVersion: 1,
    on,
    machine,
    scope,
    ...audit,
    findings: audit.findings.map(findingDocument),
    unseen: audit.unseen.map(({ what, how, asRoot }) => {
      const command = asRoot === 'yes' ? shell.tcpclose('root', 'audit') : null;
      return { what, how, command };
    }),
    thresholds,
  };
}

function findingDocument({ weight: _, ...finding }: NamedFinding): AuditDocument['findings'][number] {
  const { since, fault, steps } = finding;
  return {
    ...finding,
    since: since && {
      ...since,
      oldestMs: Math.round(since.oldestMs),
      newestMs: Math.round(since.newestMs),
    },
    language: languageOfFirst(fault.processes),
    steps: stepDocuments(steps),
  };
}
