import { expect, test } from 'vitest';
import type { FinishedRequest } from '../../../src/load/request.ts';
import { monotonicMs } from '../../../src/native/clock.ts';
import { until } from '../../support/until.ts';
import { echo, generatorTo, none, serverThat } from './generators.ts';

test('a paused generator begins no requests until it is resumed', async () => {
  const port = await serverThat((socket) => socket.write('ping\n'));
  const generator = generatorTo(port, { spec: { ...none, new: 100 }, protocol: echo });
  await generator.start();
  const next = () =>
    new Promise<void>((resolve) => {
      generator.onFinished = () => resolve();
    });
  await next();
  await generator.send('paused');
  const pausedAt = Number(process.hrtime.bigint()) / 1e6;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(generator.requests.filter(({ startedAt }) => startedAt > pausedAt)).toEqual([]);
  await generator.send('on');
  await next();
  await generator.stop();
  expect(generator.requests.some(({ startedAt }) => startedAt > pausedAt)).toBe(true);
});

test('the generator begins no request after a given moment until it is resumed', async () => {
  const port = await serverThat((socket) => socket.write('ping\n'));
  const generator = generatorTo(port, { spec: { ...none, new: 100, pooled: 2 }, protocol: echo });
  await generator.start();
  await until('a request', () => generator.requests.length > 0);
  const last = monotonicMs() + 100;
  await generator.rouse(last);
  // A busy machine may tell it after that moment.
  const knownFrom = Math.max(last, monotonicMs());
  await until('that moment, and more', () => monotonicMs() > knownFrom + 100);
  const resumedAt = monotonicMs();
  await generator.send('on');
  const isLater = ({ startedAt }: FinishedRequest) => startedAt >= resumedAt;
  await until('more requests', () => generator.requests.some(isLater));
  await generator.stop();
  expect(generator.requests.filter((one) => one.startedAt >= knownFrom && !isLater(one))).toEqual([]);
});
