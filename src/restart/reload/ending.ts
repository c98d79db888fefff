import type { Cause, Ending } from '../trial.ts';
import type { ReloadSeen } from './reload.ts';

export function unanswered({ answer, by }: ReloadSeen): Cause | null {
  const isError = answer.status !== null && answer.status >= 500;
  if (answer.class === 'answered' && !isError) return null;
  const how = isError ? `was answered with status ${answer.status}` : `was not answered (${answer.class})`;
  const what = {
    signal: `${'signal' in by ? by.signal : ''}`,
    command: 'the command',
    handover: 'the handover',
  }[by.kind];
  return {
    code: 'no-answer-after-reload',
    explanation: `A request on a new connection ${how} after ${what}.`,
    remedy: 'look at its output and at its new configuration',
  };
}

export function describe({ status, signal }: Ending): string {
  return signal === null ? `with exit status ${status}` : `by ${signal}`;
}
