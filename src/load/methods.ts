/** The methods of a load generator, by name. */
import * as v from 'valibot';
import { number } from '../rpc/messages.ts';
import { method } from '../rpc/method.ts';
import { notify } from '../rpc/server.ts';
import { plan } from './plan.ts';
import { openClient } from './program/client.ts';
import { type Done, Driver } from './program/driver.ts';
import type { ConnectionEnd, FinishedRequest } from './request.ts';

const reportEveryMs = 50;
let driver: Driver | undefined;
let unreported: FinishedRequest[] = [];
let unreportedEnds: ConnectionEnd[] = [];

/** Makes one request, alone, and returns its record. */
const probe = method({
  params: v.object({ plan, form: v.picklist(['plain', 'slow']) }),
  async run({ plan, form }) {
    const client = openClient(plan, 'closes');
    try {
      return await client.request(0, form === 'slow' ? 'slow' : 'new', form);
    } finally {
      client.end();
    }
  },
});

/** Begins the load. The notification `finished` reports requests that are over. */
const start = method({
  params: v.object({ plan }),
  run({ plan }) {
    driver = new Driver(
      plan,
      (request) => unreported.push(request),
      (end) => unreportedEnds.push(end),
    );
    setInterval(report, reportEveryMs);
  },
});

/** The signal has been sent: idle connections are used again, and no request is started after that moment. */
const rouse = method({
  params: v.object({ until: v.nullable(number) }),
  run: ({ until }) => driver?.rouse(until),
});

/** Whether to start new requests. */
const send = method({
  params: v.object({ state: v.picklist(['on', 'paused']) }),
  run: ({ state }) => driver?.send(state),
});

/** Starts no more requests, and returns once all are over and reported. */
const stop = method({
  async run(): Promise<Done> {
    const done = await driver?.stop();
    report();
    return done ?? { newAsked: 0, newMade: 0, latestMs: 0, stalls: [] };
  },
});

function report(): void {
  if (unreported.length + unreportedEnds.length === 0) return;
  notify('finished', { requests: unreported, ends: unreportedEnds });
  unreported = [];
  unreportedEnds = [];
}

export const methods = { probe, start, rouse, send, stop };
export type Methods = typeof methods;
