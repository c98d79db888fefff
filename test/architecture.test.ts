import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { circle, sources as files, importsOf, roomOf } from '../build/imports.ts';

/** What each room may import from, besides itself and the files that lie beside the rooms (errors, events, time ...). */
const allowed: Readonly<Record<string, readonly string[]>> = {
  cli: [
    'api',
    'run',
    'scenario',
    'explain',
    'idle',
    'audit',
    'diagnose',
    'report',
    'load',
    'lab',
    'observe',
    'native',
  ],
  doctor: ['scenario', 'lab', 'observe', 'native'],
  api: [
    'scenario',
    'matrix',
    'merge',
    'run',
    'doctor',
    'idle',
    'restart',
    'load',
    'audit',
    'diagnose',
    'report',
    'lab',
    'observe',
    'native',
  ],
  testing: ['api', 'report'],
  scenario: ['lab', 'observe', 'native'],
  kit: ['lab', 'observe', 'native'],
  explain: ['idle', 'observe', 'native'],
  matrix: ['lab', 'peer'],
  idle: ['restart', 'lab', 'observe', 'native'],
  restart: ['load', 'supervisor', 'lab', 'observe', 'rpc', 'native'],
  load: ['rpc', 'native'],
  supervisor: ['observe', 'rpc', 'native'],
  run: ['diagnose', 'supervisor', 'lab', 'observe', 'native'],
  diagnose: ['observe', 'native'],
  audit: ['diagnose', 'observe', 'native'],
  merge: [],
  report: [
    'merge',
    'run',
    'doctor',
    'scenario',
    'explain',
    'matrix',
    'idle',
    'restart',
    'audit',
    'diagnose',
    'observe',
  ],
  lab: ['peer', 'observe', 'rpc', 'native'],
  peer: ['rpc', 'native'],
  rpc: ['native'],
  observe: ['native'],
  native: [],
};

const imports = files.flatMap(importsOf);

describe('imports point one way', () => {
  test.each(files.filter((file) => roomOf(file) !== undefined))('%s', (file) => {
    const room = roomOf(file) ?? '';
    const targets = importsOf(file).map(({ to }) => roomOf(to));
    const foreign = targets.filter((target) => target !== undefined && target !== room);
    expect(foreign.filter((target) => !allowed[room]?.includes(target ?? ''))).toEqual([]);
  });

  test('every room is known', () => {
    const rooms = new Set(files.map(roomOf).filter((room) => room !== undefined));
    expect([...rooms].filter((room) => !(room in allowed))).toEqual([]);
  });

  test('every arrow that is allowed is used', () => {
    const used = new Set(imports.map(({ from, to }) => `${roomOf(from)} -> ${roomOf(to)}`));
    const arrows = Object.entries(allowed).flatMap(([from, rooms]) => rooms.map((to) => `${from} -> ${to}`));
    expect(arrows.filter((arrow) => !used.has(arrow))).toEqual([]);
  });

  test('no file imports itself at run time, over whatever others', () => {
    expect(circle(imports.filter(({ kind }) => kind !== 'type'))).toBeUndefined();
  });

  test('the files beside the rooms import only types from rooms, for what they carry', () => {
    const beside = files.filter((file) => roomOf(file) === undefined && file !== 'index.ts');
    const imported = beside.flatMap(importsOf).map(({ from, to }) => [from, roomOf(to)]);
    expect(
      imported.filter(([file, room]) => room !== undefined && !(file === 'events.ts' && room === 'observe')),
    ).toEqual([]);
  });
});

test('of the peer, the lab runs nothing but the check of its notifications', () => {
  const ofPeer = imports.filter(({ from, to }) => roomOf(from) === 'lab' && roomOf(to) === 'peer');
  const running = new Set(ofPeer.filter(({ kind }) => kind !== 'type').map(({ to }) => to));
  expect([...running]).toEqual(['peer/notifications.ts']);
});

test('other rooms know the requests to a child process only as a type', () => {
  const called = imports.filter(({ from, to }) => /\/methods\.ts$/.test(to) && roomOf(from) !== roomOf(to));
  expect([...new Set(called.map(({ to }) => to))].sort()).toEqual([
    'peer/methods.ts',
    'supervisor/methods.ts',
  ]);
  expect(called.filter(({ kind }) => kind !== 'type')).toEqual([]);
});

test('reporters see events and what came of a command, and run nothing', () => {
  const atRunTime = imports.filter(({ from, kind }) => roomOf(from) === 'report' && kind !== 'type');
  const running = [
    'scenario',
    'explain',
    'idle',
    'restart',
    'audit',
    'diagnose',
    'lab',
    'peer',
    'cli',
    'native',
  ];
  // What a diagnosis means, and which step helps, is said by pure functions; what a word means, and what a claim is, by tables.
  const words = /^(?:diagnose\/(advice\/|meaning|notices)|explain\/words\/|scenario\/claims\.ts$)/;
  expect(
    atRunTime.map(({ to }) => to).filter((to) => running.includes(roomOf(to) ?? '') && !words.test(to)),
  ).toEqual([]);
});

test('the command line runs by the API what the API has', () => {
  const ofApi = [
    'audit/audit.ts',
    'scenario/run.ts',
    'scenario/suite.ts',
    'restart/restart.ts',
    'matrix/measure.ts',
    'diagnose/diagnosis.ts',
    'diagnose/ending/ending.ts',
    'diagnose/listing.ts',
    'diagnose/unix/unix-diagnosis.ts',
    'diagnose/watch/watch.ts',
    'doctor/doctor.ts',
    'idle/idle.ts',
    'merge/merge.ts',
    'run/run.ts',
    'scenario/findings.ts',
  ];
  const running = imports.filter(({ to, kind }) => ofApi.includes(to) && kind !== 'type');
  expect(running.filter(({ from }) => roomOf(from) === 'cli')).toEqual([]);
  expect(
    [...new Set(running.filter(({ from }) => roomOf(from) === 'api').map(({ to }) => to))].sort(),
  ).toEqual(ofApi.sort());
});

test('only bin sets the exit status', () => {
  const setting = files.filter((file) =>
    /process\.exitCode\s*=/.test(readFileSync(join('src', file), 'utf8')),
  );
  expect(setting).toEqual([]);
});

test('only cli knows commander', () => {
  const knowing = files.filter((file) =>
    readFileSync(join('src', file), 'utf8').includes("from 'commander'"),
  );
  expect(knowing.filter((file) => roomOf(file) !== 'cli')).toEqual([]);
});

test('programs are started by execa in one place; Node starts what is a part of tcpclose', () => {
  const naming = (module: string) =>
    files.filter((file) => new RegExp(`(from|import\\() ?'${module}'`).test(runningCode(file)));
  expect(naming('execa')).toEqual(['start-program.ts']);
  expect(naming('node:child_process').sort()).toEqual([
    'lab/process/peer-process.ts',
    'load/generator.ts',
    // In a peer, which starts faster without execa: what holds a connection, too.
    'peer/commands/faults.ts',
    'restart/supervisor.ts',
    // The user's command gets tcpclose's own descriptors and group, which is not for execa.
    'run/command-run.ts',
    'scenario/apart/own-process.ts',
    'supervisor/below/run-below.ts',
    'supervisor/guard.ts',
  ]);
});

/** Without the imports of types. */
function runningCode(file: string): string {
  return readFileSync(join('src', file), 'utf8').replace(/^import type .*$/gm, '');
}

test('only native/signal.ts signals processes', () => {
  const signalling = ['bin/tcpclose.ts', ...files.map((file) => join('src', file))]
    .filter((file) => file !== 'src/native/signal.ts')
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        // The lab's own word goes through it. An abort signal given to spawn is a kill as well.
        .filter((line) => /\.kill\b|'kill'\]|\bint kill\(|pidfd_send_signal|killSignal/.test(line))
        .filter((line) => file !== 'src/lab/ends/peer.ts' || !line.includes('this.process.kill('))
        .map((line) => `${file}: ${line.trim()}`),
    );
  expect(signalling).toEqual([]);
});

test('no file is longer than 250 lines', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0');
  // Documents and recorded outputs are as long as they are. One that is deleted is tracked until the commit.
  const code = tracked.filter(
    (file) => /\.(c|cjs|css|js|mjs|pl|py|sh|ts|tsx)$/.test(file) && existsSync(file),
  );
  const lines = (file: string) => readFileSync(file, 'utf8').split('\n').length - 1;
  expect(code).toEqual(expect.arrayContaining(['bin/tcpclose.ts', 'test/architecture.test.ts']));
  expect(code.filter((file) => lines(file) > 250)).toEqual([]);
});
