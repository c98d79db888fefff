import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/** What each room may import from, besides itself and the files that lie beside the rooms (errors, events, time ...). */
const allowed: Readonly<Record<string, readonly string[]>> = {
  cli: ['scenario', 'explain', 'matrix', 'restart', 'diagnose', 'report', 'lab', 'observe', 'native'],
  scenario: ['lab', 'observe', 'native'],
  explain: ['observe', 'native'],
  matrix: ['lab', 'peer', 'observe', 'native'],
  restart: ['supervisor', 'lab', 'observe', 'native'],
  supervisor: ['observe', 'native'],
  diagnose: ['lab', 'observe', 'native'],
  report: ['observe', 'matrix'],
  lab: ['peer', 'observe', 'native'],
  peer: ['native'],
  observe: ['native'],
  native: [],
};

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

function roomOf(file: string): string | undefined {
  return file.includes('/') ? file.split('/')[0] : undefined;
}

function importsOf(file: string): string[] {
  const text = readFileSync(join('src', file), 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...found].map((match) => normalize(join(dirname(file), match[1] ?? '')));
}

describe('imports point one way', () => {
  test.each(files.filter((file) => roomOf(file) !== undefined))('%s', (file) => {
    const room = roomOf(file) ?? '';
    const targets = importsOf(file).map(roomOf);
    const foreign = targets.filter((target) => target !== undefined && target !== room);
    expect(foreign.filter((target) => !allowed[room]?.includes(target ?? ''))).toEqual([]);
  });

  test('every room is known', () => {
    const rooms = new Set(files.map(roomOf).filter((room) => room !== undefined));
    expect([...rooms].filter((room) => !(room in allowed))).toEqual([]);
  });

  test('the files beside the rooms import from none but for types of what they carry', () => {
    const beside = files.filter((file) => roomOf(file) === undefined && file !== 'index.ts');
    const imported = beside.flatMap((file) => importsOf(file).map((target) => [file, roomOf(target)]));
    expect(
      imported.filter(([file, room]) => room !== undefined && !(file === 'events.ts' && room === 'observe')),
    ).toEqual([]);
  });
});

test('of the peer, the lab knows its protocol and not its program', () => {
  const imported = files.filter((file) => roomOf(file) === 'lab').flatMap(importsOf);
  const ofPeer = new Set(imported.filter((file) => roomOf(file) === 'peer'));
  expect([...ofPeer].sort()).toEqual(['peer/protocol.ts', 'peer/results.ts']);
});

test('reporters see events and nothing else that runs', () => {
  const ofReports = files.filter((file) => roomOf(file) === 'report').flatMap(importsOf);
  expect(
    ofReports.filter((file) => ['scenario', 'lab', 'peer', 'cli', 'native'].includes(roomOf(file) ?? '')),
  ).toEqual([]);
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
