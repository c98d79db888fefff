import { type Drawn, draw } from './drawn.ts';

/** A pattern for each state, so that none depends on colour alone. */
export function patterns(): Drawn {
  const tile = (name: string, size: number, d: string) =>
    draw(
      'pattern',
      { id: `p-${name}`, width: size, height: size, patternUnits: 'userSpaceOnUse' },
      draw('path', { d, class: 'stroke' }),
    );
  return draw(
    'defs',
    {},
    tile('SYN_SENT', 6, 'M0 6L6 0'),
    tile('SYN_RECV', 6, 'M0 0L6 6'),
    tile('FIN_WAIT1', 8, 'M0 8L8 0'),
    tile('FIN_WAIT2', 8, 'M0 0L8 8'),
    tile('CLOSING', 8, 'M0 0L8 8M0 8L8 0'),
    tile('TIME_WAIT', 7, 'M2 3.5h3M3.5 2v3'),
    tile('CLOSE_WAIT', 7, 'M3.5 0v7'),
    tile('LAST_ACK', 7, 'M0 3.5h7'),
  );
}
