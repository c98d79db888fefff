import { type RunCommandDocument, runCommandDocumentOf } from '../report/documents/run-command.ts';
import { type RunEvent, runCommand } from '../run/run.ts';
import { type Following, requireLinux, signalOf } from './following.ts';

export interface RunOptions extends Following<RunEvent> {
  /** Called once, with what passes a signal on to the command. */
  readonly onStart?: ((pass: (signal: NodeJS.Signals) => void) => void) | undefined;
}

/**
 * Runs a command with this process's own standard input and outputs.
 * @throws TcpcloseError `no-command`, `supervisor-lost`
 */
export async function run(words: readonly string[], options: RunOptions = {}): Promise<RunCommandDocument> {
  requireLinux();
  const { onEvent, onStart } = options;
  const abort = signalOf(options);
  const result = await runCommand(words, {
    onEvent: (event) => onEvent?.(event),
    onStart: (pass) => {
      onStart?.(pass);
      abort.addEventListener('abort', () => pass('SIGTERM'), { once: true });
    },
  });
  return runCommandDocumentOf(words, result);
}
