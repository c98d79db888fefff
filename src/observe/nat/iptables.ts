/** The NAT table as iptables-save(8) and ip6tables-save(8) print it, with either of their backends. */
import { BlockList } from 'node:net';
import { harmless } from '../../foreign.ts';
import { add } from './destinations.ts';
import { outsideOf, type PortSpan } from './ports.ts';
import type { Action, Base, Destination, NatRule, NatTable, Target } from './table.ts';

const priority = -100;

/** `program` is the tool that lists and changes these rules, such as ip6tables-legacy. */
export function tableOfIptables(text: string, program: string): NatTable {
  const chains = new Map<string, NatRule[]>();
  for (const line of text.split('\n')) {
    const [, chain = ''] = /^-A (\S+) /.exec(line) ?? [];
    if (chain === '') continue;
    chains.set(chain, [...(chains.get(chain) ?? []), ...ruleIn(line, chain, program)]);
  }
  const bases: Base[] = [
    { hook: 'prerouting', chain: 'PREROUTING', priority },
    { hook: 'output', chain: 'OUTPUT', priority },
  ];
  return { families: program.startsWith('ip6') ? ['IPv6'] : ['IPv4'], bases, chains };
}

interface Reading {
  ports: readonly PortSpan[] | null;
  readonly destinations: Destination[];
  asksMore: boolean;
  isOfTcp: boolean;
  target: string;
  how: 'and back' | 'away';
  toPorts: string | null;
  toDestination: string | null;
}

type Option = (reading: Reading, value: string, isNot: boolean) => void;

const ports: Option = (reading, value, isNot) => {
  const spans = value.split(',').flatMap(spanIn);
  reading.ports = isNot ? outsideOf(spans) : spans;
};
const ignored: Option = () => {};

/** Options with a value. Each kind of match is recognised by its own options; other options are conditions, too. */
const options: Readonly<Record<string, Option>> = {
  '-p'(reading, value, isNot) {
    if (value !== 'all' && (value === 'tcp' || value === '6') === isNot) reading.isOfTcp = false;
  },
  '-d'({ destinations }, value, isNot) {
    const list = new BlockList();
    add(list, value);
    destinations.push({ list, family: null, holds: isNot ? 'outside' : 'inside' });
  },
  // The addresses in question are those of this machine.
  '--dst-type'(reading, value, isNot) {
    if (value.split(',').includes('LOCAL') === isNot) reading.isOfTcp = false;
  },
  // NAT chains see only the first packet of a connection.
  '--ctstate'(reading, value, isNot) {
    if (isNot || !value.split(',').includes('NEW')) reading.asksMore = true;
  },
  '--dport': ports,
  '--dports': ports,
  '-m': ignored,
  '--comment': ignored,
  '-j'(reading, value) {
    reading.target = value;
  },
  '-g'(reading, value) {
    reading.target = value;
    reading.how = 'away';
  },
  '--to-ports'(reading, value) {
    reading.toPorts = value;
  },
  '--to-destination'(reading, value) {
    reading.toDestination = value;
  },
};
const flags: readonly string[] = ['--random', '--random-fully', '--persistent'];

function ruleIn(line: string, chain: string, program: string): NatRule[] {
  const [, , ...words] = wordsIn(line);
  const reading: Reading = {
    ...{ ports: null, destinations: [], asksMore: false, isOfTcp: true },
    ...{ target: '', how: 'and back', toPorts: null, toDestination: null },
  };
  for (let i = 0; i < words.length; i++) {
    const isNot = words[i] === '!';
    if (isNot) i++;
    const option = options[words[i] ?? ''];
    if (option !== undefined) option(reading, words[++i] ?? '', isNot);
    else if (!flags.includes(words[i] ?? '')) reading.asksMore = true;
  }
  if (!reading.isOfTcp) return [];
  const { ports, destinations, asksMore } = reading;
  // A quoted word may contain characters that the shell interprets.
  const remove = /["'\\]/.test(line) ? null : [program, '-t', 'nat', '-D', chain, ...words];
  return [
    {
      ...{ ports, destinations, asksMore, action: actionOf(reading), text: harmless(line), remove },
      show: [program, '-t', 'nat', '-nvL', chain, '--line-numbers'],
    },
  ];
}

/** The words of a line; those in double quotes may contain blanks, and a backslash before a quote. */
function wordsIn(line: string): string[] {
  const found = line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g);
  return [...found].map(([, quoted, bare]) => quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '');
}

// `8080`, or `8000:8100`.
function spanIn(text: string): PortSpan[] {
  const [low = Number.NaN, high = low] = text.split(':').map(Number);
  return Number.isInteger(low) && Number.isInteger(high) ? [[low, high]] : [];
}

function actionOf({ target, how, toPorts, toDestination }: Reading): Action {
  switch (target) {
    case 'REDIRECT':
      return { kind: 'send', to: { address: null, port: portIn(toPorts) } };
    case 'DNAT':
      return { kind: 'send', to: targetIn(toDestination ?? '') };
    case 'ACCEPT':
      return { kind: 'accept' };
    case 'RETURN':
      return { kind: 'return' };
    case '':
    case 'LOG':
    case 'MARK':
    case 'CONNMARK':
    case 'MASQUERADE':
    case 'SNAT':
      return { kind: 'none' };
    default:
      return { kind: 'jump', chain: target, how };
  }
}

// `10.0.0.2:80`, `10.0.0.2`, `[::1]:80`, `::1`, `10.0.0.2-10.0.0.9:80-90`, `:80`.
function targetIn(text: string): Target {
  const [, inBrackets, address = '', port = null] =
    /^(?:\[([^\]]*)\]|([^:]*|[^:]*:[^:]*:.*?))(?::([\d-]+))?$/.exec(text) ?? [];
  const host = inBrackets ?? address;
  return { address: host.includes('-') ? 'another' : host === '' ? null : host, port: portIn(port) };
}

function portIn(text: string | null): Target['port'] {
  if (text === null) return null;
  return /^\d+$/.test(text) ? Number(text) : 'another';
}
