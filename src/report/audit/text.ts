import { many } from '../../many.ts';
import { formatSpan } from '../../time.ts';
import type { Summary } from '../ci.ts';
import { rowsOf } from '../columns.ts';
import type { AuditDocument } from '../documents/audit.ts';
import type { Paint } from '../paint.ts';
import { hang } from '../text.ts';

type Finding = AuditDocument['findings'][number];

/** `one screen`: findings that do not fit get one line each. */
type Detail = 'one screen' | 'everything';

export function auditText(document: AuditDocument, paint: Paint, detail: Detail): string[] {
  const { findings } = document;
  const wrong = findings.filter(({ severity }) => severity === 'wrong');
  const notes = findings.filter(({ severity }) => severity === 'note');
  const head = headLines(document, paint);
  const foot = [...unseenLines(document, paint), verdictLine(document, notes, paint)];
  const room =
    detail === 'everything'
      ? Number.POSITIVE_INFINITY
      : rowsOf(process.stdout) - 2 - head.length - foot.length - notes.length;
  return [
    ...head,
    ...wrongLines(wrong, room, paint),
    ...notes.flatMap((note) => (detail === 'everything' ? fullLines(note, paint) : briefLines(note, paint))),
    ...foot,
  ];
}

function headLines(
  { scope, connections, listeners, timeWaits, spanMs, way }: AuditDocument,
  paint: Paint,
): string[] {
  const looks = spanMs === null ? 'one reading' : `two readings, ${formatSpan(spanMs)} apart`;
  const counts = [
    many(connections, 'connection'),
    many(listeners, 'listener'),
    many(timeWaits, 'TIME_WAIT'),
  ].join(', ');
  return hang('', `${paint.title(scope)}: ${counts} (${way}, ${looks})`);
}

/** The first findings in full, as many as fit, and the others in brief. */
function wrongLines(findings: readonly Finding[], room: number, paint: Paint): string[] {
  const lines: string[] = [];
  for (const [i, finding] of findings.entries()) {
    const full = fullLines(finding, paint);
    const others = findings.length - i - 1;
    const fits = i === 0 || lines.length + full.length + others * 2 <= room;
    lines.push(...(fits ? full : briefLines(finding, paint)));
  }
  return lines;
}

function headline({ kind, severity, what }: Finding, paint: Paint): string[] {
  const [mark, colour] = severity === 'wrong' ? ['✖', paint.bad] : ['·', paint.faint];
  return hang(`${mark} `, `${kind}: ${what}`).map((line, i) =>
    i === 0 ? line.replace(`${mark} ${kind}:`, `${colour(mark ?? '')} ${paint.title(`${kind}:`)}`) : line,
  );
}

/** A finding in brief: only the side and the processes at fault. */
function briefLines(finding: Finding, paint: Paint): string[] {
  if (finding.severity === 'note') return headline(finding, paint);
  const { side, processes } = finding.fault;
  const pids = processes.map(({ pid }) => pid).join(', ');
  const who = pids === '' ? side : `${side}, pid ${pids}`;
  return headline({ ...finding, what: `${finding.what}: ${who}` }, paint);
}

function fullLines(finding: Finding, paint: Paint): string[] {
  const { fault, trend, cost, steps } = finding;
  const descriptors = fault.processes.flatMap(({ descriptors }) => descriptors);
  const which =
    descriptors.length === 0
      ? ''
      : ` (descriptor${descriptors.length === 1 ? '' : 's'} ${descriptors.slice(0, 8).join(', ')}${finding.count > 8 ? ' ...' : ''})`;
  const outlook = [trend, cost].filter((text) => text !== null).join('; ');
  return [
    ...headline(finding, paint),
    ...hang('    ', `${fault.side}: ${fault.because}${which}`),
    ...(outlook === '' ? [] : hang('    ', outlook)),
    ...steps.flatMap((step) => stepLines(step, finding, paint)),
  ];
}

function stepLines(
  { text, command, code }: Finding['steps'][number],
  { language }: Finding,
  paint: Paint,
): string[] {
  const inLanguage = language === null ? undefined : code?.[language];
  const said = inLanguage === undefined ? text : `${text}. ${language}: ${inLanguage}`;
  const one = hang('  → ', command === null ? said : `${said}: ${command}`);
  if (command === null || one.length === 1) return one;
  // A command to paste stays on one line.
  return [...hang('  → ', `${said}:`), `    ${paint.title(command)}`];
}

function unseenLines({ unseen }: AuditDocument, paint: Paint): string[] {
  return unseen.flatMap(({ what, how, command }) =>
    hang('? ', `not seen: ${what} (${command === null ? how : `${how}: ${command}`})`).map(paint.faint),
  );
}

function verdictLine(document: AuditDocument, notes: readonly Finding[], paint: Paint): string {
  const { level, text } = auditSummary(document);
  const noted = notes.length === 0 ? '' : `, ${many(notes.length, 'note')}`;
  return (level === 'error' ? paint.bad : paint.good)(`${text}${noted}`);
}

/** `3 things are wrong`, `nothing is wrong in what could be seen`. */
export function auditSummary({ findings, unseen }: AuditDocument): Summary {
  const wrong = findings.filter(({ severity }) => severity === 'wrong').length;
  if (wrong > 0) return { level: 'error', text: `${many(wrong, 'thing is', 'things are')} wrong` };
  return { level: 'notice', text: `nothing is wrong${unseen.length === 0 ? '' : ' in what could be seen'}` };
}
