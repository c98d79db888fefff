import { closing } from './closing.ts';
import type { Stop } from './stop.ts';
import { waiting } from './waiting.ts';

/** The tour, in the order that teaches. */
export const stops: readonly Stop[] = [...closing, ...waiting];
