import { UsageError } from '../errors.ts';
import { type ObserverChoice, observerChoices } from '../observe/observers.ts';

/** @throws UsageError `bad-observer` */
export function observerOf({
  observer = 'auto',
}: {
  readonly observer?: ObserverChoice | undefined;
}): ObserverChoice {
  if (observerChoices.includes(observer)) return observer;
  throw new UsageError(
    'bad-observer',
    `"${observer}" is not an observer: choose one of ${observerChoices.join(', ')}`,
  );
}
