import type { Drawn } from '../../../src/report/drawing/drawn.ts';

/** Of a drawing: it, and all that is in it. */
export function partsOf(one: Drawn): Drawn[] {
  return [one, ...one.children.flatMap((child) => (typeof child === 'string' ? [] : partsOf(child)))];
}
