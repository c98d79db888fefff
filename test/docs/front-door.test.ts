import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { beforeAll, describe, expect, test } from 'vitest';
import { frontDoor, pictures } from '../../build/front-door.ts';
import { exampleFile, keptDocument } from '../../build/recorded/kept.ts';
import type { RunDocument } from '../../src/report/documents/run.ts';
import { nodeShutdown } from '../../src/restart/load/node-shutdown.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { missing } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const readme = readFileSync('README.md', 'utf8');

describe('README.md', () => {
  test.each(Object.entries(pictures()))('shows %s as it is drawn now (npm run docs)', (file, picture) => {
    expect(readFileSync(file, 'utf8')).toBe(picture);
    expect(XMLValidator.validate(picture)).toBe(true);
    expect(picture.length).toBeLessThan(100_000);
    expect(readme).toContain(`](${file})`);
  });

  test('shows what the commands printed when they were recorded (npm run docs)', () => {
    expect(readme.match(/<!-- Recorded: /g)).toHaveLength(3);
    expect(frontDoor(readme)).toBe(readme);
    expect(frontDoor(readme.replaceAll('$ tcpclose', '$ other'))).toBe(readme);
  });
});

describe('docs/overview.md', () => {
  test('shows all that the commands of README.md printed (npm run docs)', () => {
    const page = readFileSync('docs/overview.md', 'utf8');
    expect(page.match(/<!-- Recorded: [\w-]+ -->/g)).toHaveLength(3);
    expect(frontDoor(page)).toBe(page);
    expect(frontDoor(page.replaceAll('$ tcpclose', '$ other'))).toBe(page);
  });
});

describe('docs/loss.md', () => {
  const page = readFileSync('docs/loss.md', 'utf8');

  test('shows what the commands printed when they were recorded (npm run docs)', () => {
    const printed = page.match(/^\$ .*$/gm) ?? [];
    expect(page.match(/<!-- Recorded: /g)).toHaveLength(printed.length);
    expect(frontDoor(page)).toBe(page);
    expect(frontDoor(page.replaceAll('$ tcpclose', '$ other'))).toBe(page);
  });

  test('its second server is the first one with the code of the remedy', () => {
    const advised = readFileSync('build/recorded/programs/advised.js', 'utf8');
    const words = (text: string) => text.replace(/\s+/g, ' ');
    expect(words(advised)).toContain(words(nodeShutdown.join('\n')));
    for (const line of nodeShutdown) expect(page).toContain(line);
  });
});

describe('a run of today', unless(missing('ss') ?? (await whyUnmet('packets'))), () => {
  const folder = temporaryFolder('front-door');
  let text: string;
  let run: RunDocument;
  beforeAll(async () => {
    const file = join(folder, 'run.json');
    const reporters = ['--reporter', 'text', '--reporter', `json:${file}`];
    text = (await tcpclose(['demo', 'server-first', '--packets', ...reporters])).stdout;
    run = JSON.parse(readFileSync(file, 'utf8'));
  });

  test('prints what the picture of the terminal shows, up to times and ports (npm run record -- demo-colored)', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how a colour begins.
    const kept = readFileSync(exampleFile('demo-colored'), 'utf8').replaceAll(/\u001b\[\d+m/g, '');
    expect(stepsOf(text)).toEqual(stepsOf(kept));
    expect(stepsOf(text).length).toBeGreaterThan(30);
  });

  test('goes through the states of the lanes, in their order (npm run record -- server-first)', (context) => {
    const kept = keptDocument('server-first');
    // Without tracepoints, short states are not seen.
    if (run.recording?.states !== kept.recording?.states) context.skip('states are known otherwise here');
    expect(statesOf(run)).toEqual(statesOf(kept));
  });
});

/** Its steps word by word, without numbers, and as if no line was broken. */
function stepsOf(transcript: string): string[] {
  const [steps = ''] = transcript.slice(transcript.search(/^1 {2}/m)).split(/\n\n +ms {2}|\n\n\d+ of /);
  return steps.replaceAll(/\d+(?:\.\d+)*/g, 'N').split(/\s+/);
}

/** Of both ends of the connections that the experiment is about; what later clients do is theirs. */
function statesOf({ recording }: RunDocument): string[][] {
  const [first, second] = recording?.connections ?? [];
  return [first, second].flatMap((connection) =>
    (['client', 'server'] as const).map((side) =>
      (connection?.transitions ?? []).filter((one) => one.side === side).map(({ to }) => to ?? 'no socket'),
    ),
  );
}
