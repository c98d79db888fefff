import type { Stimulus } from '../lab/ends/stimulus.ts';
import type { Lab } from '../lab/lab.ts';
import type { ClaimId } from './claims.ts';
import type { Expect } from './expect/expect.ts';
import type { Need } from './needs.ts';
import type { Parameters, ValuesOf } from './parameters.ts';

/** What `run` works with, besides the values of the parameters. */
export interface Context {
  readonly lab: Lab;
  readonly expect: Expect;
  /** Begins a new paragraph of the story. */
  step(title: string): Promise<void>;
  /** Prints a remark beside the checks. */
  note(text: string): void;
}

export interface ScenarioDefinition<P extends Parameters> {
  /** What happens, in under 70 characters. */
  readonly title: string;
  /** A sentence that the run can prove wrong. */
  readonly claim: string;
  /** Where it is written: RFC section, man page, kernel function. */
  readonly source: readonly string[];
  /** The claims of the ledger that its checks bear on. */
  readonly decides: readonly ClaimId[];
  readonly needs?: readonly Need[];
  /** What a claim needs to be checked beyond `needs`: what is missing here, and the remedy. */
  readonly needsFor?: { readonly [Id in ClaimId]?: string };
  /**
   * What is recorded of a scenario that needs packets (default: segments); `states`: also the states that each side passes through, as with
   * --packets.
   */
  readonly records?: 'segments' | 'states';
  /** The stimulus without which the run must be contradicted. */
  readonly control: Stimulus;
  /** How many processes it starts. They are started ahead. */
  readonly peers?: number;
  /** About how many seconds it takes, if more than one. The longest scenarios are started first. */
  readonly takes?: number;
  /** Why it takes more than 5 s; such a scenario runs only by name or with --slow. */
  readonly slow?: string;
  readonly parameters?: P;
  run(context: Context & ValuesOf<P>): Promise<void>;
}

/** A scenario as the catalogue and the runner see it, with any parameters. */
export interface Scenario extends Omit<Required<ScenarioDefinition<Parameters>>, 'slow'> {
  readonly slow: string | null;
}

/** Defines a scenario: the default export of a file under scenarios/. */
export function scenario<const P extends Parameters = Record<never, never>>(
  definition: ScenarioDefinition<P>,
): Scenario {
  return {
    needs: [],
    needsFor: {},
    records: 'segments',
    peers: 2,
    takes: 1,
    parameters: {},
    ...definition,
    slow: definition.slow ?? null,
    // The runner passes exactly the values that `parameters` describes.
    run: definition.run as Scenario['run'],
  };
}
