import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunDocument } from '../../src/report/documents/run.ts';
import type { LoadedScenario } from '../../src/scenario/catalogue.ts';
import { documentFile, type KeptRun, keptRuns, listOf, scenarioFile } from './kept.ts';
import { asLines } from './lines.ts';

/** Thousands of connections are not drawn, and to record them would slow the load that is measured. */
const withoutPicture = ['load'];

/** Runs it once, and keeps what it printed, and its document, from which pictures are drawn. */
export function recordScenario({ name, topic }: LoadedScenario): void {
  const picture = !withoutPicture.includes(topic);
  const folder = mkdtempSync(join(tmpdir(), 'recorded-'));
  try {
    const file = join(folder, 'run.json');
    const text = scenarioFile(name, 'txt');
    mkdirSync(dirname(text), { recursive: true });
    const reporters = ['--reporter', `text:${text}`, '--reporter', `json:${file}`];
    run(['demo', name, ...(picture ? ['--packets'] : []), ...reporters]);
    const document = JSON.parse(readFileSync(file, 'utf8')) as RunDocument;
    keep(name, document, picture);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function keep(name: string, document: RunDocument, picture: boolean): void {
  const { title, claim, steps } = document;
  const run: KeptRun = {
    ...{ title, claim, picture },
    steps: steps.filter(({ number }) => number > 0).map((step) => step.title),
    on: new Date().toISOString().slice(0, 10),
  };
  const { path, text } = listOf({ ...keptRuns(), [name]: run });
  writeFileSync(path, text);
  if (!picture) return;
  mkdirSync(dirname(documentFile(name)), { recursive: true });
  writeFileSync(documentFile(name), `${asLines(shortened(document))}\n`);
}

const mostConnections = 6;
/** More than any run draws that is about single segments. */
const mostSegments = 2000;

/** Without the texts from which it was read, and of long lists of segments the beginning, the end, and what was replayed. */
function shortened(document: RunDocument): RunDocument {
  const { recording } = document;
  return {
    ...document,
    checks: document.checks.map((check) => ({ ...check, raw: null })),
    steps: document.steps.map((step) => ({ ...step, snapshots: [] })),
    counters: [],
    recording: recording && {
      ...recording,
      connections: recording.connections.slice(0, mostConnections).map(({ segments, ...connection }) => ({
        ...connection,
        segments: segments
          .filter(
            ({ source }, i) =>
              source === 'replay' || i < mostSegments / 2 || i >= segments.length - mostSegments / 2,
          )
          .map((segment) => ({ ...segment, bytes: '' })),
      })),
    },
  };
}

/** @throws Error unless it ends as expected: what is shown is a run that passed */
function run(args: readonly string[]): void {
  const { status, stderr, stdout } = spawnSync(process.execPath, ['dist/tcpclose.cjs', ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`"tcpclose ${args.join(' ')}" ended with ${status}: ${stderr}${stdout}`);
}
