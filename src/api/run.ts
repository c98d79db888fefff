import { type RunCommandDocument, runCommandDocumentOf } from '../report/documents/run-command.ts';
import type { RunEvent } from '../report/run/run-event.ts';
import type { Children } from '../run/children.ts';
import { runCommand } from '../run/run.ts';
import { requireCommand } from './command.ts';
import { type Following, requireLinux, signalOf } from './following.ts';

export interface RunOptions extends Following<RunEvent> {
  /** Called once, with a function that passes a signal on to the command. */
  readonly onStart?: ((pass: (signal: NodeJS.Signals) => void) => void) | undefined;
}

/** @param children what to end if the process that answers the watched calls was killed: all children, or only what the command started */
export async function run(
  words: readonly string[],
  options: RunOptions = {},
  children: Children = 'others, too',
): Promise<RunCommandDocument> {
  requireLinux();
  requireCommand(words, 'give one, such as npm test');
  const { onEvent, onStart } = options;
  const abort = signalOf(options);
  let end = () => {};
  try {
    const result = await runCommand(words, {
      children,
      onEvent: (event) => onEvent?.(event),
      onStart: (pass) => {
        onStart?.(pass);
        end = () => pass('SIGTERM');
        if (abort.aborted) end();
        else abort.addEventListener('abort', end, { once: true });
      },
    });
    return runCommandDocumentOf(words, result);
  } finally {
    abort.removeEventListener('abort', end);
  }
}
