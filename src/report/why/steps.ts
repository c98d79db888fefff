import type { WhyDocument } from '../documents/why.ts';
import { hang } from '../text.ts';

type Step = WhyDocument['steps'][number];

/** How the steps are printed: for a port or for a Unix socket. */
interface Stepped extends Pick<WhyDocument, 'steps' | 'language' | 'on'> {
  /** As the command line names it. */
  readonly target: string;
}

/** The step that helps, and a second one if it fits. */
const mostShort = 2;

/** What to do, numbered. A command is on a separate, unbroken line, and can be pasted. Either the important steps that fit, or all of them. */
export function stepLines(
  { steps, language, target, on }: Stepped,
  detail: 'what matters' | 'everything',
  room: number,
): string[] {
  if (steps.length === 0) return [];
  const heading = ['', 'What to do, the best first'];
  const all = steps.map((step, i) => linesOf(step, i + 1, detail === 'everything' ? 'all' : language));
  if (detail === 'everything') return [...heading, ...all.flat()];
  const where = on === null ? '' : ' --on ...';
  const more = `(more: tcpclose why ${target}${where} --long)`;
  const [first = [], second = []] = all.slice(0, mostShort);
  const fits = heading.length + first.length + second.length + 1 <= room;
  return [
    ...heading,
    ...first,
    ...(fits ? second : []),
    ...(steps.length > (fits ? mostShort : 1) ? [more] : []),
  ];
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
