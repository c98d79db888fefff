import type { IdleDocument } from '../../documents/idle.ts';
import { endpoint, span } from '../../drawing/words.ts';
import { facts, h, pill, section, wide } from '../dom.ts';
import { redrawn } from '../fit.ts';
import { table } from '../table.ts';
import { idlePicture, keepsOf } from './idle-picture.ts';
import { countsOf, heading } from './parts.ts';

type Comparison = IdleDocument['comparisons'][number];
type Probe = IdleDocument['probes'][number];

/** Who closes an idle connection first: the server and its clients on one time scale. */
export function idleView(document: IdleDocument): readonly HTMLElement[] {
  const { server, tls, path, verdict, idle, comparisons, settings, silence, keepAlive } = document;
  const titles = {
    'no race': 'No request meets a connection that the server closes',
    'race possible': 'A request can meet a connection that the server closes',
    'not measured': 'Whether a request can meet a connection that the server closes was not measured',
  };
  return [
    heading(
      'tcpclose idle',
      titles[verdict],
      `${endpoint(document)}${tls ? ', TLS' : ''}, GET ${path}: ${idleOf(idle)}.`,
      h('p', { class: 'result' }, pillOf(verdict)),
    ),
    section(
      'Who gives up first',
      h(
        'p',
        { class: 'note' },
        'How long each keeps a connection that carries nothing. Time is logarithmic. The side that sends requests must give up first: a client whose bar reaches the line of the server can send a request while the connection is being closed.',
      ),
      redrawn(wide('Idle timeouts'), () => idlePicture(document)),
      ...rates(comparisons),
      table('Clients', comparisons, [
        { title: 'client', cell: ({ client }) => client },
        { title: 'keeps', kind: 'number', cell: ({ clientIdleMs }) => keepsOf(clientIdleMs) },
        { title: 'verdict', cell: ({ verdict }) => pillOf(verdict) },
        { title: 'why', kind: 'words', cell: ({ reason }) => reason },
        { title: 'hits/s, at most', kind: 'number', cell: ({ risk }) => riskOf(risk) },
        { title: 'source', kind: 'words', cell: ({ source }) => source },
      ]),
    ),
    ...(settings.length === 0
      ? []
      : [
          section(
            'What ends the race',
            h('p', { class: 'note' }, 'Each by itself.'),
            table('Settings', settings, [
              { title: 'of', cell: ({ of }) => of },
              { title: 'setting', kind: 'code', cell: ({ setting }) => setting },
            ]),
          ),
        ]),
    ...provoked(document),
    section(
      'What was measured',
      facts([
        ['Server', server.says],
        ['process', server.process === null ? null : `${server.process.pid}: ${server.process.command}`],
        ['Keep-Alive', keepAliveOf(keepAlive)],
        ['TCP keepalive', silenceOf(silence)],
      ]),
      table('Connections that were left alone', document.probes, [
        { title: 'after requests', kind: 'number', cell: ({ requests }) => requests },
        { title: 'result', cell: ({ result }) => result },
        { title: 'idle for', kind: 'number', cell: ({ idleMs }) => (idleMs === null ? '' : span(idleMs)) },
        { title: 'by', kind: 'code', cell: ({ by }) => by },
        { title: 'status', kind: 'number', cell: ({ status }) => status },
        { title: 'said', kind: 'words', cell: remarkOf },
      ]),
    ),
  ];
}

function pillOf(verdict: Comparison['verdict']): HTMLElement {
  return pill(
    ({ 'no race': 'good', 'race possible': 'bad', 'not measured': 'faint' } as const)[verdict],
    verdict,
  );
}

function idleOf({ state, ms }: IdleDocument['idle']): string {
  const words = {
    'says close': 'the server announces the end of each connection',
    closes: `the server closes an idle connection after ${span(ms ?? 0)}`,
    'closes unannounced': 'the server closes connections that it had not announced to close',
    open: `the server did not close an idle connection within ${span(ms ?? 0)}`,
    'not measured': 'when the server closes an idle connection was not measured',
  };
  return words[state];
}

function riskOf(risk: Comparison['risk']): string {
  if (risk === null) return '';
  return String(Number(risk.hitsPerS.toPrecision(2)));
}

function rates(comparisons: readonly Comparison[]): HTMLElement[] {
  const risk = comparisons.find(({ risk }) => risk !== null)?.risk;
  if (risk == null) return [];
  const words = `Hits: requests that meet a closing connection, at ${risk.ratePerS} requests/s and a round trip of ${span(risk.windowMs)}.`;
  return [h('p', { class: 'note' }, words)];
}

function remarkOf({ notice, reason, saysClose, answers }: Probe): string {
  return [
    notice,
    reason,
    saysClose ? 'Connection: close' : null,
    answers === null ? null : `${answers} answers`,
  ]
    .filter((words) => words !== null)
    .join('; ');
}

function keepAliveOf(said: IdleDocument['keepAlive']): string | null {
  if (said === null) return null;
  const longer =
    said.longerMs === null
      ? ''
      : `, ${span(Math.abs(said.longerMs))} ${said.longerMs < 0 ? 'earlier' : 'longer'}`;
  const kept = { yes: 'kept', 'closes earlier': 'not kept', 'not known': 'not seen' }[said.keeps];
  return `timeout=${said.timeoutS}: ${kept}${longer}`;
}

function silenceOf({
  keepalive,
  firstProbeMs,
  others,
  silent,
  reason,
}: IdleDocument['silence']): string | null {
  if (keepalive === null) return reason === null ? null : `not seen: ${reason}`;
  const on = firstProbeMs === null ? 'on' : `first probe after ${span(firstProbeMs)} of silence`;
  const rest =
    others === null || others === 0 ? '' : `; ${silent ?? 0} of ${others} other connections have no timer`;
  return `${keepalive === 'on' ? on : 'off: a client that is gone without a FIN is not noticed'}${rest}`;
}

function provoked({ provoked }: IdleDocument): readonly HTMLElement[] {
  if (provoked === null) return [];
  const [first] = provoked;
  return [
    section(
      'What the race cost',
      h(
        'p',
        { class: 'note' },
        `Made to happen with real clients, and ${span(first?.holdMs ?? 0)} of delay in each direction.`,
      ),
      table('Provoked', provoked, [
        { title: 'client', cell: ({ client }) => client },
        { title: 'sent', kind: 'number', cell: ({ sent }) => sent },
        { title: 'lost', kind: 'number', cell: ({ lost }) => lost },
        { title: '502, 503 or 504', kind: 'number', cell: ({ badGateway }) => badGateway },
        { title: 'sent again', kind: 'number', cell: ({ repeated }) => repeated },
        { title: 'elsewhere', kind: 'number', cell: ({ elsewhere }) => elsewhere },
        { title: 'gave up first', kind: 'number', cell: ({ gaveUpFirst }) => gaveUpFirst },
        { title: 'errors', cell: ({ errors }) => countsOf(Object.entries(errors), '×') },
      ]),
    ),
  ];
}
