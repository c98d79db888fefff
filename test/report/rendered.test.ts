import { expect, test } from 'vitest';
import { auditText } from '../../src/report/audit/text.ts';
import { ledgerText } from '../../src/report/claims/text.ts';
import type { MatrixDocument } from '../../src/report/documents/matrix.ts';
import type { RunDocument } from '../../src/report/documents/run.ts';
import { cells } from '../../src/report/drawing/cells.ts';
import { lanes, wholeRun } from '../../src/report/drawing/lanes.ts';
import { svgText } from '../../src/report/drawing/svg-text.ts';
import { idleText } from '../../src/report/idle/text.ts';
import { kindOf } from '../../src/report/kinds/kinds.ts';
import { matrixText } from '../../src/report/matrix/text.ts';
import { plain } from '../../src/report/paint.ts';
import { restartText } from '../../src/report/restart/text.ts';
import { saved } from './saved.ts';

// Documents of real runs, as readers get them: a change of a reporter shows here as a change of what it writes.
const commands: Readonly<Record<string, string>> = {
  ...{ audit: 'audit', claims: 'claims', idle: 'idle', matrix: 'matrix', restart: 'restart', run: 'demo' },
  ...{ 'restart-handover': 'restart', 'restart-load': 'restart', 'restart-reload': 'restart' },
  ...{ suite: 'test', watch: 'watch', why: 'why' },
};
const names = Object.entries(commands);

async function shown(name: string, command: string) {
  const kind = await kindOf(command);
  if (kind === undefined) throw new Error(`nothing is shown of ${command}`);
  const document = saved(name);
  return { kind, document: kind.read === undefined ? document : kind.read(document) };
}

test.each(names)('%s in Markdown', async (name, command) => {
  const { kind, document } = await shown(name, command);
  const text = `${kind.title(document)}, ${kind.durationMs?.(document) ?? 0} ms\n\n${kind.markdown(document).join('\n')}\n`;
  await expect(text).toMatchFileSnapshot(`rendered/${name}.md`);
});

test.each(names)('%s as results for CI', async (name, command) => {
  const { kind, document } = await shown(name, command);
  await expect(`${JSON.stringify(kind.cases?.(document), null, 1)}\n`).toMatchFileSnapshot(
    `rendered/${name}.cases.txt`,
  );
});

// Without the style sheet, which is of the page.
test('a run as a picture', async () => {
  const run = saved<RunDocument>('run');
  const svg = svgText(lanes(run, wholeRun(run, 1100)));
  await expect(`${svg.replaceAll('><', '>\n<')}\n`).toMatchFileSnapshot('rendered/run.svg.txt');
});

test('the table of binds as a picture', async () => {
  const svg = svgText(cells(saved<MatrixDocument>('matrix')));
  await expect(`${svg.replaceAll('><', '>\n<')}\n`).toMatchFileSnapshot('rendered/matrix.svg.txt');
});

// biome-ignore lint/suspicious/noExplicitAny: each is the document of its command.
const texts: Readonly<Record<string, (document: any) => string[]>> = {
  audit: (document) => auditText(document, plain, 'everything'),
  claims: (document) => ledgerText(document, 'all evidence', plain),
  idle: (document) => idleText(document, plain),
  matrix: ({ cells }) => matrixText(cells, plain),
  restart: (document) => restartText(document, plain),
  'restart-handover': (document) => restartText(document, plain),
  'restart-load': (document) => restartText(document, plain),
  'restart-reload': (document) => restartText(document, plain),
};

test.each(Object.entries(texts))('%s as text', async (name, textOf) => {
  await expect(`${textOf(saved(name)).join('\n')}\n`).toMatchFileSnapshot(`rendered/${name}.txt`);
});
