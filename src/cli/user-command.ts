/** What commands that start the user's server have in common. */
import { Option } from 'commander';
import { parseRegex } from '../api/regex.ts';
import type { WaitingEvent } from '../api/waiting.ts';
import { TcpcloseError } from '../errors.ts';
import { type Clock, clockOf, Progress } from '../report/progress.ts';
import { parseRequest } from './restart/options.ts';

export function readyOption(): Option {
  return new Option(
    '--ready <regex>',
    'wait until a line of the output of the server matches <regex>, or /<regex>/<flags>',
  ).argParser(parseRegex);
}

export function requestOption(): Option {
  return new Option(
    '--request <text>',
    'send these bytes from each client, with \\r, \\n and \\xNN escaped, or those of @file',
  ).argParser(parseRequest);
}

/** Shows what is awaited, and the last lines of a server that ended too early. */
export async function whileWaiting<Result>(
  run: (onEvent: (event: WaitingEvent) => void) => Promise<Result>,
): Promise<Result> {
  const progress = new Progress();
  try {
    return await run((event) => sayWaiting(progress, event));
  } catch (error) {
    if (error instanceof TcpcloseError && 'output' in error)
      process.stderr.write(lastLines(String(error.output)));
    throw error;
  } finally {
    progress.stop();
  }
}

/** Shows how long all rounds will still take once that can be estimated, and until then how long this wait lasts. */
function sayWaiting(progress: Progress, { what, leftMs, atMostMs, round }: WaitingEvent): void {
  const clock: Clock = atMostMs === null ? clockOf(leftMs) : { type: 'at most', ms: atMostMs };
  if (round === null) {
    progress.say(what, clock);
    return;
  }
  const all: Clock = round.leftMs === null ? clock : { type: 'about', ms: round.leftMs };
  progress.say(`round ${round.number} of ${round.of}: ${what}`, all);
}

const keptLines = 20;

function lastLines(output: string): string {
  return output.trim() === '' ? '' : `${output.trimEnd().split('\n').slice(-keptLines).join('\n')}\n`;
}
