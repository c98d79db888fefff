/** What README.md shows: pictures of real runs, and what commands printed. */
import { readFileSync } from 'node:fs';
import { matrixOf } from '../src/report/documents/kernel.ts';
import { cells } from '../src/report/drawing/cells.ts';
import type { Drawn } from '../src/report/drawing/drawn.ts';
import { lanes } from '../src/report/drawing/lanes.ts';
import { svgFile } from '../src/report/drawing/svg-text.ts';
import { readKernels } from './kernels.ts';
import { exampleFile, keptDocument } from './recorded/kept.ts';
import { terminal } from './recorded/terminal.ts';

/** The pictures by their files, drawn again from what was recorded. */
export function pictures(): Readonly<Record<string, string>> {
  const { scenario } = keptDocument('server-first');
  const command = `tcpclose demo ${scenario}`;
  return {
    'docs/pictures/terminal.svg': svgFile(terminal(beginning(recorded('demo-colored'))), command),
    'docs/pictures/lanes.svg': svgFile(firstServer(1000), `${command}: the first server, steps 1 to 5`),
    'docs/pictures/matrix.svg': svgFile(cells(shownMatrix()), 'tcpclose matrix'),
  };
}

/** The lanes of the first server's connection, until the second server begins in step 6. */
export function firstServer(width: number): Drawn {
  const run = keptDocument('server-first');
  const end = run.steps.find(({ number }) => number === 6)?.atMs;
  if (end === undefined) throw new Error('server-first has no step 6: choose other steps for the picture');
  return lanes(run, { extent: [0, end], connections: [0], width });
}

/** That of the newest kernel which was tried. */
export function shownMatrix() {
  const kernel = readKernels().at(-1);
  if (kernel === undefined) throw new Error('no kernel was tried: run "npm run kernels"');
  return matrixOf(kernel);
}

/** The page with what commands printed put in again, all of it or from a line on, or until a line; the rest of it stays. */
export function frontDoor(page: string): string {
  return page.replaceAll(
    /(<!-- Recorded: ([\w-]+)(?: from "([^"]*)")?(?: until "([^"]*)")? -->\n+```text\n)[\s\S]*?(```)/g,
    (_, begin: string, name: string, from: string | undefined, until: string | undefined, end: string) =>
      `${begin}${part(recorded(name), from, until)}\n${end}`,
  );
}

/** The lines between the one that begins with `from` and the one that begins with `until`, with the command and the exit status. */
function part(printed: string, from: string | undefined, until: string | undefined): string {
  const lines = printed.split('\n');
  const lineOf = (words: string) => {
    const at = lines.findIndex((line) => line.trimStart().startsWith(words));
    if (at === -1)
      throw new Error(`no line of it begins with "${words}": name another one, or record it again`);
    return at;
  };
  const [before, first] = from === undefined ? [[], 0] : [[lines[0], '  ...'], lineOf(from)];
  const [after, last] = until === undefined ? [[], lines.length] : [['  ...', lines.at(-1)], lineOf(until)];
  return [...before, lines.slice(first, last).join('\n').trimEnd(), ...after].join('\n');
}

function recorded(name: string): string {
  return readFileSync(exampleFile(name), 'utf8').trimEnd();
}

/** The first five steps, and the last line. */
function beginning(transcript: string): string {
  const [shown = ''] = transcript.split(/\n(?=\S*6 {2})/);
  return [shown.trimEnd(), '', '...', transcript.slice(transcript.lastIndexOf('\n') + 1)].join('\n');
}
