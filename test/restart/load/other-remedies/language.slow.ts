import { describe, test } from 'vitest';
import { missing } from '../../../support/machine.ts';
import { fixture } from '../../../support/restarts.ts';
import { helps, noSlow, outage, preStop, type Remedy, type Start } from './helps.ts';

/** A language of which tcpclose has no remedies of its own. */
const perl =
  (how: string, slow = '0.4') =>
  (port: number) => ['perl', fixture('ways.pl'), String(port), how, slow];
const advised: Start = [perl('advised')];

const inPerl: Readonly<Record<string, Omit<Remedy, 'needs'>>> = {
  'a handler': {
    cause: 'no-handler',
    says: /^handle the signal: stop accepting/,
    failing: [perl('no handler')],
    repaired: advised,
    left: outage,
  },
  'an exit when all is answered': {
    cause: 'exits-at-once',
    says: /^wait in the handler until the requests in flight are answered/,
    failing: [perl('exit')],
    repaired: advised,
    left: outage,
  },
  'a longer time limit': {
    cause: 'drain-too-short',
    says: /^raise the time limit of the shutdown/,
    failing: [perl('exit late', '2.5')],
    repaired: [perl('advised', '2.5')],
    left: outage,
  },
  'a listener that stays open': {
    cause: 'stops-listening-before-drain',
    says: /by a delay in the handler/,
    failing: [perl('drain'), ...preStop],
    repaired: [perl('advised'), ...preStop],
    left: [],
  },
  'an accept queue that is emptied': {
    cause: 'accept-queue-dropped',
    says: /close the listener when its queue is empty/,
    failing: [perl('cut')],
    repaired: advised,
    left: outage,
  },
  'Connection: close': {
    cause: 'no-connection-close',
    says: /^send "Connection: close" with every answer after the signal/,
    failing: [perl('mute')],
    repaired: advised,
    left: outage,
    load: noSlow,
  },
  'idle connections that are kept': {
    cause: 'cuts-keep-alive',
    says: /^keep idle connections open for some seconds after the signal/,
    failing: [perl('cut')],
    repaired: advised,
    left: outage,
  },
  'connections with a request that stay open': {
    cause: 'cuts-requests',
    says: /^close only connections without a request in flight/,
    failing: [perl('close all')],
    repaired: advised,
    left: outage,
  },
  'answers as before': {
    cause: 'answers-with-errors',
    says: /^answer requests that arrive after the signal as before/,
    failing: [perl('errors')],
    repaired: advised,
    left: outage,
  },
};

describe.concurrent('each remedy helps a server of a language without remedies of its own', () => {
  test.for(Object.entries(inPerl))('%s', async ([, remedy], context) => {
    const why = missing('perl');
    if (why !== null) return context.skip(why);
    await helps(remedy);
  });
});
