/** What a load generator sends unasked. */
import * as v from 'valibot';
import { finished } from './request.ts';

export const notifications = { finished: v.object({ requests: v.array(finished) }) };
export type Notifications = typeof notifications;
