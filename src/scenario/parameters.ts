import { constants } from 'node:os';
import { UsageError } from '../errors.ts';

/** A value that a scenario takes, with its default; on the command line, an option of the same name. */
export interface Parameter<Value> {
  readonly description: string;
  readonly fallback: Value;
  /** The name of the value in help; undefined for a flag, which has no value. */
  readonly placeholder: string | undefined;
  /** @throws UsageError with the text and the remedy */
  parse(text: string): Value;
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;
export type ValuesOf<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer Value> ? Value : never;
};

export function flag(description: string): Parameter<boolean> {
  return { description, fallback: false, placeholder: undefined, parse: () => true };
}

/** An integer, both limits included. */
export function integer(
  fallback: number,
  { min, max }: { min: number; max: number },
  description: string,
): Parameter<number> {
  return { description, fallback, placeholder: 'n', parse: parseInteger(min, max) };
}

/** Reads an integer, both limits included. */
export function parseInteger(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new UsageError('bad-number', `"${text}" is not a whole number from ${min} to ${max}`);
  };
}

/** How many scenarios run at once. */
export const parseJobs = parseInteger(1, 1000);

/** A linger time (SO_LINGER): `off`, or seconds. */
export function lingerTime(fallback: 'off' | number, description: string): Parameter<'off' | number> {
  return {
    description,
    fallback,
    placeholder: 'off|seconds',
    parse(text) {
      const seconds = Number(text);
      if (text === 'off') return 'off';
      if (/^\d+$/.test(text) && seconds <= 60) return seconds;
      throw new UsageError('bad-linger', `"${text}" is not a linger time: give off, or seconds from 0 to 60`);
    },
  };
}

export function choice<const Value extends string>(
  fallback: Value,
  values: readonly Value[],
  description: string,
): Parameter<Value> {
  return {
    description,
    fallback,
    placeholder: values.join('|'),
    parse(text) {
      const value = values.find((known) => known === text);
      if (value !== undefined) return value;
      throw new UsageError('bad-choice', `"${text}" is not a choice: choose one of ${values.join(', ')}`);
    },
  };
}

/** The signals that end a Node process without a handler. The others stop it, do nothing, or start its inspector (SIGUSR1). */
const endingSignals =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR2 SEGV ALRM TERM STKFLT XCPU VTALRM IO PWR SYS'.split(' ');

/** A signal that ends a process: `INT`, `SIGINT`, `int` or `2`. */
export function signalName(fallback: NodeJS.Signals, description: string): Parameter<NodeJS.Signals> {
  return { description, fallback, placeholder: 'name', parse: parseSignal };
}

function parseSignal(text: string): NodeJS.Signals {
  const name = signalOfNumber(text) ?? text.toUpperCase().replace(/^SIG/, '');
  if (endingSignals.includes(name)) return `SIG${name}` as NodeJS.Signals;
  const why = `SIG${name}` in constants.signals ? 'does not end a process of Node' : 'is not a signal';
  throw new UsageError('bad-signal', `"${text}" ${why}: choose one of ${endingSignals.join(', ')}`);
}

function signalOfNumber(text: string): string | undefined {
  const found = Object.entries(constants.signals).find(([, number]) => String(number) === text);
  return found?.[0].replace(/^SIG/, '');
}
