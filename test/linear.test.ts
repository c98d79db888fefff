import { describe, expect, test } from 'vitest';
import { languageOf } from '../src/diagnose/advice/languages.ts';
import { originsOf } from '../src/diagnose/origin.ts';
import { factsOf, userName } from '../src/diagnose/process-facts.ts';
import { parseScriptOutput } from '../src/diagnose/process-files.ts';
import { parseSettings } from '../src/diagnose/settings.ts';
import { harmless, harmlessLines, pasteable } from '../src/foreign.ts';
import { splitWords } from '../src/lab/hosts/launcher.ts';
import { lineSplitter } from '../src/lines.ts';
import { parseNetstat } from '../src/observe/netstat/parse.ts';
import { linesOfPorts, parseProc } from '../src/observe/proc/parse.ts';
import { wordsOf } from '../src/observe/processes.ts';
import { parseSlab } from '../src/observe/slab.ts';
import { parseSs } from '../src/observe/ss/parse.ts';
import { escapeXml } from '../src/report/junit.ts';
import { hang } from '../src/report/text.ts';

const files = { stat: '', status: '', cgroup: '', cmdline: '', environ: '' };
const facts = (text: string) =>
  factsOf(7, harmless('x'), {
    byPid: new Map([[7, { stat: `7 (${text}`, status: text, cgroup: text, cmdline: text, environ: text }]]),
    passwd: text,
    stat: text,
    ownUid: 0,
  });

/** Everything that reads what strangers write. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  parseSs,
  parseNetstat,
  parseProc,
  linesOfPorts: (text) => linesOfPorts(text, [80]),
  parseScriptOutput,
  parseSettings: (text) => parseSettings(80, text, text, text),
  parseSlab: (text) => parseSlab(text, 'TCP'),
  facts,
  userName: (text) => userName(7, text),
  origins: (text) =>
    originsOf({ ...files, cgroup: `0::${text}`, environ: text, status: text }, [], new Set()),
  languageOf,
  harmless,
  harmlessLines,
  pasteable,
  wordsOf,
  escapeXml,
  hang: (text) => hang('  ', text),
  splitWords: (text) => {
    try {
      return splitWords(text);
    } catch (error) {
      return error;
    }
  },
  lineSplitter: (text) => lineSplitter(() => {})(text),
};

const short = 25_000;
/** What takes less is not measured again: it may be noise. */
const noticedMs = 20;

/** One piece over and over, behind what lets a pattern begin, and before what lets it fail. */
const pieces = [
  '\0',
  ' ',
  '1',
  'a',
  '(',
  ')',
  '[',
  ':',
  '/',
  '1:',
  '0:',
  '/kubepods',
  '/a.service',
  '\u001b[',
  '\u001b[1;',
  '"',
  "'",
  '\\',
  ',"',
  '::a ',
  '##',
  '\n',
  '\r\n',
  '\t',
  '0A',
  '- ',
  '%',
];
const starts = [
  '',
  'LISTEN 0 0 ',
  'LISTEN 0 0 127.0.0.1:80 0.0.0.0:* users:(("',
  'ESTAB 0 0 127.0.0.1:80 127.0.0.1:81 timer:(on,',
  'tcp 0 0 ',
  'tcp 0 0 127.0.0.1:80 127.0.0.1:81 LISTEN 0 0 ',
  'NSpid: ',
  '0: 0100007F:0050 ',
];

describe.each(Object.entries(readers))('%s takes time in proportion to what it reads', (_, read) => {
  test('whatever is repeated in it', () => {
    for (const start of starts)
      for (const piece of pieces) {
        const textOf = (length: number) => `${start}${piece.repeat(Math.ceil(length / piece.length))}x`;
        expect([start, piece, growthOf(read, textOf)]).toEqual([start, piece, 'linear']);
      }
  });
});

/** Four times as much takes a linear pattern four times as long, and a quadratic one sixteen times. */
function growthOf(read: (text: string) => unknown, textOf: (length: number) => string): 'linear' | 'steeper' {
  const once = cpuMsOf(() => read(textOf(short)));
  if (once < noticedMs) return 'linear';
  // The quickest of several, since the first ones also compile.
  const quickest = (length: number) =>
    Math.min(...Array.from({ length: 5 }, () => cpuMsOf(() => read(textOf(length)))));
  const few = quickest(short);
  return few < noticedMs || quickest(short * 4) < few * 8 ? 'linear' : 'steeper';
}

/** CPU time in milliseconds, which other work on the machine does not lengthen much. */
function cpuMsOf(act: () => void): number {
  const startedAt = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(startedAt);
  return (user + system) / 1000;
}
