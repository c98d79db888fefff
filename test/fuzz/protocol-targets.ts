/** Lines of JSON between processes. */
import * as v from 'valibot';
import { lineSplitter } from '../../src/lines.ts';
import { methods as loadMethods } from '../../src/load/methods.ts';
import { notifications as loadNotifications } from '../../src/load/notifications.ts';
import { methods } from '../../src/peer/methods.ts';
import { notifications } from '../../src/peer/notifications.ts';
import { type Notifications, readMessage, request } from '../../src/rpc/messages.ts';
import { type Methods, methodOf } from '../../src/rpc/method.ts';
import { methods as supervisorMethods } from '../../src/supervisor/methods.ts';
import { notifications as supervisorNotifications } from '../../src/supervisor/notifications.ts';
import { type Target, text } from './target.ts';

const endpoint = { address: '127.0.0.1', port: 8080 };

function lines(name: string, read: (line: string) => unknown, all: readonly object[]): Target {
  return {
    name,
    samples: all.map((message) => Buffer.from(`${JSON.stringify(message)}\n`)),
    read: (input) => {
      const messages: unknown[] = [];
      lineSplitter((line) => messages.push(read(line)))(text(input));
      return messages;
    },
  };
}

/** What a child writes, as tcpclose takes it: whatever a launcher may have written between. */
const ofChild = (heard: Notifications) => (line: string) => readMessage(line, heard) ?? null;

/** What tcpclose writes, as a child takes it. */
const ofTcpclose = (offered: Methods) => (line: string) => {
  const called = accepted(request, line);
  if (called === null) return null;
  const { params: schema } = methodOf(offered, called.method);
  return { id: called.id, params: checked(schema, called.params) };
};

/** The message as it is taken; null where it is refused. */
function accepted<Schema extends v.GenericSchema>(
  schema: Schema,
  line: string,
): v.InferOutput<Schema> | null {
  try {
    return checked(schema, JSON.parse(line));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> | null {
  try {
    return v.parse(schema, value);
  } catch (error) {
    if (v.isValiError(error)) return null;
    throw error;
  }
}

const change = {
  notBefore: 1.5,
  at: 2.5,
  processed: { at: 2, header: '00ff' },
  local: endpoint,
  remote: endpoint,
  socket: '1',
  from: 'ESTABLISHED',
  to: 'FIN_WAIT1',
};

const call = {
  number: 1,
  call: 'bind',
  pid: 42,
  program: 'node',
  fd: 3,
  family: 'IPv4',
  type: 'stream',
  address: '127.0.0.1',
  port: 8080,
  path: null,
  options: { reuseAddress: true, reusePort: false, v6Only: null },
  inode: 4242,
  network: 'same',
  at: 12.5,
  result: 'ok',
  seen: 'afterwards',
  inTheWay: [],
};

const finished = {
  ...{ id: 1, kind: 'pooled', class: 'reset', endedBy: 'RST', code: 'ECONNRESET', status: null, bytes: 0 },
  ...{ delimited: 'itself', announcesClose: false, connection: 3, localPort: 40_001, use: 2 },
  ...{ startedAt: 1.5, connectedAt: 1, endedAt: 2, previous: { endedAt: 1.2, announcedClose: false } },
};
const plan = {
  ...{ place: { host: '127.0.0.1', port: 80 }, tls: null, slowMs: 0, timeoutMs: 1000 },
  protocol: { kind: 'http', path: '/', slowPath: null, body: null },
  spec: { new: 1, pooled: 0, idle: 0, slow: 0 },
};

export const protocolTargets: readonly Target[] = [
  lines('peer', ofChild(notifications), [
    { id: 1, error: { call: 'bind', errno: 'EADDRINUSE', message: 'in use' } },
    { method: 'connection', params: { socket: 1, local: endpoint, remote: endpoint } },
    { method: 'packets', params: [{ at: 1.5, data: 'AAAA' }] },
    { method: 'stateChanges', params: [change] },
    { method: 'unheard', params: [{ at: 1.5, header: 'c350' }] },
  ]),
  lines('command', ofTcpclose(methods), [{ id: 1, method: 'listen', params: { host: '::1', port: 80 } }]),
  lines('supervisor', ofChild(supervisorNotifications), [
    { id: 1, error: { call: null, errno: null, message: 'there is no "server"' } },
    { method: 'exited', params: { run: 1, status: null, signal: 'SIGTERM', at: 12.5 } },
    { method: 'watching', params: { whyNot: null } },
    { method: 'call', params: { run: 1, call } },
  ]),
  lines('supervisor order', ofTcpclose(supervisorMethods), [
    {
      id: 1,
      method: 'start',
      params: {
        run: 1,
        command: ['node'],
        folder: '/',
        environment: { A: '1' },
        ready: null,
        watch: 'calls',
      },
    },
    { id: 2, method: 'sweep', params: { graceMs: 100 } },
  ]),
  lines('load generator', ofChild(loadNotifications), [
    { method: 'finished', params: { requests: [finished] } },
  ]),
  lines('load order', ofTcpclose(loadMethods), [
    { id: 1, method: 'send', params: { state: 'paused' } },
    { id: 2, method: 'probe', params: { plan, form: 'slow' } },
  ]),
];
