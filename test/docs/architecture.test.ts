import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { diagram, drawn } from '../../build/architecture.ts';
import { roomOf, sources } from '../../build/imports.ts';

const page = readFileSync('docs/architecture.md', 'utf8');

test('the diagram is drawn from the imports as they are now (npm run docs)', () => {
  expect(drawn(page)).toBe(page);
});

test('every room is described', () => {
  const described = [...page.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
  expect(described.sort()).toEqual(
    [...new Set(sources.map(roomOf).filter((room) => room !== undefined))].sort(),
  );
});

describe('every file that is named exists', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'notes', 'docs'].flatMap((path) =>
    path.endsWith('.md')
      ? [path]
      : readdirSync(path).flatMap((file) => (file.endsWith('.md') ? [`${path}/${file}`] : [])),
  );

  test.each(pages)('in %s', (file) => {
    const named = readFileSync(file, 'utf8').matchAll(
      /`((?:src|bin|build|test|bench|scenarios|notes|docs)\/[\w./-]+)`/g,
    );
    const links = readFileSync(file, 'utf8').matchAll(/\]\(([\w./-]+\.md)/g);
    const folder = file.includes('/') ? `${file.split('/')[0]}/` : '';
    const paths = [
      ...[...named].map((match) => match[1]),
      ...[...links].map((match) => `${folder}${match[1]}`),
    ];
    expect(paths.filter((path) => !existsSync(path ?? ''))).toEqual([]);
  });
});

describe('the diagram', () => {
  const arrows = (...imports: readonly [from: string, to: string, kind?: 'value' | 'type'][]) =>
    diagram(imports.map(([from, to, kind = 'value']) => ({ from, to, kind })))
      .split('\n')
      .slice(1, -1)
      .map((line) => line.trim());

  test('leaves out arrows that follow from others', () => {
    expect(arrows(['a/1.ts', 'b/1.ts'], ['b/2.ts', 'c/1.ts'], ['a/2.ts', 'c/2.ts'])).toEqual([
      'a --> b',
      'b --> c',
    ]);
  });

  test('dots an arrow that consists only of types', () => {
    expect(arrows(['a/1.ts', 'b/1.ts', 'type'], ['a/1.ts', 'c/1.ts', 'type'], ['a/2.ts', 'c/1.ts'])).toEqual([
      'a -.-> b',
      'a --> c',
    ]);
  });

  test('shows rooms, and not what lies in them or beside them', () => {
    expect(arrows(['a/1.ts', 'a/2.ts'], ['a/1.ts', 'time.ts'], ['index.ts', 'a/1.ts'])).toEqual([]);
  });
});
