import type { Output, Reporter, ReporterContext } from './reporter.ts';

/** The document of the command, at its end. */
export function json({ output }: ReporterContext): Reporter {
  return { onEnd: (document) => printJson(output, document) };
}

function printJson(output: Output, document: unknown): void {
  output.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** One line of JSON for everything that happens, as it happens. */
export function ndjson({ output }: ReporterContext): Reporter {
  const onLine = (line: object) => output.write(`${JSON.stringify(line)}\n`);
  return {
    onLine,
    onError: ({ type, message }) => onLine({ type: 'error', schemaVersion: 1, code: type, message }),
  };
}
