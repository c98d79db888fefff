import type { Entry } from './entry.ts';

/** Why requests were lost during a restart, in the words of "restart --load". */
const texts: Readonly<Record<string, readonly [text: string, shownBy: readonly string[]]>> = {
  'no-handler': [
    'The server has no handler for the signal: it ended at once, with requests in flight.',
    ['every-way-alike'],
  ],
  killed: ['The server was ended by SIGKILL, with requests in flight.', ['every-way-alike']],
  'exits-at-once': ['The handler of the signal ends the process at once, with requests in flight.', []],
  'drain-too-short': [
    'The server waited for the requests in flight, and gave them up before they were answered: its time limit is too short.',
    [],
  ],
  'drain-too-long': [
    'The server still waited for requests in flight when its time was over, and was killed.',
    [],
  ],
  'stops-listening-before-drain': [
    'The server closed its listener at the signal, while clients or a load balancer still sent new connections.',
    [],
  ],
  'accept-queue-dropped': [
    'Connections that waited in the accept queue were reset when the listener closed.',
    ['accept-queue-reset', 'migrated-queue'],
  ],
  'no-connection-close': [
    'The server did not say "Connection: close" before it closed, so clients sent the next request on a connection that was about to end.',
    ['connection-close', 'keep-alive-race'],
  ],
  'cuts-keep-alive': [
    'The server closed idle connections on which a request was on its way.',
    ['keep-alive-race'],
  ],
  'cuts-requests': [
    'The server closed connections whose requests it had begun to answer.',
    ['node-queue-lost'],
  ],
  'not-answered': ['The server held connections without an answer.', []],
  'answers-with-errors': ['The server answered requests after the signal by an error.', []],
  'second-start-loses': ['The second start accepted connections, and did not answer them.', []],
  'slow-start': ['The second start took a while to listen, and nothing listened until then.', []],
  outage: [
    'Between the old listener and the new one nothing listened: new connections were refused.',
    ['server-first'],
  ],
};

export const losses: readonly Entry[] = Object.entries(texts).map(([name, [text, shownBy]]) => [
  name,
  `${text} "tcpclose restart --load" counts what it costs.`,
  'tcpclose restart --load; docs/restart.md',
  shownBy,
]);
