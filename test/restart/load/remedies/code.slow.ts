import { fixture } from '../../../support/restarts.ts';
import { somePort } from '../../../support/sockets.ts';
import { describeRemedies } from './helps.ts';

const node =
  (how: string, delay = '0') =>
  (port: number) => ['node', fixture('logged.cjs'), String(port), '/dev/null', how, delay];
const python = (how: string) => (port: number) => [
  ...['python3', fixture('logged.py'), String(port), '/dev/null', how],
];

const preStop = ['--pre-stop', '800ms'];

describeRemedies({
  'a handler in Node': {
    cause: 'no-handler',
    says: /closeIdleConnections/,
    failing: [node('no handler')],
    repaired: [node('keep')],
    left: 'outage alone',
  },
  'a handler in Python': {
    cause: 'no-handler',
    says: /server\.shutdown\(\) from another thread/,
    failing: [python('no handler')],
    repaired: [python('drain')],
    left: 'outage alone',
    needs: 'python3',
  },
  'TERM instead of KILL': {
    cause: 'killed',
    says: /such as TERM/,
    failing: [node('keep'), ['--signal', 'KILL']],
    repaired: [node('keep')],
    left: 'outage alone',
  },
  'no process.exit() in the handler': {
    cause: 'exits-at-once',
    says: /do not call process\.exit\(\)/,
    failing: [node('exit')],
    repaired: [node('keep')],
    left: 'outage alone',
  },
  'no time limit in the handler, and Connection: close': {
    cause: 'drain-too-short',
    says: /time limit/,
    failing: [node('exit late')],
    repaired: [node('keep')],
    left: 'outage alone',
  },

  'a longer --drain': {
    cause: 'drain-too-long',
    says: /raise the limit/,
    failing: [node('never'), ['--drain', '500ms']],
    repaired: [node('keep'), ['--drain', '8s']],
    left: 'outage alone',
  },
  'a listener that stays open': {
    cause: 'stops-listening-before-drain',
    says: /before you close the listener/,
    failing: [node('keep'), preStop],
    repaired: [node('pre-stop'), preStop],
    left: 'loses nothing',
  },
  'a load balancer that stops first': {
    cause: 'outage',
    says: /--pre-stop/,
    failing: [node('pre-stop')],
    repaired: [node('pre-stop'), preStop],
    left: 'loses nothing',
  },
  'no closeAllConnections()': {
    cause: 'cuts-requests',
    says: /do not call server\.closeAllConnections/,
    failing: [node('close all')],
    repaired: [node('keep')],
    left: 'outage alone',
  },
  'idle connections that are kept': {
    cause: 'cuts-keep-alive',
    says: /^close an idle connection only after a "Connection: close" on it, with this code/,
    failing: [node('busy, cut')],
    repaired: [node('busy, keep')],
    left: 'outage alone',
  },
  'an accept queue that is emptied': {
    cause: 'accept-queue-dropped',
    says: /its queue is empty/,
    failing: [node('busy, cut')],
    repaired: [node('busy, keep')],
    left: 'outage alone',
  },
  'Connection: close': {
    cause: 'no-connection-close',
    says: /res\.setHeader\('Connection', 'close'\)/,
    failing: [node('mute')],
    repaired: [node('pre-stop')],
    left: 'outage alone',
  },
  'answers as before': {
    cause: 'answers-with-errors',
    says: /as before/,
    failing: [node('errors')],
    repaired: [node('pre-stop')],
    left: 'outage alone',
  },
  'a quick start': {
    cause: 'slow-start',
    says: /start the new server before/,
    failing: [node('keep', '2500')],
    repaired: [node('keep')],
    left: 'outage alone',
  },

  'a listener that is kept': {
    cause: 'outage',
    says: /--listen-fds/,
    failing: [node('keep')],
    repaired: [() => ['node', fixture('activated.cjs')], ['--listen-fds', String(somePort())]],
    left: 'loses nothing',
  },
});
