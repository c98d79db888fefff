import * as v from 'valibot';
import { expect, test } from 'vitest';
import { readMessage } from '../../src/rpc/messages.ts';

const notifications = { exited: v.object({ status: v.number() }) };
const failure = { call: 'bind', errno: 'EADDRINUSE', message: 'in use' };

test.each([
  { id: 1, result: null },
  { id: 1, result: { bytes: 5 } },
  { id: 1, error: failure },
  { method: 'exited', params: { status: 1 } },
])('%j is a message', (message) => {
  expect(readMessage(JSON.stringify(message), notifications)).toEqual(message);
});

test.each([
  ['a greeting', 'Welcome to box'],
  ['half a line', '{"id":1,"res'],
  ['another kind of JSON', '{"level":"info"}'],
  ['a result of no request', '{"result":1}'],
  ['a request number that is none', '{"id":-1,"result":1}'],
  ['both a result and an error', JSON.stringify({ id: 1, result: 1, error: failure })],
  ['more than belongs to a message', '{"id":1,"result":1,"by":"a launcher"}'],
  ['an error without a message', '{"id":1,"error":{"call":null,"errno":null}}'],
  ['a notification that nobody knows', '{"method":"toString","params":{}}'],
  ['a notification with other params', '{"method":"exited","params":{"status":"1"}}'],
])('%s is none', (_, line) => {
  expect(readMessage(line, notifications)).toBeUndefined();
});
