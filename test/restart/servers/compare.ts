/**
 * tcpclose says of every kind of server what a restart by hand shows, whether it watches the server's calls or not: watching changes
 * nothing for it. Some kinds and ways by default; all of them with `npm run test:servers`,
 * and as uid 65534 with TCPCLOSE_SERVERS='all as nobody'.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RestartDocument } from '../../../src/report/documents/restart.ts';
import { asNobody } from '../../support/machine.ts';
import { Program } from '../../support/program.ts';
import { unless } from '../../support/skips.ts';
import { somePort } from '../../support/sockets.ts';
import { type Kind, type Room, whySkipped } from './kinds/kind.ts';
import { kinds } from './kinds/kinds.ts';
import { restartByHand, type Way } from './truth.ts';

/** `all`, or `all as nobody`. */
const scope = process.env['TCPCLOSE_SERVERS'] ?? 'some';
const everything = scope !== 'some';
const user = scope === 'all as nobody' ? 'nobody' : 'this one';
const quick = [
  'net of Node',
  'a cluster of Node',
  'SO_REUSEADDR after bind',
  'a shell around it',
  'workers of one listener',
  'a Unix socket',
];
const allWays: readonly Way[] = (['SIGTERM', 'SIGKILL'] as const).flatMap((signal) =>
  (['stay', 'close'] as const).map((clients) => ({ signal, clients })),
);

let root: string | undefined;
afterAll(() => {
  if (root !== undefined) rmSync(root, { recursive: true, force: true });
});

function rootFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'tcpclose-kinds-'));
  chmodSync(made, 0o755);
  return made;
}

function room(): Room {
  root ??= rootFolder();
  const folder = mkdtempSync(join(root, 'room-'));
  chmodSync(folder, 0o777);
  return { port: somePort(), folder };
}

async function tried(
  kind: Kind,
  ways: readonly Way[],
  watch: 'on' | 'off',
): Promise<RestartDocument['runs']> {
  const where = room();
  const path = kind.path?.(where);
  const file = kind.pidFile?.(where);
  const [way] = ways;
  const options = [
    ...(ways.length > 1 ? ['--all'] : ['--signal', `${way?.signal}`, `--clients-${way?.clients}`]),
    ...(kind.request === undefined ? [] : ['--request', kind.request]),
    ...(path === undefined ? [] : ['--socket', path]),
    ...(file === undefined ? [] : ['--port', `${where.port}`, '--pid-file', file]),
    ...(watch === 'off' ? ['--no-watch'] : []),
  ];
  const env = { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
  const program = new Program(
    ['restart', '--json', '--cwd', where.folder, ...options, '--', ...kind.command(where)],
    { env, prefix: user === 'nobody' ? asNobody : [] },
  );
  const { stdout, stderr } = await program.finished();
  if (stdout === '') throw new Error(stderr);
  const document = JSON.parse(stdout) as RestartDocument;
  expect(path ?? where.port).toBe(document.path ?? document.port);
  for (const { watching } of document.runs) expect(watching.state).toBe(watch);
  expect(await program.leftAfter(2000)).toEqual([]);
  return document.runs;
}

/** Every so many-th kind, from one on: tests of one file run one after the other, and files side by side. */
export function compareKinds(from: number, step: number): void {
  const chosen = Object.entries(kinds).filter(([name]) => everything || quick.includes(name));
  describe.each(chosen.filter((_, i) => i % step === from))('%s', (_, kind) => {
    const ways = everything ? allWays : allWays.slice(0, 1);

    test('comes out as by hand, watched and not', {
      ...unless(whySkipped(kind, user)),
      timeout: 900_000,
    }, async () => {
      const watched = await tried(kind, ways, 'on');
      const unwatched = await tried(kind, ways, 'off');
      for (const [i, way] of ways.entries()) {
        const shown = `${way.signal}, clients ${way.clients}`;
        const truth = await restartByHand(kind, room(), way, user);
        const verdicts = [truth, watched[i]?.verdict, unwatched[i]?.verdict];
        if (kind.outcome === 'racy' && new Set(verdicts).size > 1) continue;
        expect([shown, ...verdicts]).toEqual([shown, truth, truth, truth]);
        expect([shown, watched[i]?.cause]).toEqual([shown, unwatched[i]?.cause]);
      }
    });
  });
}
