import type { RestartDocument } from '../../report/documents/restart.ts';
import { OutputFile } from '../../report/output-file.ts';
import { createPaint, type Paint } from '../../report/paint.ts';
import type { ReporterName } from '../../report/reporters.ts';
import { restartGithub } from '../../report/restart/github.ts';
import { restartJunit } from '../../report/restart/junit.ts';
import { restartNdjson } from '../../report/restart/ndjson.ts';
import { restartTap } from '../../report/restart/tap.ts';
import { restartText } from '../../report/restart/text.ts';
import type { ReporterChoice } from '../reporter-options.ts';

type Render = (document: RestartDocument, paint: Paint) => string[];

const reporters = {
  text: restartText,
  json: (document) => [JSON.stringify(document, null, 2)],
  ndjson: restartNdjson,
  tap: restartTap,
  junit: restartJunit,
  github: restartGithub,
} as const satisfies Record<ReporterName, Render>;

/**
 * Opens the chosen reporters before the experiment begins. Returns a function that writes the document.
 * @throws UsageError when a file cannot be written
 */
export async function openRestartReporters(
  choices: readonly ReporterChoice[],
  { color }: { readonly color: boolean },
): Promise<(document: RestartDocument) => void> {
  const paint = await createPaint(color ? 'auto' : 'never', process.stdout.isTTY === true);
  const plain = await createPaint('never', false);
  const writers = choices.map(({ name, file }) => {
    const render: Render = reporters[name];
    if (file === undefined) {
      return (document: RestartDocument) => void process.stdout.write(textOf(render(document, paint)));
    }
    const output = new OutputFile(file);
    return (document: RestartDocument) => {
      output.write(textOf(render(document, plain)));
      output.close();
    };
  });
  return (document) => {
    for (const write of writers) write(document);
  };
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
