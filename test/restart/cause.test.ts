import { describe, expect, test } from 'vitest';
import { harmless, harmlessLines } from '../../src/foreign.ts';
import type { SignalDisposition } from '../../src/observe/proc/status.ts';
import type { Row } from '../../src/observe/row.ts';
import { causeOf } from '../../src/restart/cause.ts';
import type { FirstProcess } from '../../src/restart/first-process.ts';
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
  language: 'other',
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

const first: FirstProcess = {
  pid: 21,
  name: harmless('node'),
  command: harmless('node server.js'),
  is: 'another program',
  child: null,
  disposition: told,
};

/** What was observed, beyond `seen` and `second`; null where there was no second start. */
type Case = readonly [title: string, of: Partial<Observation>, ofSecond?: Partial<SecondStart> | null];

/** The cause in lines: code, explanation, remedy. */
function decided([, of, ofSecond = {}]: Case): string {
  const { code, explanation, remedy } = causeOf({
    ...seen,
    ...of,
    second: ofSecond === null ? null : { ...second, ...ofSecond },
  });
  return [code, explanation, remedy].join('\n');
}

const groups: Readonly<Record<string, readonly Case[]>> = {
  'the old process has not ended': [
    ['it ignores the signal', { stopped: null, disposition: { ...told, ignored: ['SIGTERM'] } }, null],
    [
      'it ignores the signal, and handles another',
      { stopped: null, disposition: { ...told, ignored: ['SIGTERM'], caught: ['SIGQUIT', 'SIGINT'] } },
      null,
    ],
    [
      'it ignores the signal, and handles the last that is tried',
      {
        stopped: null,
        disposition: { ...told, ignored: ['SIGINT'], caught: ['SIGTERM', 'SIGINT'] },
        signal: 'SIGINT',
      },
      null,
    ],
    ['it ignores another signal', { stopped: null, disposition: { ...told, ignored: ['SIGHUP'] } }, null],
    [
      'the signal is pending',
      { stopped: null, disposition: told, dispositionThen: { ...told, pending: ['SIGTERM'] } },
      null,
    ],
    [
      'another signal is pending',
      { stopped: null, disposition: told, dispositionThen: { ...told, pending: ['SIGHUP'] } },
      null,
    ],
    [
      'it is the first process of a namespace',
      { stopped: null, disposition: { ...told, role: 'init of a namespace' }, toldProcess: 'listens' },
      null,
    ],
    [
      'it is that, and listens no longer',
      { stopped: null, disposition: { ...told, role: 'init of a namespace' } },
      null,
    ],
    [
      'it ignores the signal, and below it is the first process of a namespace',
      {
        stopped: null,
        disposition: { ...told, ignored: ['SIGTERM'] },
        listenerDisposition: { ...told, role: 'init of a namespace' },
      },
      null,
    ],
    ['it listens still', { stopped: null, toldProcess: 'listens' }, null],
    [
      'it handles the signal, and listens still',
      { stopped: null, toldProcess: 'listens', disposition: { ...told, caught: ['SIGTERM', 'SIGQUIT'] } },
      null,
    ],
    [
      'it never listened, and a process below it does',
      { stopped: null, toldProcess: 'did not listen', stillListening: [13] },
      null,
    ],
    [
      'it never listened, and nobody does',
      { stopped: null, toldProcess: 'did not listen', probe: null },
      null,
    ],
    [
      'it has closed its listener',
      { stopped: null, disposition: { ...told, caught: ['SIGTERM'] }, probe: free },
      null,
    ],
    [
      'it waits for one connection',
      {
        stopped: null,
        oldSockets: [listener, { ...row, state: 'ESTABLISHED', processes: [by(10)] }, timeWait],
        probe: stuck,
      },
      null,
    ],
    [
      'it waits for two',
      {
        stopped: null,
        oldSockets: [
          { ...row, processes: [by(10)] },
          { ...row, processes: [by(10)] },
        ],
      },
      null,
    ],
    [
      'it waits for one under load',
      { stopped: null, oldSockets: [{ ...row, processes: [by(10)] }], load: {} as never },
      null,
    ],
    ['it waits for none under load', { stopped: null, load: {} as never }, null],
    [
      'it has closed its listener, and a process below it has not',
      {
        stopped: null,
        stillListening: [14],
        oldSockets: [{ ...listener, processes: [by(14)] }],
        probe: null,
      },
      null,
    ],
  ],
  'the first process of a container has not ended': [
    ['it does not handle the signal', { stopped: null, firstProcess: first }, null],
    [
      'it handles it',
      { stopped: null, firstProcess: { ...first, disposition: { ...told, caught: ['SIGTERM'] } } },
      null,
    ],
    [
      'it waits for it',
      { stopped: null, firstProcess: { ...first, disposition: { ...told, awaited: ['SIGTERM'] } } },
      null,
    ],
    ['it is a shell without a child', { stopped: null, firstProcess: { ...first, is: 'a shell' } }, null],
    [
      'it is a shell with a child',
      { stopped: null, firstProcess: { ...first, is: 'a shell', child: survivor } },
      null,
    ],
    [
      'it is a shell that handles the signal',
      {
        stopped: null,
        firstProcess: {
          ...first,
          is: 'a shell',
          child: survivor,
          disposition: { ...told, caught: ['SIGTERM'] },
        },
      },
      null,
    ],
    ['it is no shell, and has a child', { stopped: null, firstProcess: { ...first, child: survivor } }, null],
  ],
  'the second start never called bind() there': [
    [
      'nor anywhere else',
      { probe: free },
      { ownBind: { state: 'never called', elsewhere: [] }, output: mute },
    ],
    [
      'but for another port',
      { probe: free },
      { ownBind: { state: 'never called', elsewhere: [{ ...call, port: 8081 }] } },
    ],
    [
      'but for many',
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
    ],
    [
      'but for exactly as many as are named',
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
    ],
    [
      'but for another path',
      { target: unix, probe: null },
      {
        ownBind: {
          state: 'never called',
          elsewhere: [{ ...call, family: 'Unix', path: harmless('/run/b.sock'), address: null, port: null }],
        },
      },
    ],
    [
      'and a process of the old server listens: that is not why',
      { oldProcesses: [survivor], stillListening: [12], probe: stuck },
      { ownBind: { state: 'never called', elsewhere: [] }, ended: null, listened: 'no' },
    ],
  ],
  'a process of the old server still listens': [
    ['it shares the listener', { oldProcesses: [survivor], stillListening: [12] }],
    [
      'it shares the listener, after KILL',
      { oldProcesses: [survivor], stillListening: [12], signal: 'SIGKILL' },
    ],
    [
      'it inherited it',
      {
        oldProcesses: [
          { ...survivor, listener: 'inherited', command: harmless('sleep 1000'), name: harmless('sleep') },
        ],
        stillListening: [12],
      },
    ],
    [
      'what got the signal was a wrapper',
      { oldProcesses: [survivor], stillListening: [12], toldProcess: 'did not listen' },
    ],
    [
      'it shares the listener of nginx, after KILL',
      { oldProcesses: [survivor], stillListening: [12], signal: 'SIGKILL', language: 'nginx' },
    ],
    ...(['gunicorn', 'uvicorn', 'HAProxy'] as const).map(
      (language): Case => [
        `it shares the listener of ${language}, after KILL`,
        { oldProcesses: [survivor], stillListening: [12], signal: 'SIGKILL', language },
      ],
    ),
    [
      'what got KILL was a wrapper of several',
      {
        oldProcesses: [survivor],
        stillListening: [12, 13],
        toldProcess: 'did not listen',
        signal: 'SIGKILL',
      },
    ],
    [
      'what got KILL was a wrapper',
      { oldProcesses: [survivor], stillListening: [12], toldProcess: 'did not listen', signal: 'SIGKILL' },
    ],
    [
      'three of them do, and the second start goes elsewhere',
      { oldProcesses: [{ ...survivor, pid: 9 }, survivor], stillListening: [12, 13, 14] },
      { listensOn: [8081, 8082], ended: null },
    ],
    [
      'it answers, though the second start accepts',
      { oldProcesses: [survivor], stillListening: [12] },
      { result: 'listens only', listened: 'yes' },
    ],
  ],
  'the second start did not listen': [
    ['it ended after it had listened', {}, { listened: 'yes' }],
    ['it ended after it had served its client', {}, { listened: 'yes', watchedMs: 700 }],
    ['it is running', { probe: free }, { ended: null, output: mute }],
    ['it was killed', { probe: free }, { ended: { status: null, signal: 'SIGSEGV' }, output: mute }],
    ['it gives another reason', {}, { output: harmlessLines('Error: no configuration') }],
    [
      'it gives another reason, and its calls were seen to succeed',
      {},
      {
        output: harmlessLines('Error: no configuration'),
        ownBind: { state: 'called', last: { ...call, call: 'listen', result: 'ok' }, refused: undefined },
      },
    ],
    [
      'its bind got another errno',
      { probe: free },
      { ownBind: { state: 'called', last: { ...call, result: 'EACCES' }, refused: undefined } },
    ],
    [
      'its bind failed, which one does not know how',
      {},
      {
        output: harmlessLines('no'),
        ownBind: { state: 'called', last: { ...call, result: 'failed' }, refused: undefined },
      },
    ],
    [
      'its bind was not seen to end',
      { probe: free },
      {
        output: mute,
        ownBind: { state: 'called', last: { ...call, result: 'not seen' }, refused: undefined },
      },
    ],
    [
      'it was refused once, and then got through, and reports it',
      { probe: free },
      { ownBind: { state: 'called', last: { ...call, result: 'ok' }, refused: call } },
    ],
    [
      'it was never refused, and reports it',
      { probe: free },
      { ownBind: { state: 'called', last: { ...call, result: 'ok' }, refused: undefined } },
    ],
    ['it listens on another port', { probe: free }, { ended: null, output: mute, listensOn: [8081, 8082] }],
    [
      'it listens on another path',
      { target: unix, probe: null },
      { ended: null, output: mute, listensOn: ['/run/other.sock'] },
    ],
    ['it ended after it had listened on another port', { probe: free }, { listensOn: [8081], output: mute }],
    ['it printed nothing but a blank line', { probe: free }, { output: harmlessLines(' \n') }],
    [
      'its bind got another errno, and it printed nothing',
      { probe: stuck },
      { ownBind: { state: 'called', last: { ...call, result: 'EACCES' }, refused: undefined }, output: mute },
    ],
    [
      'it gives another reason, and no bind passes',
      { probe: stuck },
      { output: harmlessLines('Error: no configuration') },
    ],
    ['no bind could be tried', { probe: null, target: unix }, { output: mute }],
    ['the file of its Unix socket is there', { probe: null, target: unix }],
  ],
  'the port was held for a moment': [
    ['by what was not seen', { probe: free }],
    [
      'by another program',
      { probe: free, oldProcesses: [survivor], oldSockets: [{ ...row, processes: [by(99)] }] },
    ],
    [
      'as it says, while its bind was not seen to end',
      { probe: free },
      { ownBind: { state: 'called', last: { ...call, result: 'not seen' }, refused: undefined } },
    ],
    [
      'as it says, while its bind failed one does not know how',
      { probe: free },
      { ownBind: { state: 'called', last: { ...call, result: 'failed' }, refused: undefined } },
    ],
    [
      'since neither bind lacked the option, and one with it succeeds now',
      { listenerOptions: withOption, oldSockets: [timeWait] },
      { ownBind: { state: 'called', last: call, refused: undefined } },
    ],
    [
      'by the listener of an old process',
      {
        probe: free,
        oldProcesses: [survivor],
        oldSockets: [
          { ...row, processes: [by(12)] },
          { ...listener, processes: [by(12)] },
        ],
      },
    ],
    [
      'by a connection of an old process',
      { probe: free, oldProcesses: [survivor], oldSockets: [{ ...row, processes: [by(99), by(12)] }] },
    ],
    [
      'by a connection of an old process, and the option was on',
      {
        probe: free,
        listenerOptions: withOption,
        oldProcesses: [survivor],
        oldSockets: [{ ...row, processes: [by(12)] }],
      },
    ],
    [
      'by what was in the way of its last bind',
      { probe: free, oldProcesses: [survivor] },
      {
        ownBind: {
          state: 'called',
          last: { ...call, inTheWay: [{ ...listener, processes: [by(12)] }] },
          refused: undefined,
        },
      },
    ],
    [
      'by what was in the way of the bind that was refused',
      { probe: free, oldProcesses: [survivor] },
      {
        ownBind: {
          state: 'called',
          last: { ...call, result: 'not seen' },
          refused: { ...call, inTheWay: [{ ...listener, processes: [by(12)] }] },
        },
      },
    ],
    [
      'and the options could not be read',
      { probe: free, listenerOptions: { state: 'not read', reason: 'gone' } as never },
    ],
  ],
  'the old listener was left': [
    [
      'in a process that is known',
      { oldProcesses: [survivor] },
      { sockets: [{ ...listener, processes: [by(12)] }] },
    ],
    [
      'in the second of several processes that are known',
      { oldProcesses: [{ ...survivor, pid: 9 }, survivor] },
      { sockets: [{ ...listener, processes: [by(55, 'sh'), by(12)] }] },
    ],
    [
      'in a process that was gone, and another listener is there',
      { oldSockets: [listener] },
      { sockets: [{ ...listener, inode: otherInode }] },
    ],
    [
      'in a process that is not of the old server',
      {},
      { sockets: [{ ...listener, processes: [by(55, 'sh')] }] },
    ],
    ['in a process that cannot be seen', {}, { sockets: [listener] }],
    ['in a process that was gone', { oldSockets: [listener] }],
    [
      'as its own bind showed',
      {},
      {
        ownBind: { state: 'called', last: { ...call, inTheWay: [listener] }, refused: undefined },
        sockets: [{ ...listener, inode: otherInode, processes: [by(56)] }],
      },
    ],
  ],
  'another program has the port': [
    [
      'by a listener',
      {},
      { sockets: [row, { ...listener, inode: otherInode, processes: [by(77, 'nginx')] }] },
    ],
    [
      'by a listener, beside connections of others',
      {},
      {
        sockets: [
          { ...row, state: 'ESTABLISHED', inode: 7003, processes: [by(78, 'curl')] },
          { ...listener, inode: otherInode, processes: [by(77, 'nginx')] },
        ],
      },
    ],
    [
      'by a listener, beside that of an old process',
      { oldProcesses: [survivor], listenerInodes: [] },
      {
        sockets: [
          { ...listener, inode: 7003, processes: [by(12)] },
          { ...listener, inode: otherInode, processes: [by(77, 'nginx')] },
        ],
      },
    ],
    [
      'by a listener that was gone, beside connections',
      {
        oldSockets: [
          { ...row, state: 'ESTABLISHED', inode: 7003 },
          { ...listener, inode: otherInode, processes: [by(77, 'nginx')] },
        ],
      },
    ],
    [
      'not by the listener of the old server, as its own bind showed',
      {},
      {
        ownBind: { state: 'called', last: { ...call, inTheWay: [timeWait] }, refused: undefined },
        sockets: [listener],
      },
    ],
    ['by a socket unit', { probe: null }],
    ['by a listener that cannot be seen into', { oldSockets: [{ ...listener, inode: otherInode }] }],
    [
      'by an outgoing connection',
      {},
      {
        sockets: [timeWait, { ...row, state: 'ESTABLISHED', inode: otherInode, processes: [by(78, 'curl')] }],
      },
    ],
    [
      'by a connection of an old process: no other',
      { oldProcesses: [survivor] },
      { sockets: [{ ...row, state: 'CLOSE_WAIT', processes: [by(12)] }] },
    ],
    [
      'by the listener of an old process: no other',
      { oldProcesses: [survivor], listenerInodes: [] },
      { sockets: [{ ...listener, inode: otherInode, processes: [by(12)] }] },
    ],
  ],
  'connections of the old server are in the way': [
    [
      'and one of them may last for longer, since its other side has not closed',
      {
        oldSockets: [timeWait, { ...row, timer: { kind: 'timewait', leftMs: 50_000, retransmits: 0 } }],
        probe: stuck,
      },
    ],
    [
      'and a process holds one of them',
      { oldProcesses: [survivor], oldSockets: [row, { ...row, state: 'CLOSE_WAIT', processes: [by(12)] }] },
    ],
    [
      'and a process holds one of them, and the option was on',
      {
        oldProcesses: [survivor],
        listenerOptions: withOption,
        oldSockets: [{ ...row, processes: [by(12)] }],
      },
      { listensOn: [8081] },
    ],
    [
      'and a process holds one of them, and the options could not be read',
      {
        oldProcesses: [survivor],
        listenerOptions: { state: 'not read' } as never,
        oldSockets: [{ ...row, processes: [by(12)] }],
      },
    ],
    [
      'and the second of several processes holds one of them',
      {
        oldProcesses: [{ ...survivor, pid: 9 }, survivor],
        oldSockets: [timeWait, { ...row, state: 'CLOSE_WAIT', processes: [by(55, 'sh'), by(12)] }],
      },
    ],
    [
      'and its bind was refused, and it printed nothing',
      { probe: stuck },
      { ownBind: { state: 'called', last: call, refused: undefined }, output: mute },
    ],
    ['and the number of its listener was not known', { listenerInodes: [0], oldSockets: [timeWait] }],
    ['and the second start printed a blank line', { probe: stuck }, { output: harmlessLines('\n') }],
    [
      'without the option',
      {
        oldSockets: [timeWait, { ...timeWait, remote: { address: '127.0.0.1', port: 40_001 }, timer: null }],
      },
    ],
    ['without the option, and with it the bind fails as well', { probe: stuck, oldSockets: [row] }],
    [
      'and the options could not be read',
      { listenerOptions: { state: 'not read' } as never, oldSockets: [row] },
    ],
    [
      'with the option at the listener, and the bind fails with it',
      { listenerOptions: withOption, probe: stuck },
    ],
    [
      'with the option at the listener, and a bind passes with it',
      { listenerOptions: withOption, oldSockets: [timeWait] },
    ],
    [
      'and the second start called bind() without it',
      { listenerOptions: withOption },
      {
        ownBind: {
          state: 'called',
          last: { ...call, options: { reuseAddress: false, reusePort: false, v6Only: null } },
          refused: undefined,
        },
      },
    ],
    [
      'and the second start called bind() with it',
      { probe: stuck },
      { ownBind: { state: 'called', last: call, refused: undefined } },
    ],
    [
      'and the second start called bind() without it, as the first',
      {},
      {
        ownBind: {
          state: 'called',
          last: { ...call, options: { reuseAddress: false, reusePort: false, v6Only: null } },
          refused: undefined,
        },
      },
    ],
    [
      'and the options of the bind of the second start are not known',
      {},
      { ownBind: { state: 'called', last: { ...call, options: null }, refused: undefined } },
    ],
    [
      'with the option at the listener, and those of the second bind are not known',
      { listenerOptions: withOption },
      { ownBind: { state: 'called', last: { ...call, options: null }, refused: undefined } },
    ],
    [
      'with the option at the listener and at the second bind, and a bind fails with it',
      { listenerOptions: withOption, probe: stuck },
      { ownBind: { state: 'called', last: call, refused: undefined } },
    ],
    [
      'and the option is set after bind(), and before it by the second start',
      { listenerOptions: withOption, reuseAddressAtBind: false },
      { ownBind: { state: 'called', last: call, refused: undefined } },
    ],
    ['and the option is set after bind()', { listenerOptions: withOption, reuseAddressAtBind: false }],
    ['and it lacked the option at bind() and later', { reuseAddressAtBind: false }],
    ['and the second start printed nothing', { probe: stuck }, { output: mute }],
    ['and the second start printed nothing, and is running', { probe: stuck }, { output: mute, ended: null }],
    ['and the second start printed nothing, and a bind with the option passes', {}, { output: mute }],
    ['and it goes elsewhere', {}, { listensOn: [8081], ended: null, output: harmlessLines('EADDRINUSE') }],
  ],
  'the second start listens': [
    ['and did not accept its client', {}, { result: 'listens only', listened: 'yes', ended: null }],
    [
      'and did not answer, with a listener that it was given',
      {},
      {
        result: 'no answer',
        listened: 'yes',
        ended: null,
        ownBind: { state: 'never called', elsewhere: [] },
      },
    ],
    ['and was not ready', {}, { result: 'not ready', listened: 'yes', ended: null }],
    ['and did not answer', {}, { result: 'no answer', listened: 'yes', ended: null }],
    ['and ended its client', {}, { result: 'ends its client', listened: 'yes', ended: null }],
    [
      'and ended its client, as the first one may have',
      { firstClients: 'none' },
      { result: 'ends its client', listened: 'yes', ended: null },
    ],
    [
      'and did not answer, and the first one had no clients',
      { firstClients: 'none' },
      { result: 'no answer', listened: 'yes', ended: null },
    ],
    [
      'but not everywhere',
      {},
      { result: 'not everywhere', listened: 'yes', ended: null, missing: ['::1', '127.0.0.2'] },
    ],
    [
      'but not on each path',
      { target: unix },
      { result: 'not everywhere', listened: 'yes', ended: null, missing: ['/run/b.sock'] },
    ],
  ],
};

describe.each(Object.entries(groups))('%s', (_, cases) => {
  test.each(cases.map((one) => [one[0], one] as const))('%s', (_, one) => {
    expect(decided(one)).toMatchSnapshot();
  });
});

describe('the remedy is in the terms of the server', () => {
  test.each([
    [
      'nginx',
      { stopped: null, probe: free, second: null },
      /^set worker_shutdown_timeout in its configuration/,
    ],
    ['gunicorn', { stopped: null, probe: free, second: null }, /^set --graceful-timeout below/],
    ['uvicorn', { stopped: null, probe: free, second: null }, /^set --timeout-graceful-shutdown, which/],
    ['HAProxy', { stopped: null, probe: free, second: null }, /^set hard-stop-after in its global section/],
    ['Go', { stopped: null, probe: free, second: null }, /^give Shutdown\(\) a context with a deadline/],
    ['other', { stopped: null, probe: free, second: null }, /^close idle connections on the signal/],
    [
      'Python',
      { probe: stuck },
      /^set SO_REUSEADDR before .* every start: sock\.setsockopt\(.* allow_reuse_address = True$/,
    ],
    ['other', { probe: stuck }, /^set SO_REUSEADDR before bind\(\) in every start$/],
  ] as const)('%s: %j', (language, change, remedy) => {
    expect(causeOf({ ...seen, ...change, language }).remedy).toMatch(remedy);
  });
});
