import { many } from '../../../many.ts';
import type { RunDocument } from '../../documents/run.ts';
import { bindResult, bindsOf, failsToBind, staysOf } from '../../drawing/collect.ts';
import { endpoint, moment } from '../../drawing/words.ts';
import { facts, h } from '../dom.ts';

/** For new readers: a run in a few sentences, from the words of its scenario and from what its checks observed. */
export function summary(run: RunDocument): HTMLElement {
  return h(
    'div',
    { class: 'summary' },
    facts([['What happened', happened(run)], ...why(run), ['What to do', whatToDo(run)]]),
    h(
      'p',
      { class: 'note' },
      'The words of TCP are explained ',
      h('a', { href: '#s-what-the-words-mean' }, 'below the picture'),
      '.',
    ),
  );
}

type Check = RunDocument['checks'][number];

const contradicted = ({ checks }: RunDocument) => checks.filter(({ verdict }) => verdict === 'contradicted');
const serves = ({ observed }: Check) => /^accepted\b/.test(observed);

function happened(run: RunDocument): string {
  const { checks, steps, outcome, reason } = run;
  const [bad] = contradicted(run);
  if (bad !== undefined)
    return `In step ${bad.step} the check "${bad.title}" expected "${bad.expected}", and this machine showed "${bad.observed}".`;
  if (outcome !== 'passed') return `The run was ${outcome}${reason === null ? '.' : `: ${reason}`}`;
  const count = (number: number, one: string, more?: string) =>
    number === 0 ? [] : [many(number, one, more)];
  const failed = checks.filter(failsToBind);
  const inUse = failed.length > 0 && failed.every((check) => bindResult(check) === 'EADDRINUSE');
  const what = [
    ...count(failed.length, 'bind failed', 'binds failed').map(
      (words) => `${words}${inUse ? ' with EADDRINUSE ("Address already in use")' : ''}`,
    ),
    ...count(checks.filter(serves).length, 'new server served a client', 'new servers served a client'),
  ];
  const numbered = count(steps.filter(({ number }) => number > 0).length, 'step');
  return [
    ...(inUse ? ['A server asks the kernel for its port with bind().'] : []),
    `In ${numbered[0] ?? 'no step'} the observations were as expected${what.length === 0 ? '' : `: ${what.join(', and ')}`}.`,
    ...stillThere(run).map(
      ({ atMs, end, state }) =>
        `When the first bind had failed, at ${moment(atMs)}, the kernel still had the server's end of a connection: ${end} in ${state}.`,
    ),
  ].join(' ');
}

/** What the kernel still had of the servers' connections when the first bind failed; nothing if that was at several addresses. */
function stillThere(run: RunDocument): { atMs: number; end: string; state: string }[] {
  const first = bindsOf(run).find(({ failed }) => failed)?.check;
  if (first === undefined) return [];
  const { atMs } = first;
  const found = (run.recording?.connections ?? []).flatMap((connection) =>
    staysOf(connection, 'server')
      .filter(({ from, to }) => from <= atMs && (to === null || to > atMs))
      .map(({ state }) => ({ atMs, end: endpoint(connection.server), state })),
  );
  return new Set(found.map(({ end, state }) => `${end} ${state}`)).size === 1 ? found.slice(0, 1) : [];
}

/** A new reader does not know yet who has a port that belongs to no process. */
const keptByKernel =
  'A connection does not end with its process. The side that closes first keeps its end in the kernel: in FIN_WAIT2 until the other side ' +
  'closes, too (normally 60 s at most if no process has it), and then 60 s in TIME_WAIT, so that late segments of the old connection are not ' +
  'taken for those of a new one. Until that is over the port counts as in use.';

function why(run: RunDocument): [name: string, words: string][] {
  const { claim, outcome } = run;
  if (contradicted(run).length > 0) return [['Why', `The scenario says otherwise: ${claim}`]];
  if (outcome !== 'passed') return [['Why', `It was meant to show this: ${claim}`]];
  if (!stillThere(run).some(({ state }) => state === 'FIN_WAIT2' || state === 'TIME_WAIT'))
    return [['Why', claim]];
  return [
    ['Why', keptByKernel],
    ['The rule', claim],
  ];
}

function whatToDo(run: RunDocument): string {
  const { checks, outcome } = run;
  if (contradicted(run).length > 0)
    return 'Run it once more; if it is contradicted again, compare the readings below with what was expected.';
  if (outcome !== 'passed') return 'Remove the reason, then run it again.';
  const conditions = checks
    .filter(serves)
    .flatMap(({ claims }) => claims.flatMap(({ under }) => under ?? []));
  const failed = checks.some(failsToBind);
  if (failed && conditions.length > 0)
    return `With this a restarted server served a client here: ${[...new Set(conditions)].join('; ')}.${conditions.some((one) => one.includes('SO_REUSE')) ? ' So set the option before bind(), in every start of the server: an old server without it still blocks the new one.' : ''} "tcpclose restart -- node server.js" tries your own server.`;
  if (failed) return 'If this happens to your server, "tcpclose why <port>" names what has its port.';
  return 'Nothing: the run came out as it should. "tcpclose audit" looks for what is wrong with the connections of a machine.';
}
