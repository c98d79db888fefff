import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { keptDocument } from '../../../build/recorded/kept.ts';
import type { RunDocument } from '../../../src/report/documents/run.ts';
import { livesOf, staysOf } from '../../../src/report/drawing/collect.ts';
import { describeSegment, letterOf, sides } from '../../../src/report/drawing/words.ts';
import { askPerfetto, perfettoEngine } from '../../support/perfetto/engine.ts';
import { tcpclose } from '../../support/program.ts';
import { unless } from '../../support/skips.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

interface Slice {
  readonly process: string;
  readonly thread: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
}

const faults = `select name, severity, value from stats where severity <> 'info' and value > 0`;
const slices = `select process.name as process, thread.name as thread, slice.name, slice.ts, slice.dur from slice
  join thread_track on slice.track_id = thread_track.id join thread using (utid) join process using (upid) order by ts, slice.id`;
const arrows = `select begin.name, begin.ts, end.ts as heard, thread.name as thread from flow
  join slice as begin on slice_out = begin.id join slice as end on slice_in = end.id
  join thread_track on begin.track_id = thread_track.id join thread using (utid) order by begin.ts, begin.name`;

const engine = await perfettoEngine();

describe.each(['server-first', 'wandering-duplicate'])(
  'the trace of %s, opened by Perfetto',
  unless('missing' in engine ? engine.missing : null),
  (name) => {
    const folder = temporaryFolder('perfetto');
    const run = keptDocument(name) as RunDocument;
    const connections = run.recording?.connections ?? [];
    let answers: readonly (readonly object[])[];
    beforeAll(async () => {
      const trace = join(folder, 'out.json');
      const document = `docs/recorded/documents/${name}.json`;
      const { status, stderr } = await tcpclose(['render', document, '--reporter', `trace:${trace}`]);
      expect(status, stderr).toBe(0);
      answers = await askPerfetto('folder' in engine ? engine.folder : '', trace, [faults, slices, arrows]);
    });

    test('loses nothing: Perfetto counts no error', () => {
      expect(answers[0]).toEqual([]);
    });

    test('has each step, check, process and state as a slice of its track, at its time', () => {
      const shown = (answers[1] as readonly Slice[])
        .filter(({ thread }) => !thread.endsWith('segments'))
        .map(({ process, thread, name, ts }) => `${process} | ${thread} | ${name} | ${ts}`);
      const ns = (ms: number) => Math.round(ms * 1000) * 1000;
      const story = (thread: string, name: string, ms: number) =>
        `the story | ${thread} | ${name} | ${ns(ms)}`;
      const expected = [
        ...run.steps
          .filter(({ number }) => number > 0)
          .map(({ number, title, atMs }) => story('steps', `${number}  ${title}`, atMs)),
        ...run.checks.map(({ verdict, title, observed, atMs }) =>
          story('checks', `${verdict}: ${title}: ${observed}`, atMs),
        ),
        ...livesOf(run).map(
          ({ name, pid, born }) => `processes | ${name} ${pid} | ${name}, pid ${pid} | ${ns(born)}`,
        ),
        ...connections.flatMap((connection, i) => {
          const { client, server } = connection;
          const track = `${letterOf(i)}  ${client.address}:${client.port} to ${server.address}:${server.port}`;
          return sides.flatMap((side) =>
            staysOf(connection, side).map(({ state, from }) => `${track} | ${side} | ${state} | ${ns(from)}`),
          );
        }),
      ];
      expect(shown.sort()).toEqual(expected.sort());
    });

    test('has an arrow from end to end for each received segment, and no arrow for the others', () => {
      const heard = connections.flatMap(({ segments }) => segments).filter(({ unheard }) => !unheard);
      const shown = (
        answers[2] as readonly { name: string; ts: number; heard: number; thread: string }[]
      ).map((one) => {
        expect(one.heard).toBe(one.ts);
        return `${one.thread} | ${one.name} | ${one.ts}`;
      });
      const expected = heard.map(
        (segment) =>
          `${segment.from}'s segments | ${describeSegment(segment)} | ${Math.round(segment.atMs * 1000) * 1000}`,
      );
      expect(shown.sort()).toEqual(expected.sort());
      expect(heard.length).toBeGreaterThan(0);
    });
  },
);
