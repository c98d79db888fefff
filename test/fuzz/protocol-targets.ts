/** Lines of JSON between processes. */
import * as v from 'valibot';
import { lineSplitter } from '../../src/lines.ts';
import { commandMessage, peerMessage, vocabulary } from '../../src/peer/protocol.ts';
import { order, report } from '../../src/supervisor/protocol.ts';
import { type Target, text } from './target.ts';

const endpoint = { address: '127.0.0.1', port: 8080 };

function messages(name: string, schema: v.GenericSchema, all: readonly object[]): Target {
  return {
    name,
    samples: all.map((message) => Buffer.from(`${JSON.stringify(message)}\n`)),
    read: (input) => {
      const read: unknown[] = [];
      lineSplitter((line) => read.push(accepted(schema, line)))(text(input));
      return read;
    },
  };
}

/** A peer reads what a command is, and then what it is given. */
const command = v.pipe(
  commandMessage,
  v.transform(({ id, do: name, with: given }) => ({
    id,
    name,
    given: v.parse(vocabulary[name].asks, given),
  })),
);

/** The message as it is taken; null where it is refused. */
function accepted(schema: v.GenericSchema, line: string): unknown {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return null;
  }
  try {
    return v.parse(schema, message);
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

export const protocolTargets: readonly Target[] = [
  messages('peer', peerMessage, [
    { type: 'ready', pid: 42 },
    { type: 'failure', id: 1, failure: { call: 'bind', errno: 'EADDRINUSE', message: 'in use' } },
    { type: 'connection', socket: 1, local: endpoint, remote: endpoint },
    { type: 'packets', packets: [{ at: 1.5, data: 'AAAA' }] },
    { type: 'sightings', sightings: [change] },
  ]),
  messages('command', command, [{ id: 1, do: 'listen', with: { host: '::1', port: 80 } }]),
  messages('supervisor report', report, [
    { report: 'up', pid: 42 },
    { report: 'exited', run: 1, status: null, signal: 'SIGTERM', at: 12.5 },
    { report: 'output', run: 1, text: 'up', bytes: 2 },
  ]),
  messages('supervisor order', order, [
    {
      order: 'start',
      run: 1,
      command: ['node'],
      folder: '/',
      environment: { A: '1' },
      ready: null,
      watch: 'calls',
    },
    { order: 'sweep', graceMs: 100 },
  ]),
];
