/** The notifications of a load generator. */
import * as v from 'valibot';
import { connectionEnd, finished } from './request.ts';

export const notifications = {
  finished: v.object({ requests: v.array(finished), ends: v.array(connectionEnd) }),
};
export type Notifications = typeof notifications;
