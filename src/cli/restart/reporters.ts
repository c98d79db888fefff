import { closeSync, writeSync } from 'node:fs';
import type { RestartDocument } from '../../report/documents/restart.ts';
import { createPaint, type Paint } from '../../report/paint.ts';
import { restartGithub } from '../../report/restart/github.ts';
import { restartJunit } from '../../report/restart/junit.ts';
import { restartText } from '../../report/restart/text.ts';
import { openFile, parseReporterOf, type ReporterChoice, refuseTwoOnOutput } from '../reporter-options.ts';

type Render = (document: RestartDocument, paint: Paint) => string[];

const reporters = {
  text: restartText,
  json: (document) => [JSON.stringify(document, null, 2)],
  junit: restartJunit,
  github: restartGithub,
} as const satisfies Record<string, Render>;

const names = Object.keys(reporters) as (keyof typeof reporters)[];

export type RestartReporterChoice = ReporterChoice<keyof typeof reporters>;

export function addReporter(
  text: string,
  before: readonly RestartReporterChoice[] = [],
): readonly RestartReporterChoice[] {
  return [...before, parseReporterOf(names, text)];
}

/**
 * Opens what was chosen before the experiment begins, or `text` if nothing was; gives what writes the document.
 * @throws UsageError when two would write to standard output, or a file cannot be written
 */
export async function openRestartReporters(
  choices: readonly RestartReporterChoice[],
  { json, color }: { readonly json?: boolean; readonly color: boolean },
): Promise<(document: RestartDocument) => void> {
  const first: RestartReporterChoice = { name: json ? 'json' : 'text', file: undefined };
  const chosen = json || choices.length === 0 ? [first, ...choices] : choices;
  refuseTwoOnOutput(chosen);
  const paint = await createPaint(color ? 'auto' : 'never', process.stdout.isTTY === true);
  const plain = await createPaint('never', false);
  const writers = chosen.map(({ name, file }) => {
    const render: Render = reporters[name];
    if (file === undefined) {
      return (document: RestartDocument) => void process.stdout.write(textOf(render(document, paint)));
    }
    const descriptor = openFile(file);
    return (document: RestartDocument) => {
      writeSync(descriptor, textOf(render(document, plain)));
      closeSync(descriptor);
    };
  });
  return (document) => {
    for (const write of writers) write(document);
  };
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
