import { type Notify, notify as send } from '../rpc/server.ts';
import type { Notifications } from './notifications.ts';

export const notify: Notify<Notifications> = send;
