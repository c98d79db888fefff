import { formatEndpoint } from '../address.ts';
import { formatSpan } from '../time.ts';
import type { WhyDocument } from './documents/why.ts';
import type { Paint } from './paint.ts';
import { hang } from './text.ts';

type Holder = WhyDocument['holders'][number];
type Process = Holder['processes'][number];

/** What a person is told of a port, in the order that decides. */
export function whyText(
  document: WhyDocument,
  describeErrno: (errno: string) => string,
  paint: Paint,
): string[] {
  const { holders, elsewhere, unseen, meaning, advice, on } = document;
  const there = on === null ? [] : hang('', `looked at through "${on}", by ${document.way}`).map(paint.faint);
  return [
    headline(document, paint),
    ...there,
    ...holders.flatMap((holder) => ['', ...holderLines(holder, document.port, paint)]),
    ...elsewhere.flatMap((other) => ['', ...elsewhereLines(other, document.port, paint)]),
    '',
    ...bindLines(document, describeErrno, paint),
    '',
    ...hang('So: ', meaning),
    ...(advice.length === 0 ? [] : ['', 'What to do, the best first', ...adviceLines(advice)]),
    ...(unseen.length === 0 ? [] : ['', 'Not seen from here', ...unseen.flatMap(unseenLines)]),
  ];
}

function headline({ port, held, holders, bind, waitedMs }: WhyDocument, paint: Paint): string {
  const waited = waitedMs === null ? '' : ` after ${formatSpan(waitedMs)}`;
  if (!held && bind.withoutReuseAddress === 'EACCES')
    return paint.title(`${port} is free, and not for this user`);
  if (!held) return paint.title(`${port} is free${waited}`);
  const [first] = holders.filter(({ meets }) => meets);
  return paint.title(`${port} is held${first === undefined ? '' : ` by ${naming(first)}`}${waited}`);
}

function naming({ kind, count }: Holder): string {
  switch (kind) {
    case 'listener':
      return count === 1 ? 'a listener' : `${count} listeners`;
    case 'bound':
      return 'a socket that is bound and does not listen';
    case 'connection':
      return 'connections without a listener';
    case 'client':
      return "a client's outgoing connection";
  }
}

function holderLines(holder: Holder, port: number, paint: Paint): string[] {
  const { kind, state, count, addresses, remotes, meets, leftMs, processes, processCount } = holder;
  const times = count === 1 ? '' : ` x${count}`;
  const local = addresses.map((address) => formatEndpoint({ address, port })).join(' ');
  const [remote] = remotes;
  const to = remote === undefined ? '' : ` > ${formatEndpoint(remote)}${count > 1 ? ' ...' : ''}`;
  const left = leftMs === null ? '' : `   ${count > 1 ? 'longest ' : ''}${formatSpan(leftMs)} left`;
  const role = kind === 'client' ? '   outgoing' : '';
  const aside = meets ? '' : '   (on other addresses)';
  const more = processCount - processes.length;
  return [
    ...hang('', `${paint.title(`${state}${times}`)}   ${local}${to}${role}${left}${aside}`, 100),
    ...ownerLines(holder),
    ...optionLines(holder),
    ...processes.flatMap((process) => processLines(process)),
    ...(more > 0 ? [`  and ${more} more ${more === 1 ? 'process' : 'processes'}`] : []),
  ];
}

function ownerLines({ owner, user, reuseAddress }: Holder): string[] {
  if (owner === 'none') {
    const option =
      reuseAddress === null ? '' : `, ${reuseAddress ? 'with' : 'without'} SO_REUSEADDR as the bind shows`;
    return [`  no process: the kernel alone keeps it${option}`];
  }
  if (owner === 'unseen')
    return [`  a process that cannot be seen from here${user === null ? '' : `, of user ${user}`}`];
  return [];
}

function optionLines({ owner, reuseAddress, reusePort, kind, receiveQueue }: Holder): string[] {
  const queue =
    kind === 'listener' && receiveQueue > 0 ? `; ${receiveQueue} connections wait to be accepted` : '';
  if (owner !== 'process' || reuseAddress === null) return queue === '' ? [] : [`  ${queue.slice(2)}`];
  return [`  SO_REUSEADDR ${onOrOff(reuseAddress)}, SO_REUSEPORT ${onOrOff(reusePort)}${queue}`];
}

function onOrOff(value: boolean | null): string {
  return value === null ? 'differs' : value ? 'on' : 'off';
}

function processLines({ pid, command, user, since, parents, origins }: Process): string[] {
  const facts = [
    ...(user === null ? [] : [`user ${user}`]),
    ...(since === null ? [] : [`since ${since.replace('T', ' ')} (${ago(since)})`]),
  ];
  const chain = parents.map((parent) => `${parent.pid} ${cut(parent.command, 40)}`).join(' < ');
  return [
    ...hang('  ', `pid ${pid} ${cut(command, 200)}`),
    ...(facts.length === 0 ? [] : [`    ${facts.join(', ')}`]),
    ...origins.flatMap(({ kind, name }) => hang('    ', `${kind} ${name}`)),
    ...(chain === '' ? [] : hang('    started by ', chain)),
  ];
}

function ago(since: string): string {
  const seconds = Math.max(0, (Date.now() - Date.parse(since)) / 1000);
  const days = Math.floor(seconds / 86_400);
  if (days > 0) return `${days} ${days === 1 ? 'day' : 'days'}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)} h` : formatSpan(Math.max(1, seconds) * 1000);
}

function elsewhereLines(
  { process, sees, addresses }: WhyDocument['elsewhere'][number],
  port: number,
  paint: Paint,
): string[] {
  const local = addresses.map((address) => formatEndpoint({ address, port })).join(' ');
  return [
    `${paint.title('LISTEN')}   ${local}   in another network namespace`,
    ...(sees === 'the listener' ? [] : ['  its process cannot be seen; this one lives there, too:']),
    ...processLines(process),
  ];
}

function bindLines(
  { host, port, bind, passesOn, freeInMs, held }: WhyDocument,
  describeErrno: (errno: string) => string,
  paint: Paint,
): string[] {
  const say = (result: string | null) => {
    if (result === null) return paint.faint('not tried');
    return result === 'ok' ? paint.good('passes') : paint.bad(describeErrno(result));
  };
  const both = host === '::' ? ' (IPv4, too)' : '';
  return [
    `A bind to ${formatEndpoint({ address: host, port })}${both} now`,
    `  without SO_REUSEADDR   ${say(bind.withoutReuseAddress)}`,
    `  with SO_REUSEADDR      ${say(bind.withReuseAddress)}`,
    ...(passesOn.length === 0 ? [] : [`  to ${passesOn.join(' or ')} alone: ${paint.good('passes')}`]),
    ...(held ? [`  free by itself         ${freeInMs === null ? 'no' : `in ${formatSpan(freeInMs)}`}`] : []),
  ];
}

/** Steps are numbered; the line for a language stands below the step that it belongs to. */
function adviceLines(advice: readonly string[]): string[] {
  let number = 0;
  return advice.flatMap((text) => {
    const language = /^(Node|Python|Go|Java|C|nginx): /.exec(text)?.[0];
    if (language !== undefined) return hang(`     ${language.padEnd(8)}`, text.slice(language.length));
    return hang(`${String(++number).padStart(2)}  `, text);
  });
}

function unseenLines({ what, how }: WhyDocument['unseen'][number]): string[] {
  return hang('  ', `${what}: ${how}`);
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
