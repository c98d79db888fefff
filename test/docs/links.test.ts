import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { described } from '../../build/invocation.ts';
import { commands } from '../../src/cli/commands.ts';
import { defined } from '../../src/cli/defined.ts';
import { findWord } from '../../src/explain/find-word.ts';
import { catalogue } from '../../src/scenario/catalogue.ts';

const folders = ['docs', 'notes', 'examples'];
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...folders.flatMap((folder) => readdirSync(folder).map((file) => `${folder}/${file}`)),
].filter((path) => path.endsWith('.md'));

/** As GitHub makes them of headings: lower case, without punctuation, with hyphens for blanks. */
function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = withoutCode(text).matchAll(/^#{1,6} (.*)$/gm);
  const slugs = [...headings].map(([, heading = '']) => {
    const bare = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
    const slug = bare
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
  return new Set(slugs);
}

function withoutCode(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
}

describe('every relative link leads to a file and to a heading in it', () => {
  test.each(pages)('in %s', (page) => {
    const links = withoutCode(readFileSync(page, 'utf8'))
      .replaceAll(/`[^`\n]*`/g, '')
      .matchAll(/\]\((?![a-z]+:)([^)\s]*)\)/g);
    const broken = [...links].flatMap(([, link = '']) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : join(dirname(page), file);
      if (!existsSync(target)) return [`${link}: no such file`];
      if (anchor === undefined) return [];
      if (!statSync(target).isFile()) return [`${link}: an anchor of a folder`];
      return anchorsOf(readFileSync(target, 'utf8')).has(anchor) ? [] : [`${link}: no such heading`];
    });
    expect(broken).toEqual([]);
  });
});

describe('docs/problems.md', () => {
  const text = readFileSync('docs/problems.md', 'utf8');
  const named = [...text.matchAll(/`tcpclose ([a-z]+)([^`]*)`/g)].map(([whole, name = '', rest = '']) => ({
    whole,
    name,
    // What follows -- is a command of the reader's.
    words: rest.split(' -- ')[0]?.trim().split(/\s+/) ?? [],
  }));

  test('names commands, and options that they have', async () => {
    expect(named.length).toBeGreaterThan(50);
    const wrong = await Promise.all(
      named.map(async ({ whole, name, words }) => {
        const entry = commands.find((command) => command.name === name);
        if (entry === undefined) return [whole];
        const { options } = await defined(entry, described);
        const known = options.map(({ long }) => long);
        return words.some((word) => word.startsWith('--') && !known.includes(word)) ? [whole] : [];
      }),
    );
    expect(wrong.flat()).toEqual([]);
  });

  test('names scenarios and words that there are', () => {
    const scenarios = new Set(catalogue().map((entry) => entry.name));
    const wrong = named.flatMap(({ whole, name, words: [word = ''] }) => {
      if (name === 'demo') return scenarios.has(word) ? [] : [whole];
      if (name === 'explain') return word.startsWith('<') || findWord(word) !== undefined ? [] : [whole];
      return [];
    });
    expect(wrong).toEqual([]);
  });

  test('mentions every command that looks at a machine or a server', () => {
    const about = ['why', 'restart', 'idle', 'run', 'watch', 'audit', 'merge', 'matrix', 'claims', 'doctor'];
    expect(about.filter((command) => !named.some(({ name }) => name === command))).toEqual([]);
  });
});
