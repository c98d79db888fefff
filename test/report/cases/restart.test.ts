import { describe, expect, test } from 'vitest';
import type { RestartDocument } from '../../../src/report/documents/restart.ts';
import { restartCases } from '../../../src/report/restart/cases.ts';
import {
  describeOther,
  describeUnit,
  isInterrupted,
  ownWords,
  shownVerdict,
  titleOf,
  verdictOfAll,
  watchingOf,
} from '../../../src/report/restart/words.ts';
import { saved } from '../saved.ts';
import { states, words } from './results.ts';

describe('restart', () => {
  const document = saved<RestartDocument>('restart');
  const [run] = document.runs as [RestartDocument['runs'][number]];
  const of = (change: object) => restartCases({ ...document, runs: [{ ...run, ...change }] } as never);

  test.each([
    ['survives', 'passed'],
    ['loses', 'failed'],
    ['fails', 'failed'],
    ['not decided', 'undecided'],
  ])('that %s is %s', (verdict, state) => {
    expect(states(of({ verdict, reason: 'it was too slow' }))).toEqual([state]);
  });

  test('contains the cause and the remedy of a failure, or the reason of an undecided run', () => {
    const evidence = { ...run.evidence, explanation: 'it is so', remedy: 'change it' };
    for (const verdict of ['fails', 'loses'])
      expect(of({ verdict, evidence, cause: 'port-taken' })[0]?.result).toMatchObject({
        problems: [{ type: 'port-taken', remedy: 'change it' }],
      });
    expect(of({ verdict: 'fails', cause: null, evidence: null })[0]?.result).toMatchObject({
      problems: [{ type: 'fails', remedy: null, message: ` (calls: ${watchingOf(run)})` }],
    });
    expect(of({ verdict: 'loses', cause: null, evidence: null })[0]?.result).toMatchObject({
      problems: [
        { type: 'loses', remedy: null, message: `survives, loses requests:  (calls: ${watchingOf(run)})` },
      ],
    });
    expect(words(of({ verdict: 'not decided', reason: 'it was too slow' }))).toEqual(['it was too slow']);
    expect(words(of({ verdict: 'not decided', reason: null }))).toEqual(['']);
  });

  test('has the facts of the run, and those that are not known as null', () => {
    const asked = { clients: 4 };
    const known = {
      ...{
        verdict: 'loses',
        cause: 'port-taken',
        reason: 'so',
        outageMs: 7,
        reload: { output: 'its end\n' },
      },
      evidence: { explanation: 'it is so', remedy: 'change it', secondStart: null },
      load: { ...saved<RestartDocument>('restart-load').runs[0]?.load, asked },
    };
    const [{ className, facts } = { className: '', facts: {} }] = of(known);
    expect(className).toBe('tcpclose.restart');
    expect(facts).toEqual({
      ...{ verdict: 'loses', cause: 'port-taken', reason: 'so', outage_ms: 7, output: 'its end' },
      ...{ explanation: 'it is so', remedy: 'change it', calls: watchingOf({ ...run, ...known } as never) },
      ...{ requests: known.load.requests, lost: known.load.lost, load: asked },
    });
    const unknown = { explanation: null, remedy: null, requests: null, lost: null, load: null, output: null };
    expect(of({ verdict: 'survives', evidence: null, load: null, reload: null })[0]?.facts).toMatchObject(
      unknown,
    );
    const [lossy] = words(of({ ...known, evidence: null }));
    expect(lossy).not.toContain('loses requests');
    expect(lossy).toMatch(/^survives, .*requests.*: {2}\(calls: /);
  });

  test('has below the message what a reader needs: cause, remedy, losses, calls and output', () => {
    const textOf = (change: object) => {
      const [{ result } = { result: { state: 'passed' } }] = of(change);
      return 'problems' in result ? result.problems[0]?.text : undefined;
    };
    const calls = `Calls: ${watchingOf(run)}`;
    const bare = { verdict: 'not decided', reason: 'no', evidence: null, load: null, reload: null };
    expect(textOf(bare)).toBe(calls);
    expect(textOf({ ...bare, reload: { output: 'reloaded\n' } })).toBe(
      `${calls}\nIts last output:\nreloaded`,
    );
    const evidence = { explanation: 'it is so', remedy: 'change it', secondStart: null };
    expect(textOf({ ...bare, evidence })).toBe(`it is so\nRemedy: change it\n${calls}`);
    const [loss] = saved<RestartDocument>('restart-load').runs[0]?.load?.losses ?? [];
    const load = { ...saved<RestartDocument>('restart-load').runs[0]?.load, losses: [loss] };
    expect(textOf({ ...bare, load })).toMatch(/^Losses:\n/);
    expect(textOf({ ...bare, evidence, load })).toContain('\nLosses:\n');
    const named = { ...evidence, explanation: loss?.explanation };
    expect(textOf({ ...bare, evidence: named, load })).not.toContain('osses:');
    const two = { ...load, losses: [loss, { ...loss, explanation: 'another' }] };
    expect(textOf({ ...bare, evidence: named, load: two })).toContain('\nOther losses:\n');
  });

  test('reports the losses of a server that survives under load, and the way of a reload', () => {
    const { load } = saved<RestartDocument>('restart-load').runs[0] as typeof run;
    const [text] = words(of({ verdict: 'survives', load, outageMs: 7 }));
    expect(text).toMatch(/ survives, .*requests.*, 7 ms outage \(calls: /);
    const reload = { signal: 'SIGHUP', command: null };
    expect(words(of({ verdict: 'survives', reload }))[0]).toContain(
      'survives, reload by SIGHUP, under load (calls: ',
    );
  });

  test('reports the outage of a server that survives', () => {
    const [text] = words(of({ verdict: 'survives', outageMs: 41.6 }));
    expect(text).toContain('survives, 42 ms outage (calls: ');
    expect(words(of({ verdict: 'survives', outageMs: null }))[0]).toContain('survives, 0 ms outage');
    expect(of({ outageMs: null })[0]?.facts['outage_ms']).toBeNull();
    expect(of({ outageMs: 41.6 })[0]?.facts['outage_ms']).toBe(42);
  });

  test.each<[object, string]>([
    [{}, 'SIGTERM, the clients stay connected'],
    [{ clients: 'close' }, 'SIGTERM, the clients close after it'],
    [{ order: 'client-first' }, 'SIGTERM, the clients close first'],
    [{ load: {} }, 'SIGTERM, under load'],
    [{ way: 'restart under load' }, 'SIGTERM, under load'],
    [{ way: 'handover' }, 'handover, then SIGTERM, under load'],
    [{ way: 'reload' }, 'reload by SIGTERM, under load'],
    [{ way: 'reload', signal: 'none' }, 'reload by a command, under load'],
    // What was done counts, not what was asked for.
    [{ way: 'reload', reload: { signal: 'SIGUSR1', command: null } }, 'reload by SIGUSR1, under load'],
    [
      { way: 'handover', reload: { handover: { by: 'SIGUSR2', signal: 'SIGQUIT' } } },
      'handover by SIGUSR2, then SIGQUIT, under load',
    ],
    [{ load: {}, reload: { signal: 'SIGHUP', command: null } }, 'reload by SIGHUP, under load'],
    [{ reload: { signal: null, command: 'nginx -s reload' } }, 'reload by "nginx -s reload", under load'],
    [{ reload: { handover: { by: null, signal: 'SIGTERM' } } }, 'handover, then SIGTERM, under load'],
    [
      { reload: { handover: { by: 'SIGUSR2', signal: 'SIGQUIT' } } },
      'handover by SIGUSR2, then SIGQUIT, under load',
    ],
  ])('has the title of its way: %j', (change, title) => {
    const plainRun = {
      ...run,
      signal: 'SIGTERM',
      clients: 'stay',
      order: 'server-first',
      load: null,
      reload: null,
    };
    expect(titleOf({ ...plainRun, ...change } as never)).toBe(title);
  });

  test('has no verdict if the user interrupted it', () => {
    const undecided = { ...run, verdict: 'not decided', reason: 'interrupted by SIGINT' } as const;
    expect(isInterrupted(undecided)).toBe(true);
    expect(isInterrupted({ ...undecided, verdict: 'fails' })).toBe(false);
    expect([null, 'it was interrupted'].map((reason) => isInterrupted({ ...undecided, reason }))).toEqual([
      false,
      false,
    ]);
    expect(shownVerdict(undecided)).toBe('interrupted');
    expect(shownVerdict({ ...undecided, reason: 'too slow' })).toBe('not decided');
    const all = (verdict: 'fails' | 'not decided', ...runs: (typeof run)[]) =>
      verdictOfAll({ ...document, verdict, runs });
    expect(all('not decided', run, undecided)).toBe('interrupted');
    expect(all('not decided', run)).toBe('not decided');
    expect(all('fails', undecided)).toBe('fails');
  });

  test('names the basis of the verdict', () => {
    const watching = (state: string, seenBy?: string) =>
      watchingOf({
        ...{ watching: { state, reason: 'no seccomp' }, evidence: {} },
        target: seenBy && { seenBy },
      } as never);
    const never = { watching: { state: 'off', reason: 'it never listened' }, evidence: null };
    expect(watchingOf(never as never)).toBe('it never listened');
    const silent = { watching: { state: 'off' }, evidence: null };
    expect(watchingOf(silent as never)).toBe('');
    expect(watching('on')).toBe('its bind() and listen() were watched');
    expect(watching('on', 'calls')).toBe('its bind() and listen() were watched');
    expect(watching('on', 'table')).toBe(
      "its bind() and listen() were watched; this listener is known only from the kernel's table",
    );
    expect(watching('off')).toBe("not watched: no seccomp. The verdict rests on the kernel's state.");
  });

  test.each([
    ['it starts\nbind: Address already in use\nError: no', 'bind: Address already in use'],
    ['it starts\n  listen EADDRINUSE\nend', 'listen EADDRINUSE'],
    ['it starts\n  OSError: [Errno 13]\nit failed', 'OSError: [Errno 13]'],
    ['java.lang.Exception: x\nit failed', 'java.lang.Exception: x'],
    ['it starts\naccess denied\nend', 'access denied'],
    ['it failed\nsome Error here', 'it failed'],
    ['it starts\n\nthe end  \n\n', 'the end'],
    [' \n', 'it printed nothing'],
  ])('the most telling line of %j is %j', (output, line) => {
    expect(ownWords(output)).toBe(line);
  });

  test('describes a unit, and a listener beside its own', () => {
    const unit = { name: 'web.service', type: 'notify', restart: 'always', sockets: [] as string[] };
    expect(describeUnit(unit as never)).toBe('web.service, Type=notify, Restart=always');
    expect(describeUnit({ ...unit, sockets: ['a.socket', 'b.socket'] } as never)).toBe(
      'web.service, Type=notify, Restart=always; a.socket, b.socket holds the listener, which stays open: connections wait in its queue',
    );
    const other = { address: '::1:80', tool: null, processes: [{ pid: 7, name: 'node' }] };
    expect(describeOther(other as never)).toBe('::1:80   pid 7 node');
    expect(describeOther({ ...other, tool: 'docker-proxy', processes: [] } as never)).toBe(
      '::1:80   (of docker-proxy)',
    );
  });
});
