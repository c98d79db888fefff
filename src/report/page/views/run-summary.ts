import type { RunDocument } from '../../documents/run.ts';
import { bindResult, bindsOf, staysOf } from '../../drawing/collect.ts';
import { endpoint, moment } from '../../drawing/words.ts';
import { facts, h } from '../dom.ts';

/** For new readers: a run in three sentences, from the words of its scenario and from what its checks observed. */
export function summary(run: RunDocument): HTMLElement {
  return h(
    'div',
    { class: 'summary' },
    facts([
      ['What happened', happened(run)],
      ['Why', why(run)],
      ['What to do', whatToDo(run)],
    ]),
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
const failsToBind = (check: Check) => /^E[A-Z]/.test(bindResult(check) ?? '');
const serves = ({ observed }: Check) => /^accepted\b/.test(observed);

function happened(run: RunDocument): string {
  const { checks, steps, outcome, reason } = run;
  const [bad] = contradicted(run);
  if (bad !== undefined)
    return `In step ${bad.step} the check "${bad.title}" expected "${bad.expected}", and this machine showed "${bad.observed}".`;
  if (outcome !== 'passed') return `The run was ${outcome}${reason === null ? '.' : `: ${reason}`}`;
  const count = (number: number, one: string, many: string) =>
    number === 0 ? [] : [`${number} ${number === 1 ? one : many}`];
  const what = [
    ...count(checks.filter(failsToBind).length, 'bind failed', 'binds failed'),
    ...count(checks.filter(serves).length, 'new server served a client', 'new servers served a client'),
  ];
  const numbered = count(steps.filter(({ number }) => number > 0).length, 'step', 'steps');
  const result = `In ${numbered[0] ?? 'no step'} the observations were as expected${what.length === 0 ? '' : `: ${what.join(', and ')}`}.`;
  return [result, ...stillThere(run)].join(' ');
}

/** What the kernel still had of the servers' connections when the first bind failed; nothing if that was at several addresses. */
function stillThere(run: RunDocument): string[] {
  const first = bindsOf(run).find(({ failed }) => failed)?.check;
  if (first === undefined) return [];
  const ends = (run.recording?.connections ?? []).flatMap((connection) =>
    staysOf(connection, 'server')
      .filter(({ from, to }) => from <= first.atMs && (to === null || to > first.atMs))
      .map(({ state }) => `${endpoint(connection.server)} in ${state}`),
  );
  const [end, ...others] = new Set(ends);
  if (end === undefined || others.length > 0) return [];
  return [
    `When the first bind had failed, at ${moment(first.atMs)}, the kernel still had an end of a connection: ${end}.`,
  ];
}

function why(run: RunDocument): string {
  if (contradicted(run).length > 0) return `The scenario says otherwise: ${run.claim}`;
  return run.outcome === 'passed' ? run.claim : `It was to show this: ${run.claim}`;
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
    return `With this a restarted server served a client here: ${[...new Set(conditions)].join('; ')}. "tcpclose restart -- node server.js" tries it with your own server.`;
  if (failed) return 'If this happens to your server, "tcpclose why <port>" names what has its port.';
  return 'Nothing: the run came out as it should. "tcpclose audit" looks for what is wrong with the connections of a machine.';
}
