import { type Import, importsOf, roomOf, sources } from './imports.ts';

const begin = '<!-- Drawn from the imports by "npm run docs": do not edit. -->';
const end = '<!-- End of the drawing. -->';

/** The architecture page with its diagram drawn again; the rest of it stays. */
export function drawn(page: string): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined)
    throw new Error(`the page has no place for the diagram: put "${begin}" and "${end}" there`);
  return `${before}${begin}\n\n\`\`\`mermaid\n${diagram(sources.flatMap(importsOf))}\`\`\`\n\n${end}${after}`;
}

/** The rooms, and which imports from which. An arrow that follows from others is left out; one of types alone is dotted. */
export function diagram(imports: readonly Import[]): string {
  const direct = new Map<string, Set<string>>();
  const atRunTime = new Set<string>();
  for (const { from, to, kind } of imports) {
    const [room, target] = [roomOf(from), roomOf(to)];
    if (room === undefined || target === undefined || room === target) continue;
    direct.set(room, (direct.get(room) ?? new Set()).add(target));
    if (kind !== 'type') atRunTime.add(`${room} ${target}`);
  }
  const below = (room: string): string[] =>
    [...(direct.get(room) ?? [])].flatMap((target) => [target, ...below(target)]);
  const arrows = [...direct].flatMap(([room, targets]) => {
    const implied = new Set([...targets].flatMap(below));
    return [...targets]
      .filter((target) => !implied.has(target))
      .sort()
      .map((target) => `  ${room} ${atRunTime.has(`${room} ${target}`) ? '-->' : '-.->'} ${target}\n`);
  });
  return `flowchart TD\n${arrows.join('')}`;
}
