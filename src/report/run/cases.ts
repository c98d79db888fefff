import { type Case, problem } from '../ci.ts';
import type { RunCommandDocument } from '../documents/run-command.ts';

type Failure = RunCommandDocument['failures'][number];

/** A case for each failed bind, or one that passed if no bind failed. A command that ended with 0 has coped with its failures. */
export function runCases(document: RunCommandDocument): Case[] {
  const { command, failures, watching, durationMs, status } = document;
  const common = { suite: command, className: 'tcpclose.run' };
  if (failures.length === 0) {
    const name = 'every bind passes';
    const result =
      watching.state === 'on'
        ? ({ state: 'passed', remark: null } as const)
        : ({ state: 'skipped', reason: watching.reason } as const);
    return [{ ...common, name, title: name, durationMs, result, facts: {}, warnings: document.disturbed }];
  }
  return failures.map((failure) => {
    const { text, remedy, kind, pid, times, atMs } = failure;
    const name = nameOf(failure);
    const result =
      status === 0
        ? ({ state: 'passed', remark: null } as const)
        : ({ state: 'failed', problems: [problem(`${text}.`, { type: kind, remedy })] } as const);
    const warnings = status === 0 ? [`${text}. Remedy: ${remedy}`] : [];
    return {
      ...{ ...common, name, title: name, durationMs: null, result, warnings },
      facts: { kind, pid, times, at_ms: atMs, holder: failure.holders[0]?.pid ?? null },
    };
  });
}

function nameOf({ call, address, port, path, pid }: Failure): string {
  const place =
    path ?? (port === null ? 'a socket' : `port ${port}${address === null ? '' : ` of ${address}`}`);
  return `${call} to ${place} by pid ${pid}`;
}
