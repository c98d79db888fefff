import { many } from '../../many.ts';
import { formatSpan } from '../../time.ts';
import type { ReloadDocument } from '../documents/restart-reload.ts';
import { hang } from '../text.ts';

const labelWidth = 20;

/** The processes that listened before the reload, and those that listen now. */
export function reloadLines(reload: ReloadDocument): string[] {
  const { handover, command, commandEnded, lastChangeMs, listenedBefore, listensAfter, listener, mainEnded } =
    reload;
  const begin =
    handover?.by != null
      ? handover.by
      : handover !== null
        ? 'the second start'
        : command === null
          ? 'the signal'
          : 'the command began';
  const listening = (one: ReloadDocument['listenedBefore'][number]) => describe(one, begin);
  return [
    ...(command === null ? [] : entry('command', `${command}: ${describeEnding(commandEnded)}`)),
    ...(handover === null ? [] : handoverLines(handover, commandEnded)),
    ...entry(
      'last change',
      lastChangeMs === null ? 'none was seen' : `${formatSpan(lastChangeMs)} after ${begin}`,
    ),
    ...listed('listened before', listenedBefore.map(listening)),
    ...listed(
      'listens now',
      listensAfter.map((one) => (one.new ? `${listening(one)}: new` : listening(one))),
    ),
    ...entry('listener', listeners[listener]),
    ...(mainEnded === null ? [] : entry('first process', describeEnding(mainEnded))),
  ];
}

function handoverLines(
  { by, listensMs, signal, toldMs }: NonNullable<ReloadDocument['handover']>,
  ended: ReloadDocument['commandEnded'],
): string[] {
  const listens = listensMs === null ? 'never listened' : `listened after ${formatSpan(listensMs)}`;
  return [
    ...entry(
      'second start',
      by == null ? `${listens}, ${describeEnding(ended)}` : `by the server itself, at ${by}: ${listens}`,
    ),
    ...(toldMs === null
      ? []
      : entry('first start', `got ${signal} ${formatSpan(toldMs)} after the second start`)),
  ];
}

const listeners: Readonly<Record<ReloadDocument['listener'], string>> = {
  stayed: 'stayed: the same socket as before',
  joined: 'stayed, and another one has joined it',
  replaced: 'replaced: other sockets than before',
  gone: 'gone: the server does not listen',
};

function describe(
  { pid, name, startedMs, connections }: ReloadDocument['listenedBefore'][number],
  begin: string,
): string {
  const when =
    startedMs === null
      ? ''
      : startedMs < 0
        ? `, started ${formatSpan(-startedMs)} before ${begin}`
        : `, started ${formatSpan(startedMs)} after ${begin}`;
  const had = connections === 0 ? 'no connection' : many(connections, 'connection');
  return `pid ${pid} ${name}${when}, ${had}`;
}

function describeEnding(ending: ReloadDocument['mainEnded']): string {
  if (ending === null) return 'still runs';
  if (ending.signal === null && ending.status === null) return 'ended';
  return ending.signal === null ? `ended with exit status ${ending.status}` : `ended by ${ending.signal}`;
}

function listed(label: string, texts: readonly string[]): string[] {
  if (texts.length === 0) return entry(label, 'no process that can be seen');
  return texts.flatMap((text, i) => entry(i === 0 ? label : '', text));
}

function entry(label: string, text: string): string[] {
  return hang(`  ${label.padEnd(labelWidth)}`, text);
}
