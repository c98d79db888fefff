import { describe, expect, test } from 'vitest';
import { harmless, harmlessLines } from '../../src/foreign.ts';
import type { SignalDisposition } from '../../src/observe/proc/status.ts';
import type { Row } from '../../src/observe/row.ts';
import { causeOf } from '../../src/restart/cause.ts';
import type { Observation, SecondStart, Survivor } from '../../src/restart/trial.ts';
import type { Call } from '../../src/supervisor/calls/call.ts';

// Which observations lead to which cause. That real servers lead to these observations is shown by causes.test.ts, remedies.test.ts and
// servers/.
const [oldInode, otherInode] = [7001, 7002];

const row: Row = {
  family: 'IPv4',
  state: 'FIN_WAIT2',
  local: { address: '127.0.0.1', port: 8080 },
  remote: { address: '127.0.0.1', port: 40_000 },
  receiveQueue: 0,
  sendQueue: 0,
  timer: null,
  processes: [],
  uid: 0,
  inode: 0,
  cookie: null,
  open: null,
};
const listener: Row = {
  ...row,
  state: 'LISTEN',
  remote: { address: '0.0.0.0', port: 0 },
  inode: oldInode,
};
const timeWait: Row = {
  ...row,
  state: 'TIME_WAIT',
  timer: { kind: 'timewait', leftMs: 42_000, retransmits: 0 },
};
const by = (pid: number, name = 'node') => ({ pid, name: harmless(name) });

const call: Call = {
  number: 1,
  call: 'bind',
  pid: 11,
  program: harmless('node'),
  fd: 20,
  family: 'IPv4',
  type: 'stream',
  address: '127.0.0.1',
  port: 8080,
  path: null,
  options: { reuseAddress: true, reusePort: false, v6Only: null },
  inode: otherInode,
  network: 'same',
  at: 0,
  result: 'EADDRINUSE',
  seen: 'just before',
  inTheWay: [],
};

const second: SecondStart = {
  result: 'failed',
  at: 0,
  listened: 'no',
  ended: { status: 1, signal: null },
  output: harmlessLines('Error: listen EADDRINUSE: address already in use :::8080'),
  acceptedBy: [],
  acceptor: 'own',
  sockets: [],
  ownBind: { state: 'not known' },
  calls: [],
  listensOn: [],
  missing: [],
  watchedMs: null,
};

const seen: Observation = {
  target: { address: '127.0.0.1', port: 8080 },
  sighting: { seenBy: 'table' },
  others: [],
  watching: { state: 'on' },
  firstClients: 'some',
  signal: 'SIGTERM',
  disposition: null,
  dispositionThen: null,
  listenerDisposition: null,
  toldProcess: 'listened',
  stopped: { status: null, signal: 'SIGTERM', afterMs: 5 },
  stopTimeoutMs: 10_000,
  listenerOptions: {
    state: 'read',
    reuseAddress: false,
    reusePort: false,
  },
  listenerInodes: [oldInode],
  calls: [],
  reuseAddressAtBind: null,
  oldSockets: [],
  oldProcesses: [],
  stillListening: [],
  second,
  load: null,
  probe: { withoutReuseAddress: 'EADDRINUSE', withReuseAddress: 'ok' },
  outageMs: null,
};

const free = { withoutReuseAddress: 'ok', withReuseAddress: 'ok' } as const;
const stuck = { withoutReuseAddress: 'EADDRINUSE', withReuseAddress: 'EADDRINUSE' } as const;
const withOption = {
  state: 'read',
  reuseAddress: true,
  reusePort: false,
} as const;
const unix = { path: harmless('/run/app.sock') };
const mute = harmlessLines('');

const survivor: Survivor = {
  pid: 12,
  parent: 10,
  name: harmless('node'),
  command: harmless('node worker.js'),
  listener: 'shared',
};

const told: SignalDisposition = { ignored: [], caught: [], awaited: [], pending: [], role: 'other' };

/** The cause in lines: code, explanation, remedy. */
function decided(over: Partial<Observation>, ofSecond: Partial<SecondStart> | null = {}): string {
  const { code, explanation, remedy } = causeOf({
    ...seen,
    ...over,
    second: ofSecond === null ? null : { ...second, ...ofSecond },
  });
  return `${code}\n${explanation}\n${remedy}`;
}

/** There was no second start, since the old server had not ended. */
const ofStuck = (over: Partial<Observation>) => decided({ stopped: null, ...over }, null);

describe('the old process has not ended', () => {
  test('it ignores the signal', () => {
    expect(ofStuck({ disposition: { ...told, ignored: ['SIGTERM'] } })).toMatchInlineSnapshot(`
      "signal-ignored
      The process that got SIGTERM ignores it (SigIgn in its /proc/<pid>/status).
      handle SIGTERM in the program, or stop it with a signal that it acts on: --signal KILL"
    `);
  });

  test('it ignores the signal, and handles another', () => {
    expect(
      ofStuck({ disposition: { ...told, ignored: ['SIGTERM'], caught: ['SIGQUIT', 'SIGINT'] } }),
    ).toMatchInlineSnapshot(`
      "signal-ignored
      The process that got SIGTERM ignores it (SigIgn in its /proc/<pid>/status).
      handle SIGTERM in the program, or stop it with a signal that it acts on: --signal INT"
    `);
  });

  test('it ignores the signal, and handles the last that is tried', () => {
    expect(
      ofStuck({
        disposition: { ...told, ignored: ['SIGINT'], caught: ['SIGTERM', 'SIGINT'] },
        signal: 'SIGINT',
      }),
    ).toMatchInlineSnapshot(`
      "signal-ignored
      The process that got SIGINT ignores it (SigIgn in its /proc/<pid>/status).
      handle SIGINT in the program, or stop it with a signal that it acts on: --signal TERM"
    `);
  });

  test('it ignores another signal', () => {
    expect(ofStuck({ disposition: { ...told, ignored: ['SIGHUP'] } })).toMatchInlineSnapshot(`
      "still-running
      The old process had not exited 10 s after the signal. Its listener is closed: a second start beside it can listen now, with SO_REUSEADDR.
      close idle connections on the signal (Node: server.closeAllConnections()), limit the wait, or allow more time with --stop-timeout"
    `);
  });

  test('the signal is pending', () => {
    expect(
      ofStuck({ disposition: told, dispositionThen: { ...told, pending: ['SIGTERM'] } }),
    ).toMatchInlineSnapshot(`
      "signal-ignored
      The process that got SIGTERM has not received it: it blocks the signal, or is stopped (ShdPnd in its /proc/<pid>/status).
      make the program handle SIGTERM, or stop it with a signal that cannot be blocked: --signal KILL"
    `);
  });

  test('another signal is pending', () => {
    expect(
      ofStuck({ disposition: told, dispositionThen: { ...told, pending: ['SIGHUP'] } }),
    ).toMatchInlineSnapshot(`
      "still-running
      The old process had not exited 10 s after the signal. Its listener is closed: a second start beside it can listen now, with SO_REUSEADDR.
      close idle connections on the signal (Node: server.closeAllConnections()), limit the wait, or allow more time with --stop-timeout"
    `);
  });

  test('it is the first process of a namespace', () => {
    expect(
      ofStuck({ disposition: { ...told, role: 'init of a namespace' }, toldProcess: 'listens' }),
    ).toMatchInlineSnapshot(`
      "signal-ignored
      The process that got it is the first process of its pid namespace (NSpid), where SIGTERM has no effect unless the program itself handles it.
      handle SIGTERM in the program, or start it below an init that does (docker run --init), or use --signal KILL"
    `);
  });

  test('it is that, and listens no longer', () => {
    expect(ofStuck({ disposition: { ...told, role: 'init of a namespace' } })).toMatchInlineSnapshot(`
      "still-running
      The old process had not exited 10 s after the signal. Its listener is closed: a second start beside it can listen now, with SO_REUSEADDR.
      close idle connections on the signal (Node: server.closeAllConnections()), limit the wait, or allow more time with --stop-timeout"
    `);
  });

  test('it ignores the signal, and below it is the first process of a namespace', () => {
    expect(
      ofStuck({
        disposition: { ...told, ignored: ['SIGTERM'] },
        listenerDisposition: { ...told, role: 'init of a namespace' },
      }),
    ).toMatchInlineSnapshot(`
      "signal-ignored
      The process that got SIGTERM ignores it (SigIgn in its /proc/<pid>/status). The server below it is the first process of its pid namespace (NSpid), where SIGTERM has no effect unless the program itself handles it.
      handle SIGTERM in the program, or stop it with a signal that it acts on: --signal KILL"
    `);
  });

  test('it listens still', () => {
    expect(ofStuck({ toldProcess: 'listens' })).toMatchInlineSnapshot(`
      "signal-ignored
      The process that got SIGTERM has not ended 10 s after it, and it still listens: it does not act on the signal, or takes longer.
      close the listener and exit when SIGTERM comes (Node: server.close(), then process.exit()), allow more time with --stop-timeout, or use --signal KILL"
    `);
  });

  test('it handles the signal, and listens still', () => {
    expect(
      ofStuck({ toldProcess: 'listens', disposition: { ...told, caught: ['SIGTERM', 'SIGQUIT'] } }),
    ).toMatchInlineSnapshot(`
      "signal-ignored
      The process that got SIGTERM handles it, but has not ended 10 s after it, and it still listens: it does not act on the signal, or takes longer.
      close the listener and exit when SIGTERM comes (Node: server.close(), then process.exit()), allow more time with --stop-timeout, or use --signal QUIT"
    `);
  });

  test('it never listened, and a process below it does', () => {
    expect(ofStuck({ toldProcess: 'did not listen', stillListening: [13] })).toMatchInlineSnapshot(`
      "signal-ignored
      The process that got SIGTERM has not ended 10 s after it, and the server below it still listens: it does not act on the signal, or takes longer.
      close the listener and exit when SIGTERM comes (Node: server.close(), then process.exit()), allow more time with --stop-timeout, or use --signal KILL"
    `);
  });

  test('it never listened, and nobody does', () => {
    expect(ofStuck({ toldProcess: 'did not listen', probe: null })).toMatchInlineSnapshot(`
      "still-running
      The old process had not exited 10 s after the signal.
      close idle connections on the signal (Node: server.closeAllConnections()), limit the wait, or allow more time with --stop-timeout"
    `);
  });

  test('it has closed its listener', () => {
    expect(ofStuck({ disposition: { ...told, caught: ['SIGTERM'] }, probe: free })).toMatchInlineSnapshot(`
      "still-running
      The old process had not exited 10 s after the signal. It handles SIGTERM. Its listener is closed: a second start beside it can listen now.
      close idle connections on the signal (Node: server.closeAllConnections()), limit the wait, or allow more time with --stop-timeout"
    `);
  });

  test('it waits for one connection', () => {
    expect(
      ofStuck({
        oldSockets: [listener, { ...row, state: 'ESTABLISHED', processes: [by(10)] }, timeWait],
        probe: stuck,
      }),
    ).toMatchInlineSnapshot(`
      "still-running
      The old process had not exited 10 s after the signal. It still has 1 open connection, which it may be waiting for.
      close idle connections on the signal (Node: server.closeAllConnections()), limit the wait, or allow more time with --stop-timeout"
    `);
  });

  test('it waits for two', () => {
    expect(
      ofStuck({
        oldSockets: [
          { ...row, processes: [by(10)] },
          { ...row, processes: [by(10)] },
        ],
      }),
    ).toMatchInlineSnapshot(`
      "still-running
      The old process had not exited 10 s after the signal. It still has 2 open connections, which it may be waiting for. Its listener is closed: a second start beside it can listen now, with SO_REUSEADDR.
      close idle connections on the signal (Node: server.closeAllConnections()), limit the wait, or allow more time with --stop-timeout"
    `);
  });

  test('it waits for one under load', () => {
    expect(
      ofStuck({ oldSockets: [{ ...row, processes: [by(10)] }], load: {} as never }),
    ).toMatchInlineSnapshot(`
      "still-running
      The old process had not exited 10 s after the signal. It still has 1 open connection, which it may be waiting for. Its listener is closed: a second start beside it can listen now, with SO_REUSEADDR.
      send "Connection: close" with every answer after the signal (Node: res.setHeader('Connection', 'close')), limit the wait, or set --drain"
    `);
  });

  test('it waits for none under load', () => {
    expect(ofStuck({ load: {} as never })).toMatchInlineSnapshot(`
      "still-running
      The old process had not exited 10 s after the signal. Its listener is closed: a second start beside it can listen now, with SO_REUSEADDR.
      close idle connections on the signal (Node: server.closeAllConnections()), limit the wait, or allow more time with --stop-timeout"
    `);
  });

  test('it has closed its listener, and a process below it has not', () => {
    expect(ofStuck({ stillListening: [14], probe: null })).toMatchInlineSnapshot(`
      "still-running
      The old process had not exited 10 s after the signal. It has closed its listener, but process 14 below it still has it.
      close idle connections on the signal (Node: server.closeAllConnections()), limit the wait, or allow more time with --stop-timeout"
    `);
  });
});

describe('the second start never called bind() there', () => {
  test('nor anywhere else', () => {
    expect(
      decided({ probe: free }, { ownBind: { state: 'never called', elsewhere: [] }, output: mute }),
    ).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1 and never called bind().
      it printed nothing: start it by hand, with its own log turned on"
    `);
  });

  test('but for another port', () => {
    expect(
      decided({ probe: free }, { ownBind: { state: 'never called', elsewhere: [{ ...call, port: 8081 }] } }),
    ).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1 and never called bind() for port 8080, but for 127.0.0.1:8081.
      read its output: it gives another reason than the port"
    `);
  });

  test('but for many', () => {
    expect(
      decided(
        { probe: free },
        {
          ownBind: {
            state: 'never called',
            elsewhere: [
              { ...call, address: null, port: 1 },
              { ...call, port: 2, network: 'other' },
              { ...call, port: 3, type: 'datagram' },
              { ...call, port: 4 },
              { ...call, port: 4 },
              { ...call, port: 5 },
            ],
          },
        },
      ),
    ).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1 and never called bind() for port 8080, but for port 1, 127.0.0.1:2 in another network namespace, UDP 127.0.0.1:3 and 2 more.
      read its output: it gives another reason than the port"
    `);
  });

  test('but for exactly as many as are named', () => {
    expect(
      decided(
        { probe: free },
        {
          ownBind: {
            state: 'never called',
            elsewhere: [
              { ...call, port: 1 },
              { ...call, port: 2 },
              {
                ...call,
                family: 'Unix',
                type: 'datagram',
                path: harmless('/run/log'),
                address: null,
                port: null,
              },
            ],
          },
        },
      ),
    ).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1 and never called bind() for port 8080, but for 127.0.0.1:1, 127.0.0.1:2, /run/log.
      read its output: it gives another reason than the port"
    `);
  });

  test('but for another path', () => {
    expect(
      decided(
        { target: unix, probe: null },
        {
          ownBind: {
            state: 'never called',
            elsewhere: [
              { ...call, family: 'Unix', path: harmless('/run/b.sock'), address: null, port: null },
            ],
          },
        },
      ),
    ).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1 and never called bind() for /run/app.sock, but for /run/b.sock.
      read its output: it gives another reason than the port"
    `);
  });

  test('and a process of the old server listens: that is not why', () => {
    expect(
      decided(
        { oldProcesses: [survivor], stillListening: [12], probe: stuck },
        { ownBind: { state: 'never called', elsewhere: [] }, ended: null, listened: 'no' },
      ),
    ).toMatchInlineSnapshot(`
      "null
      The second start is running, but does not listen and never called bind(). A bind without SO_REUSEADDR fails as well: connections of the old server remain.
      read its output: it gives another reason than the port"
    `);
  });
});

describe('a process of the old server still listens', () => {
  test('it shares the listener', () => {
    expect(decided({ oldProcesses: [survivor], stillListening: [12] })).toMatchInlineSnapshot(`
      "surviving-listener
      Process 12 (node worker.js) of the old server still listens: it shares the listener with the process that got SIGTERM, and outlives it.
      end the workers, and wait for them, before the parent exits; or make them end with it (prctl PR_SET_PDEATHSIG)"
    `);
  });

  test('it shares the listener, after KILL', () => {
    expect(
      decided({ oldProcesses: [survivor], stillListening: [12], signal: 'SIGKILL' }),
    ).toMatchInlineSnapshot(`
      "surviving-listener
      Process 12 (node worker.js) of the old server still listens: it shares the listener with the process that got SIGKILL, and outlives it.
      stop it with a signal that the parent can handle (--signal TERM): KILL gives it no time to end its workers; or make them end with it (prctl PR_SET_PDEATHSIG)"
    `);
  });

  test('it inherited it', () => {
    expect(
      decided({
        oldProcesses: [
          { ...survivor, listener: 'inherited', command: harmless('sleep 1000'), name: harmless('sleep') },
        ],
        stillListening: [12],
      }),
    ).toMatchInlineSnapshot(`
      "surviving-listener
      Process 12 (sleep 1000) has the old server's listener: it is another program, started by the server, and inherited the descriptor.
      open the listener with close-on-exec (SOCK_CLOEXEC, or FD_CLOEXEC by fcntl(2)), so that programs that the server starts do not inherit it"
    `);
  });

  test('what got the signal was a wrapper', () => {
    expect(
      decided({ oldProcesses: [survivor], stillListening: [12], toldProcess: 'did not listen' }),
    ).toMatchInlineSnapshot(`
      "surviving-listener
      Process 12 (node worker.js) still listens: the process that got SIGTERM is not the server itself, and ended without it.
      "exec" the server in the wrapper, or make the wrapper pass the signal on and wait for the server"
    `);
  });

  test('what got KILL was a wrapper', () => {
    expect(
      decided({
        oldProcesses: [survivor],
        stillListening: [12],
        toldProcess: 'did not listen',
        signal: 'SIGKILL',
      }),
    ).toMatchInlineSnapshot(`
      "surviving-listener
      Process 12 (node worker.js) still listens: the process that got SIGKILL is not the server itself, and ended without it.
      "exec" the server in the wrapper, so that the signal reaches the server itself: a wrapper cannot pass KILL on"
    `);
  });

  test('three of them do, and the second start goes elsewhere', () => {
    expect(
      decided(
        { oldProcesses: [{ ...survivor, pid: 9 }, survivor], stillListening: [12, 13, 14] },
        { listensOn: [8081, 8082], ended: null },
      ),
    ).toMatchInlineSnapshot(`
      "surviving-listener
      Process 12 (node worker.js) of the old server still listens: it shares the listener with the process that got SIGTERM, and outlives it. 3 processes have that listener. The second start listens on 8081, 8082 instead.
      end the workers, and wait for them, before the parent exits; or make them end with it (prctl PR_SET_PDEATHSIG)"
    `);
  });

  test('it answers, though the second start accepts', () => {
    expect(
      decided(
        { oldProcesses: [survivor], stillListening: [12] },
        { result: 'listens only', listened: 'yes' },
      ),
    ).toMatchInlineSnapshot(`
      "surviving-listener
      Process 12 (node worker.js) of the old server still listens: it shares the listener with the process that got SIGTERM, and outlives it.
      end the workers, and wait for them, before the parent exits; or make them end with it (prctl PR_SET_PDEATHSIG)"
    `);
  });
});

describe('the second start did not listen', () => {
  test('it ended after it had listened', () => {
    expect(decided({}, { listened: 'yes' })).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1, after it had listened.
      read its output: it gives another reason than the port"
    `);
  });

  test('it ended after it had served its client', () => {
    expect(decided({}, { listened: 'yes', watchedMs: 700 })).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1, 700 ms after it had served its client.
      read its output: it gives another reason than the port"
    `);
  });

  test('it is running', () => {
    expect(decided({ probe: free }, { ended: null, output: mute })).toMatchInlineSnapshot(`
      "null
      The second start is running, but does not listen, while the port is free.
      it printed nothing: start it by hand, with its own log turned on"
    `);
  });

  test('it was killed', () => {
    expect(
      decided({ probe: free }, { ended: { status: null, signal: 'SIGSEGV' }, output: mute }),
    ).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with SIGSEGV, while the port is free.
      it printed nothing: start it by hand, with its own log turned on"
    `);
  });

  test('it gives another reason', () => {
    expect(decided({}, { output: harmlessLines('Error: no configuration') })).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1, and does not say that its address is in use. A bind without SO_REUSEADDR fails as well: connections of the old server remain.
      read its output: it gives another reason than the port"
    `);
  });

  test('it gives another reason, and its calls were seen to succeed', () => {
    expect(
      decided(
        {},
        {
          output: harmlessLines('Error: no configuration'),
          ownBind: { state: 'called', last: { ...call, call: 'listen', result: 'ok' }, refused: undefined },
        },
      ),
    ).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1, though its listen() succeeded.
      read its output: it gives another reason than the port"
    `);
  });

  test('its bind got another errno', () => {
    expect(
      decided(
        { probe: free },
        { ownBind: { state: 'called', last: { ...call, result: 'EACCES' }, refused: undefined } },
      ),
    ).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1: its bind() got Permission denied (EACCES).
      read its output: it gives another reason than the port"
    `);
  });

  test('its bind failed, which one does not know how', () => {
    expect(
      decided(
        {},
        {
          output: harmlessLines('no'),
          ownBind: { state: 'called', last: { ...call, result: 'failed' }, refused: undefined },
        },
      ),
    ).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1, and does not say that its address is in use.
      read its output: it gives another reason than the port"
    `);
  });

  test('its bind was not seen to end', () => {
    expect(
      decided(
        { probe: free },
        {
          output: mute,
          ownBind: { state: 'called', last: { ...call, result: 'not seen' }, refused: undefined },
        },
      ),
    ).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1, while the port is free.
      it printed nothing: start it by hand, with its own log turned on"
    `);
  });

  test('it was refused once, and then got through, and reports it', () => {
    expect(
      decided(
        { probe: free },
        { ownBind: { state: 'called', last: { ...call, result: 'ok' }, refused: call } },
      ),
    ).toMatchInlineSnapshot(`
      "racy
      The second start says that its address is in use; the port was held for a moment by a process that was gone before it could be seen, and is free now.
      set SO_REUSEADDR before bind() in every start: a connection of the old server does not block the bind then"
    `);
  });

  test('it was never refused, and reports it', () => {
    expect(
      decided(
        { probe: free },
        { ownBind: { state: 'called', last: { ...call, result: 'ok' }, refused: undefined } },
      ),
    ).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1, though its bind() succeeded.
      read its output: it gives another reason than the port"
    `);
  });

  test('it listens on another port', () => {
    expect(
      decided({ probe: free }, { ended: null, output: mute, listensOn: [8081, 8082] }),
    ).toMatchInlineSnapshot(`
      "null
      The second start listens elsewhere: on 8081, 8082 instead of port 8080.
      give it the same port in every start, and make it fail if the port is in use: its clients look for it there"
    `);
  });

  test('it listens on another path', () => {
    expect(
      decided({ target: unix, probe: null }, { ended: null, output: mute, listensOn: ['/run/other.sock'] }),
    ).toMatchInlineSnapshot(`
      "null
      The second start listens elsewhere: on /run/other.sock instead of /run/app.sock.
      give it the same socket in every start, and make it fail if the socket is in use: its clients look for it there"
    `);
  });

  test('it ended after it had listened on another port', () => {
    expect(decided({ probe: free }, { listensOn: [8081], output: mute })).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1, while the port is free.
      it printed nothing: start it by hand, with its own log turned on"
    `);
  });

  test('no bind could be tried', () => {
    expect(decided({ probe: null, target: unix }, { output: mute })).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1.
      it printed nothing: start it by hand, with its own log turned on"
    `);
  });

  test('the file of its Unix socket is there', () => {
    expect(decided({ probe: null, target: unix })).toMatchInlineSnapshot(`
      "exited-otherwise
      The file /run/app.sock blocked the second start: the file of a Unix socket outlives its process.
      unlink the path before bind(), or when the server exits"
    `);
  });
});

describe('the port was held for a moment', () => {
  test('by what was not seen', () => {
    expect(decided({ probe: free })).toMatchInlineSnapshot(`
      "racy
      The second start says that its address is in use; the port was held for a moment by a process that was gone before it could be seen, and is free now.
      set SO_REUSEADDR before bind() in every start: a connection of the old server does not block the bind then"
    `);
  });

  test('by the listener of an old process', () => {
    expect(
      decided({
        probe: free,
        oldProcesses: [survivor],
        oldSockets: [
          { ...row, processes: [by(12)] },
          { ...listener, processes: [by(12)] },
        ],
      }),
    ).toMatchInlineSnapshot(`
      "surviving-listener
      The second start says that its address is in use; the port was held for a moment by process 12 (node worker.js), which still had the listener, and is free now.
      start again only when all processes of the old server have ended"
    `);
  });

  test('by a connection of an old process', () => {
    expect(
      decided({
        probe: free,
        oldProcesses: [survivor],
        oldSockets: [{ ...row, processes: [by(99), by(12)] }],
      }),
    ).toMatchInlineSnapshot(`
      "surviving-connection
      The second start says that its address is in use; the port was held for a moment by process 12 (node worker.js), which still had a connection (FIN_WAIT2), and is free now.
      set SO_REUSEADDR before bind() in every start: a connection of the old server does not block the bind then"
    `);
  });

  test('by a connection of an old process, and the option was on', () => {
    expect(
      decided({
        probe: free,
        listenerOptions: withOption,
        oldProcesses: [survivor],
        oldSockets: [{ ...row, processes: [by(12)] }],
      }),
    ).toMatchInlineSnapshot(`
      "surviving-connection
      The second start says that its address is in use; the port was held for a moment by process 12 (node worker.js), which still had a connection (FIN_WAIT2), and is free now.
      start again only when all processes of the old server have ended"
    `);
  });

  test('by what was in the way of its last bind', () => {
    expect(
      decided(
        { probe: free, oldProcesses: [survivor] },
        {
          ownBind: {
            state: 'called',
            last: { ...call, inTheWay: [{ ...listener, processes: [by(12)] }] },
            refused: undefined,
          },
        },
      ),
    ).toMatchInlineSnapshot(`
      "surviving-listener
      The second start says that its address is in use; the port was held for a moment by process 12 (node worker.js), which still had the listener, and is free now.
      start again only when all processes of the old server have ended"
    `);
  });

  test('by what was in the way of the bind that was refused', () => {
    expect(
      decided(
        { probe: free, oldProcesses: [survivor] },
        {
          ownBind: {
            state: 'called',
            last: { ...call, result: 'not seen' },
            refused: { ...call, inTheWay: [{ ...listener, processes: [by(12)] }] },
          },
        },
      ),
    ).toMatchInlineSnapshot(`
      "surviving-listener
      The second start says that its address is in use; the port was held for a moment by process 12 (node worker.js), which still had the listener, and is free now.
      start again only when all processes of the old server have ended"
    `);
  });

  test('and the options could not be read', () => {
    expect(
      decided({ probe: free, listenerOptions: { state: 'not read', reason: 'gone' } as never }),
    ).toMatchInlineSnapshot(`
      "racy
      The second start says that its address is in use; the port was held for a moment by a process that was gone before it could be seen, and is free now.
      start again only when all processes of the old server have ended"
    `);
  });
});

describe('the old listener was left', () => {
  test('in a process that is known', () => {
    expect(
      decided({ oldProcesses: [survivor] }, { sockets: [{ ...listener, processes: [by(12)] }] }),
    ).toMatchInlineSnapshot(`
      "surviving-listener
      Process 12 (node worker.js) of the old server still listens: it shares the listener with the process that got SIGTERM, and outlives it.
      end the workers, and wait for them, before the parent exits; or make them end with it (prctl PR_SET_PDEATHSIG)"
    `);
  });

  test('in a process that is not of the old server', () => {
    expect(decided({}, { sockets: [{ ...listener, processes: [by(55, 'sh')] }] })).toMatchInlineSnapshot(`
      "surviving-listener
      The old server's listener was still open when it was started again, by process 55 (sh).
      end all processes that have the listener before the server is started again"
    `);
  });

  test('in a process that cannot be seen', () => {
    expect(decided({}, { sockets: [listener] })).toMatchInlineSnapshot(`
      "surviving-listener
      The old server's listener was still open when it was started again, by a process that cannot be seen.
      end all processes that have the listener before the server is started again; as root, tcpclose names the process"
    `);
  });

  test('in a process that was gone', () => {
    expect(decided({ oldSockets: [listener] })).toMatchInlineSnapshot(`
      "surviving-listener
      The old server's listener was still open when it was started again, by a process that was gone before it could be seen.
      end all processes that have the listener before the server is started again"
    `);
  });

  test('as its own bind showed', () => {
    expect(
      decided(
        {},
        {
          ownBind: { state: 'called', last: { ...call, inTheWay: [listener] }, refused: undefined },
          sockets: [{ ...listener, inode: otherInode, processes: [by(56)] }],
        },
      ),
    ).toMatchInlineSnapshot(`
      "surviving-listener
      The old server's listener was still open when it was started again, by a process that was gone before it could be seen.
      end all processes that have the listener before the server is started again"
    `);
  });
});

describe('another program has the port', () => {
  test('by a listener', () => {
    expect(
      decided({}, { sockets: [row, { ...listener, inode: otherInode, processes: [by(77, 'nginx')] }] }),
    ).toMatchInlineSnapshot(`
      "port-taken-by-other
      The port is taken by a listener of process 77 (nginx).
      stop the other program, or give one of them another port"
    `);
  });

  test('by a listener that cannot be seen into', () => {
    expect(decided({ oldSockets: [{ ...listener, inode: otherInode }] })).toMatchInlineSnapshot(`
      "port-taken-by-other
      The port is taken by a listener of a process that is not visible to this user.
      stop the other program, or give one of them another port"
    `);
  });

  test('by an outgoing connection', () => {
    expect(
      decided(
        {},
        {
          sockets: [
            timeWait,
            { ...row, state: 'ESTABLISHED', inode: otherInode, processes: [by(78, 'curl')] },
          ],
        },
      ),
    ).toMatchInlineSnapshot(`
      "port-taken-by-other
      The port is the local port of an outgoing connection of process 78 (curl) (ESTABLISHED).
      choose a port outside of net.ipv4.ip_local_port_range, or put it into net.ipv4.ip_local_reserved_ports"
    `);
  });

  test('by a connection of an old process: no other', () => {
    expect(
      decided(
        { oldProcesses: [survivor] },
        { sockets: [{ ...row, state: 'CLOSE_WAIT', processes: [by(12)] }] },
      ),
    ).toMatchInlineSnapshot(`
      "surviving-connection
      Process 12 (node worker.js) of the old server still holds a connection (CLOSE_WAIT) that blocks the bind, because the listener was opened without SO_REUSEADDR.
      set SO_REUSEADDR before bind() in every start: then connections of the old server do not block the bind, whichever process holds them"
    `);
  });

  test('by the listener of an old process: no other', () => {
    expect(
      decided(
        { oldProcesses: [survivor], listenerInodes: [] },
        { sockets: [{ ...listener, inode: otherInode, processes: [by(12)] }] },
      ),
    ).toMatchInlineSnapshot(`
      "surviving-listener
      Process 12 (node worker.js) of the old server still listens: it shares the listener with the process that got SIGTERM, and outlives it.
      end the workers, and wait for them, before the parent exits; or make them end with it (prctl PR_SET_PDEATHSIG)"
    `);
  });
});

describe('connections of the old server are in the way', () => {
  test('and a process holds one of them', () => {
    expect(
      decided({
        oldProcesses: [survivor],
        oldSockets: [row, { ...row, state: 'CLOSE_WAIT', processes: [by(12)] }],
      }),
    ).toMatchInlineSnapshot(`
      "surviving-connection
      Process 12 (node worker.js) of the old server still holds a connection (CLOSE_WAIT) that blocks the bind, because the listener was opened without SO_REUSEADDR.
      set SO_REUSEADDR before bind() in every start: then connections of the old server do not block the bind, whichever process holds them"
    `);
  });

  test('and a process holds one of them, and the option was on', () => {
    expect(
      decided(
        {
          oldProcesses: [survivor],
          listenerOptions: withOption,
          oldSockets: [{ ...row, processes: [by(12)] }],
        },
        { listensOn: [8081] },
      ),
    ).toMatchInlineSnapshot(`
      "surviving-connection
      Process 12 (node worker.js) of the old server still holds a connection (FIN_WAIT2) that blocks the bind: the second start did not set SO_REUSEADDR before its bind. The second start listens on 8081 instead.
      set SO_REUSEADDR before bind() in every start: then connections of the old server do not block the bind, whichever process holds them"
    `);
  });

  test('and a process holds one of them, and the options could not be read', () => {
    expect(
      decided({
        oldProcesses: [survivor],
        listenerOptions: { state: 'not read' } as never,
        oldSockets: [{ ...row, processes: [by(12)] }],
      }),
    ).toMatchInlineSnapshot(`
      "surviving-connection
      Process 12 (node worker.js) of the old server still holds a connection (FIN_WAIT2) that blocks the bind.
      set SO_REUSEADDR before bind() in every start: then connections of the old server do not block the bind, whichever process holds them"
    `);
  });

  test('without the option', () => {
    expect(
      decided({
        oldSockets: [timeWait, { ...timeWait, remote: { address: '127.0.0.1', port: 40_001 }, timer: null }],
      }),
    ).toMatchInlineSnapshot(`
      "no-reuse-address
      Connections of the old server block the port: it was opened without SO_REUSEADDR (read from its listener). A bind without the option fails now, and with it succeeds. The port frees itself in 42 s.
      set SO_REUSEADDR before bind() in every start"
    `);
  });

  test('without the option, and with it the bind fails as well', () => {
    expect(decided({ probe: stuck, oldSockets: [row] })).toMatchInlineSnapshot(`
      "no-reuse-address
      Connections of the old server block the port: it was opened without SO_REUSEADDR (read from its listener). A bind without the option fails now, and with it too, because the remaining connections lack it.
      set SO_REUSEADDR before bind() in every start"
    `);
  });

  test('and the options could not be read', () => {
    expect(
      decided({ listenerOptions: { state: 'not read' } as never, oldSockets: [row] }),
    ).toMatchInlineSnapshot(`
      "no-reuse-address
      Connections of the old server block the port: whether it had set SO_REUSEADDR could not be read. A bind without the option fails now, and with it succeeds.
      set SO_REUSEADDR before bind() in every start"
    `);
  });

  test('with the option at the listener, and the bind fails with it', () => {
    expect(decided({ listenerOptions: withOption, probe: stuck })).toMatchInlineSnapshot(`
      "no-reuse-address
      Connections of the old server block the port: they lack SO_REUSEADDR, though its listener had it when it was read. A bind without the option fails now, and with it too, because the remaining connections lack it.
      set SO_REUSEADDR before bind() in every start"
    `);
  });

  test('with the option at the listener, and a bind passes with it', () => {
    expect(decided({ listenerOptions: withOption, oldSockets: [timeWait] })).toMatchInlineSnapshot(`
      "no-reuse-address
      Connections of the old server remain. Its listener had SO_REUSEADDR when it was read, and a bind with the option succeeds now: so the second start had not set it when it called bind(). It sets it too late, or not in every start. The port frees itself in 42 s.
      set SO_REUSEADDR before bind() in every start"
    `);
  });

  test('and the second start called bind() without it', () => {
    expect(
      decided(
        { listenerOptions: withOption },
        {
          ownBind: {
            state: 'called',
            last: { ...call, options: { reuseAddress: false, reusePort: false, v6Only: null } },
            refused: undefined,
          },
        },
      ),
    ).toMatchInlineSnapshot(`
      "no-reuse-address
      Connections of the old server remain. Its listener had SO_REUSEADDR when it was read, and a bind with the option succeeds now; the second start called bind() without it.
      set SO_REUSEADDR before bind() in every start"
    `);
  });

  test('and the second start called bind() with it', () => {
    expect(
      decided({ probe: stuck }, { ownBind: { state: 'called', last: call, refused: undefined } }),
    ).toMatchInlineSnapshot(`
      "no-reuse-address
      Connections of the old server block the port: it was opened without SO_REUSEADDR (read from its listener). A bind without the option fails now, and with it too, because the remaining connections lack it. The second start called bind() with it.
      set SO_REUSEADDR before bind() in every start"
    `);
  });

  test('and the second start called bind() without it, as the first', () => {
    expect(
      decided(
        {},
        {
          ownBind: {
            state: 'called',
            last: { ...call, options: { reuseAddress: false, reusePort: false, v6Only: null } },
            refused: undefined,
          },
        },
      ),
    ).toMatchInlineSnapshot(`
      "no-reuse-address
      Connections of the old server block the port: it was opened without SO_REUSEADDR (read from its listener). A bind without the option fails now, and with it succeeds. The second start called bind() without it.
      set SO_REUSEADDR before bind() in every start"
    `);
  });

  test('and the option is set after bind()', () => {
    expect(decided({ listenerOptions: withOption, reuseAddressAtBind: false })).toMatchInlineSnapshot(`
      "no-reuse-address
      Connections of the old server remain. The server sets SO_REUSEADDR after bind(): at its bind() the option was off, which is what counts.
      set SO_REUSEADDR before bind() in every start"
    `);
  });

  test('and it lacked the option at bind() and later', () => {
    expect(decided({ reuseAddressAtBind: false })).toMatchInlineSnapshot(`
      "no-reuse-address
      Connections of the old server block the port: it was opened without SO_REUSEADDR (read from its listener). A bind without the option fails now, and with it succeeds.
      set SO_REUSEADDR before bind() in every start"
    `);
  });

  test('and the second start printed nothing', () => {
    expect(decided({ probe: stuck }, { output: mute })).toMatchInlineSnapshot(`
      "no-reuse-address
      Connections of the old server block the port: it was opened without SO_REUSEADDR (read from its listener). A bind without the option fails now, and with it too, because the remaining connections lack it. The second start printed nothing, so this probably stopped it, unless something else did.
      set SO_REUSEADDR before bind() in every start"
    `);
  });

  test('and the second start printed nothing, and is running', () => {
    expect(decided({ probe: stuck }, { output: mute, ended: null })).toMatchInlineSnapshot(`
      "no-reuse-address
      Connections of the old server block the port: it was opened without SO_REUSEADDR (read from its listener). A bind without the option fails now, and with it too, because the remaining connections lack it.
      set SO_REUSEADDR before bind() in every start"
    `);
  });

  test('and the second start printed nothing, and a bind with the option passes', () => {
    expect(decided({}, { output: mute })).toMatchInlineSnapshot(`
      "exited-otherwise
      The second start ended with exit status 1, and does not say that its address is in use. A bind without SO_REUSEADDR fails as well: connections of the old server remain.
      it printed nothing: start it by hand, with its own log turned on"
    `);
  });

  test('and it goes elsewhere', () => {
    expect(
      decided({}, { listensOn: [8081], ended: null, output: harmlessLines('EADDRINUSE') }),
    ).toMatchInlineSnapshot(`
      "no-reuse-address
      Connections of the old server block the port: it was opened without SO_REUSEADDR (read from its listener). A bind without the option fails now, and with it succeeds. The second start listens on 8081 instead.
      set SO_REUSEADDR before bind() in every start"
    `);
  });
});

describe('the second start listens', () => {
  test('and did not accept its client', () => {
    expect(decided({}, { result: 'listens only', listened: 'yes', ended: null })).toMatchInlineSnapshot(`
      "null
      The second start listens, but did not accept the client that connected to it.
      look at what it does between listen() and accept(): the first start did accept its clients"
    `);
  });

  test('and was not ready', () => {
    expect(decided({}, { result: 'not ready', listened: 'yes', ended: null })).toMatchInlineSnapshot(`
      "null
      The second start accepts clients, but was not ready in time (--ready, --ready-http).
      look at its output, or allow more time with --timeout"
    `);
  });

  test('and did not answer', () => {
    expect(decided({}, { result: 'no answer', listened: 'yes', ended: null })).toMatchInlineSnapshot(`
      "null
      The second start listens, but did not answer the request of its client.
      look at its output: the first start did answer"
    `);
  });

  test('and ended its client', () => {
    expect(decided({}, { result: 'ends its client', listened: 'yes', ended: null })).toMatchInlineSnapshot(`
      "null
      The second start listens, but ended the connection of its client; the first start did not.
      look at its output: it may not have finished starting, or have failed after listen()"
    `);
  });

  test('and ended its client, as the first one may have', () => {
    expect(
      decided({ firstClients: 'none' }, { result: 'ends its client', listened: 'yes', ended: null }),
    ).toMatchInlineSnapshot(`
      "null
      The second start listens, but ended the connection of its client.
      look at its output; with --clients 1 it is compared with the first start"
    `);
  });

  test('and did not answer, and the first one had no clients', () => {
    expect(
      decided({ firstClients: 'none' }, { result: 'no answer', listened: 'yes', ended: null }),
    ).toMatchInlineSnapshot(`
      "null
      The second start listens, but did not answer the request of its client.
      look at its output; with --clients 1 it is compared with the first start"
    `);
  });

  test('but not everywhere', () => {
    expect(
      decided({}, { result: 'not everywhere', listened: 'yes', ended: null, missing: ['::1', '127.0.0.2'] }),
    ).toMatchInlineSnapshot(`
      "null
      The second start has served a client, but does not listen on [::1]:8080, 127.0.0.2:8080, where the first start did.
      look at its output; make it fail if one of its listeners cannot be opened, or is closed"
    `);
  });

  test('but not on each path', () => {
    expect(
      decided(
        { target: unix },
        { result: 'not everywhere', listened: 'yes', ended: null, missing: ['/run/b.sock'] },
      ),
    ).toMatchInlineSnapshot(`
      "null
      The second start has served a client, but does not listen on /run/b.sock, where the first start did.
      look at its output; make it fail if one of its listeners cannot be opened, or is closed"
    `);
  });
});
