import { UsageError } from '../../errors.ts';
import { ssStates } from '../../observe/ss/parse.ts';
import { isState, type State, states } from '../../state.ts';
import { countOf, type Table } from './table.ts';

const comparisons = {
  '=': (count: number, to: number) => count === to,
  '!=': (count: number, to: number) => count !== to,
  '<': (count: number, to: number) => count < to,
  '<=': (count: number, to: number) => count <= to,
  '>': (count: number, to: number) => count > to,
  '>=': (count: number, to: number) => count >= to,
} as const;

type Comparison = keyof typeof comparisons;

/** A condition on a table: the number of connections in one state. */
export interface Condition {
  readonly state: State;
  readonly comparison: Comparison;
  readonly count: number;
}

/** Several conditions, joined by commas: `TIME_WAIT=0`, `ESTABLISHED>=2,LISTEN=1`. */
export function parseConditions(text: string): Condition[] {
  return text.split(',').map((part) => {
    const match = /^\s*([\w-]+)\s*(!=|<=|>=|=|<|>)=?\s*(\d+)\s*$/.exec(part);
    const state = stateNamed(match?.[1] ?? '');
    const comparison = match?.[2] as Comparison | undefined;
    const count = Number(match?.[3]);
    if (state === undefined || comparison === undefined || !Number.isSafeInteger(count))
      throw badCondition(part);
    return { state, comparison, count };
  });
}

export function holds({ state, comparison, count }: Condition, table: Table): boolean {
  return comparisons[comparison](countOf(table, state), count);
}

// In the spelling of netstat or ss, in any case.
function stateNamed(text: string): State | undefined {
  const name = text.toUpperCase();
  const underscored = name.replaceAll('-', '_').replace(/^(FIN_WAIT)_([12])$/, '$1$2');
  return isState(underscored) ? underscored : ssStates[name];
}

function badCondition(text: string): UsageError {
  return new UsageError(
    'bad-condition',
    `"${text.trim()}" is not a condition: give a state and a count, such as TIME_WAIT=0 or ESTABLISHED>=2 (states: ${states.join(', ')})`,
  );
}
