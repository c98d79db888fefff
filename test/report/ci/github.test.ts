import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { problem } from '../../../src/report/ci.ts';
import { github } from '../../../src/report/github.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { all, caseOf, errorOf, passed, refused, reportOf } from './reports.ts';

describe('GitHub', () => {
  afterEach(() => vi.unstubAllEnvs());
  const folder = temporaryFolder('ci');

  let pages = 0;

  /** The annotations, and the page of the run. */
  function onGitHub(report: () => string, file = join(folder, `${++pages}.md`)): [string, string] {
    vi.stubEnv('GITHUB_STEP_SUMMARY', file);
    const annotations = report();
    return [annotations, readFileSync(file, 'utf8')];
  }

  test('annotates remarks, problems at their lines, and warnings, and sums up', () => {
    const summary = { level: 'error', text: '1 of 8 failed: 100%' } as const;
    const [annotations, page] = onGitHub(() => reportOf(github, all, { summary }));
    expect(annotations).toMatchInlineSnapshot(`
      "::notice title=tcpclose test%3A close%3A slow::took 100 %25
      ::error file=scenarios/a%2Cb.ts,line=7,title=tcpclose test%3A close%3A taken::port-taken: the port is "in use" Remedy: choose another port (scenarios/a,b.ts:7)%0Aand again
      ::error title=tcpclose test%3A close%3A broken::no peer
      ::warning title=tcpclose test%3A close%3A early::too slow
      ::warning title=tcpclose test%3A close%3A warned::a name%0Aof two lines
      ::warning title=tcpclose test%3A close%3A warned::left a file
      ::error title=tcpclose test::1 of 8 failed: 100%25
      "
    `);
    expect(page).toMatchInlineSnapshot(`
      "### tcpclose test

      1 of 8 failed: 100%

      4 passed, 1 skipped, 1 failed, 1 errored, 1 undecided

      |  | case | result |
      | --- | --- | --- |
      | ✔ | close: orderly | passed |
      | ✔ | close: slow | took 100 % |
      | ✔ | close: measured | passed |
      | – | close: no root | skipped: needs root # and \\<nft\\> |
      | ✖ | close: taken | the port is "in use"; and again |
      | ✖ | close: broken | no peer |
      | ? | close: early | too slow |
      | ✔ | close: warned | passed; warning: a name of two lines; warning: left a file |

      **close: taken**

      at scenarios/a,b.ts:7

      Remedy: choose another port

      \`\`\`text
      bind: EADDRINUSE
      of <nginx>
      \`\`\`

      **close: early**

      \`\`\`text
      to see
      \`\`\`

      "
    `);
  });

  test('annotates the error that ended the run, and sums up with it', () => {
    const [annotations, page] = onGitHub(() => errorOf(github, [passed]));
    expect(annotations).toMatchInlineSnapshot(`
      "::error file=scenarios/a%2Cb.ts,line=7,title=tcpclose test::port-taken: the port is "in use" Remedy: choose another port (scenarios/a,b.ts:7)
      "
    `);
    expect(page).toMatch(/^### tcpclose test\n\nthe port is "in use"\n\n1 passed\n/);
  });

  test('annotates the line of the first problem that has a line, and keeps the message on one line', () => {
    const located = { ...refused, type: null, remedy: null, message: 'a\r\nb' };
    const one = caseOf('x', { result: { state: 'failed', problems: [problem('first'), located] } });
    expect(onGitHub(() => reportOf(github, [one]))[0]).toBe(
      '::error file=scenarios/a%2Cb.ts,line=7,title=tcpclose test%3A close%3A x::first%0Aa%0D%0Ab (scenarios/a,b.ts:7)\n',
    );
  });

  test('does not annotate a run without problems, and lists it on its page', () => {
    const [annotations, page] = onGitHub(() => reportOf(github, [passed]));
    expect(annotations).toBe('');
    expect(page).toBe(
      '### tcpclose test\n\n1 passed\n\n|  | case | result |\n| --- | --- | --- |\n| ✔ | close: orderly | passed |\n\n',
    );
  });

  test('warns if the page of the run cannot be written, and writes nothing if GitHub names no page', () => {
    vi.stubEnv('GITHUB_STEP_SUMMARY', join(folder, 'missing', 'page.md'));
    expect(reportOf(github, [passed])).toMatch(
      /^::warning title=tcpclose test::the step summary cannot be written \(.*ENOENT.*\)\n$/,
    );
    vi.stubEnv('GITHUB_STEP_SUMMARY', '');
    expect(reportOf(github, [passed])).toBe('');
    vi.stubEnv('GITHUB_STEP_SUMMARY', undefined);
    expect(reportOf(github, [passed])).toBe('');
  });

  test('cuts off a page that GitHub would not take, between lines', () => {
    const pageWith = (text: string) =>
      onGitHub(() =>
        reportOf(github, [
          caseOf('long', { result: { state: 'failed', problems: [problem('x', { text })] } }),
        ]),
      )[1];
    const page = pageWith(`${'x'.repeat(99)}\n`.repeat(11_000));
    expect(page.length).toBeLessThan(1_000_100);
    expect(page.length).toBeGreaterThan(999_800);
    expect(page).toMatch(/\nx{99}\n\nThe rest is not shown: it is too long\.\n\n$/);
    // Its limit is one of bytes, and what just reaches it is shown.
    const whole = 1_000_000 - Buffer.byteLength(pageWith('x')) + 1;
    const isCut = (text: string) => pageWith(text).includes('The rest is not shown');
    expect([whole, whole + 1].map((size) => isCut('x'.repeat(size)))).toEqual([false, true]);
    expect(isCut('é'.repeat(300_000))).toBe(false);
    expect(isCut('é'.repeat(500_000))).toBe(true);
  });

  test('adds to a page that an earlier step has begun', () => {
    const file = join(folder, 'twice.md');
    onGitHub(() => reportOf(github, [passed]), file);
    expect(onGitHub(() => reportOf(github, [passed]), file)[1].match(/### tcpclose test/g)).toHaveLength(2);
  });
});
