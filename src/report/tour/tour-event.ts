import type { Event } from '../../events.ts';
import type { RunDocument } from '../documents/run.ts';
import type { Stop } from './stop.ts';

/** Events of the tour. */
export type TourEvent =
  | { readonly type: 'question'; readonly stop: Stop; readonly number: number; readonly of: number }
  | { readonly type: 'not drawn'; readonly why: string }
  | { readonly type: 'run'; readonly stop: Stop; readonly event: Event }
  | { readonly type: 'answer'; readonly stop: Stop; readonly run: RunDocument }
  | { readonly type: 'over' };
