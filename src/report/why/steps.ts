import type { WhyDocument } from '../documents/why.ts';
import { hang } from '../text.ts';
import type { WhyStyle } from './why.ts';

type Step = WhyDocument['steps'][number];

const fewest = 1;

/**
 * What to do, numbered; a command stands on a line of its own, unbroken, so that it can be pasted. As many as there is room for,
 * in lines.
 */
export function stepLines(
  { steps, language, port, on }: WhyDocument,
  { detail }: WhyStyle,
  room: number,
): string[] {
  if (steps.length === 0) return [];
  const heading = ['', 'What to do, the best first'];
  const all = steps.map((step, i) => linesOf(step, i + 1, detail === 'everything' ? 'all' : language));
  const where = on === null ? '' : ' --on ...';
  const more = detail === 'everything' ? [] : [`(more: tcpclose why ${port}${where} --long)`];
  let left = room - heading.length - more.length;
  const shown = all.filter((lines, i) => {
    left = left >= lines.length || i < fewest ? left - lines.length : Number.NEGATIVE_INFINITY;
    return left !== Number.NEGATIVE_INFINITY;
  });
  return [...heading, ...shown.flat(), ...more];
}

function linesOf({ text, command, code }: Step, number: number, language: string | null): string[] {
  const lines = Object.entries(code ?? {}).filter(([name]) => language === 'all' || name === language);
  const colon = command === null && lines.length === 0 ? '' : ':';
  return [
    ...hang(`${String(number).padStart(2)}  `, text + (text.endsWith(':') ? '' : colon)),
    ...(command === null ? [] : [`      ${command}`]),
    ...lines.flatMap(([name, line]) => hang(`      ${`${name}:`.padEnd(8)}`, line)),
  ];
}
