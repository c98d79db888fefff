import type { Ladder } from './result.ts';

const width = 58;

/** Arrows between two sides, in time. */
export function ladderText({ arrows }: Ladder): string[] {
  return [
    `${'ms'.padStart(9)}  client${'server'.padStart(width - 2)}`,
    ...arrows.map(({ ms, from, text }) => {
      const time = ms.toFixed(1).padStart(9);
      const shown = ` ${text} `;
      const line = '─'.repeat(Math.max(1, width - shown.length - 2));
      const arrow = from === 'client' ? `─${shown}${line}▶` : `◀${line}${shown}─`;
      return `${time}  │${arrow}│`;
    }),
  ];
}
