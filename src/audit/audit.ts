import type { Shell } from '../diagnose/advice/shell.ts';
import type { Unseen } from '../diagnose/unseen.ts';
import type { Place } from '../observe/place.ts';
import { sleep } from '../time.ts';
import type { Waiting } from '../waiting.ts';
import { earlierLook, look, withoutProcesses, withProcesses } from './facts/look.ts';
import { Sources } from './facts/sources.ts';
import { type EarlierLook, Facts, type FullLook, type Look } from './facts.ts';
import type { Finding } from './finding.ts';
import { findingKinds } from './registry.ts';
import { choiceOf, type Scope } from './scope.ts';
import type { Thresholds } from './thresholds.ts';
import { unseenIn } from './unseen.ts';

interface AuditQuestion {
  readonly place: Place;
  readonly scope: Scope;
  /** Milliseconds between the two readings; 0 for one reading. */
  readonly forMs: number;
  readonly thresholds: Thresholds;
  /** Writes commands for the place, once its user is known. */
  readonly shell: (ownUid: number | null) => Shell;
  readonly signal: AbortSignal;
  readonly progress: Waiting;
}

export interface NamedFinding extends Finding {
  /** The name of its kind. */
  readonly kind: string;
}

export interface Audit {
  /** Worst first. */
  readonly findings: readonly NamedFinding[];
  /** `wrong` if at least one finding is. */
  readonly verdict: 'nothing is wrong' | 'wrong';
  /** What could not be seen, and so was not audited. */
  readonly unseen: readonly Unseen[];
  readonly connections: number;
  readonly listeners: number;
  readonly timeWaits: number;
  /** The time of the last look, as ISO 8601, to which ages refer. */
  readonly at: string;
  /** Milliseconds between the readings; null for one reading. */
  readonly spanMs: number | null;
  /** The label of the observer. */
  readonly way: string;
}

/**
 * Looks at all connections of a network, twice if there is time, and finds what is wrong with them.
 * @throws UsageError for a process that does not exist; TcpcloseError without a way to look
 */
export async function audit(question: AuditQuestion): Promise<Audit> {
  const { place, forMs, signal, progress } = question;
  const startedAt = performance.now();
  const before = forMs > 0 ? await earlierLook(place, signal) : null;
  if (before !== null) progress('waiting for the second reading', { at: startedAt + forMs });
  await sleep(Math.max(0, forMs - (performance.now() - startedAt)), signal);
  progress('reading all connections');
  const now = await look(place, signal);
  const facts = await factsOf(question, before, now);
  const findings = await findAll(facts);
  return {
    findings: findings.sort(bySeverity),
    verdict: findings.some(({ severity }) => severity === 'wrong') ? 'wrong' : 'nothing is wrong',
    unseen: await unseenIn(facts),
    connections: facts.connections.length,
    listeners: facts.listeners.length,
    timeWaits: facts.timeWaits,
    at: new Date(performance.timeOrigin + now.atMs).toISOString(),
    spanMs: before === null ? null : facts.spanMs,
    way: now.table.way,
  };
}

/** Makes the findings twice: the first time shows which processes they need, because searching for all of them takes long. */
async function factsOf(question: AuditQuestion, before: EarlierLook | null, now: Look): Promise<Facts> {
  const { place, thresholds, scope, signal } = question;
  const sources = new Sources(place, signal);
  const isChosen = choiceOf(scope, now.table, place);
  const shared = { place, thresholds, before, isChosen, sources, signal };
  const scopeKind: Facts['scope'] = scope.kind === 'machine' ? 'machine' : 'part';
  const make = (now: FullLook) =>
    new Facts({ ...shared, scope: scopeKind, now, shell: question.shell(now.processes.table.ownUid) });
  const asking = make(withoutProcesses(now));
  await findAll(asking);
  return make(await withProcesses(now, place, asking.asked, signal));
}

async function findAll(facts: Facts): Promise<NamedFinding[]> {
  const found: NamedFinding[] = [];
  for (const kind of findingKinds) {
    for (const finding of await kind.find(facts)) found.push({ kind: kind.name, ...finding });
  }
  return found;
}

function bySeverity(a: Finding, b: Finding): number {
  if (a.severity !== b.severity) return a.severity === 'wrong' ? -1 : 1;
  return b.weight - a.weight || b.count - a.count;
}
