import { shownCommand } from '../../foreign.ts';
import { type Case, type CaseResult, problem } from '../ci.ts';
import type { RestartDocument } from '../documents/restart.ts';
import { describeLoss, lossLines } from './load-text.ts';
import { outputOf, titleOf, watchingOf } from './words.ts';

type Run = RestartDocument['runs'][number];

/** A case for each way to restart. */
export function restartCases({ command, runs }: RestartDocument): Case[] {
  const shown = shownCommand(command);
  return runs.map((run) => ({
    ...{ suite: shown, className: 'tcpclose.restart', name: titleOf(run), title: titleOf(run) },
    durationMs: run.durationMs,
    result: resultOf(run, shown),
    facts: factsOf(run),
    warnings: run.warnings,
  }));
}

function resultOf(run: Run, command: string): CaseResult {
  const { cause, reason, evidence, outageMs, load } = run;
  const text = textOf(run);
  const calls = `(calls: ${watchingOf(run)})`;
  switch (run.verdict) {
    case 'survives': {
      const lost = load === null ? '' : `${describeLoss(load)}, `;
      return {
        state: 'passed',
        remark: `${command} survives, ${lost}${run.reload == null ? `${Math.round(outageMs ?? 0)} ms outage` : titleOf(run)} ${calls}`,
      };
    }
    case 'loses': {
      const rest = { type: cause ?? 'loses', remedy: evidence?.remedy ?? null, text };
      const what = load === null ? 'loses requests' : describeLoss(load);
      return {
        state: 'failed',
        problems: [problem(`survives, ${what}: ${evidence?.explanation ?? ''} ${calls}`, rest)],
      };
    }
    case 'fails': {
      const rest = { type: cause ?? 'fails', remedy: evidence?.remedy ?? null, text };
      return { state: 'failed', problems: [problem(`${evidence?.explanation ?? ''} ${calls}`, rest)] };
    }
    case 'not decided':
      return { state: 'undecided', problems: [problem(reason ?? '', { text })] };
  }
}

/** What a report has room for beyond the message. */
function textOf(run: Run): string {
  const { evidence, load } = run;
  const output = outputOf(run);
  const all = load?.losses ?? [];
  // The cause may be one of the losses, and is already named.
  const losses = all.filter(({ explanation }) => explanation !== evidence?.explanation);
  return [
    ...(evidence?.explanation ? [evidence.explanation] : []),
    ...(evidence?.remedy ? [`Remedy: ${evidence.remedy}`] : []),
    ...(losses.length === 0
      ? []
      : [`${losses.length < all.length ? 'Other losses' : 'Losses'}:`, ...lossLines(losses)]),
    `Calls: ${watchingOf(run)}`,
    ...(output === '' ? [] : ['Its last output:', output]),
  ].join('\n');
}

function factsOf(run: Run): Case['facts'] {
  const { verdict, cause, reason, evidence, outageMs, load } = run;
  return {
    ...{ verdict, cause, reason },
    explanation: evidence?.explanation ?? null,
    remedy: evidence?.remedy ?? null,
    calls: watchingOf(run),
    ...{ requests: load?.requests ?? null, lost: load?.lost ?? null, load: load?.asked ?? null },
    output: outputOf(run) || null,
    outage_ms: outageMs === null ? null : Math.round(outageMs),
  };
}
