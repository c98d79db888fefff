/** The whole catalogue in all the places where it can run, seen by all observers. */
import { expect } from 'vitest';
import type { Result } from '../../src/report/suite/results.ts';
import { catalogue, type LoadedScenario, loadEntry } from '../../src/scenario/catalogue.ts';
import { type Need, needNames, whyUnmet } from '../../src/scenario/needs.ts';
import { installed } from './machine.ts';
import { runAll } from './runs.ts';

export const all = await Promise.all(catalogue().map(loadEntry));
export const quick = all.filter(({ scenario }) => scenario.slow === null);
/** Those of them that take less than 5 s. */
export const brief = quick.filter(({ scenario }) => scenario.takes < 5);

// What a machine does not allow is skipped by the scenarios, and here it is known which those are.
const unmet = new Map(
  await Promise.all(needNames.map(async (need) => [need, await whyUnmet(need)] as const)),
);

export function canRun({ scenario }: LoadedScenario): boolean {
  return scenario.needs.every((need) => unmet.get(need) === null);
}

interface Place {
  readonly address: string;
  readonly network?: 'two hosts';
  readonly need?: Need;
}

const places: Readonly<Record<string, Place>> = {
  '127.0.0.1': { address: '127.0.0.1' },
  '::1': { address: '::1' },
  'two hosts': { address: '127.0.0.1', network: 'two hosts', need: 'two hosts' },
};

export const placeNames = Object.keys(places);
export const observers = ['auto', 'proc', ...(installed('netstat') ? (['netstat'] as const) : [])] as const;

export type ObserverName = (typeof observers)[number];

export function whyNotIn(place: string): string | null {
  const { need } = placed(place);
  return need === undefined ? null : (unmet.get(need) ?? null);
}

function placed(name: string): Place {
  const place = places[name];
  if (place === undefined) throw new Error(`no such place: ${name}`);
  return place;
}

/**
 * The scenarios that an observer sees there: over all places every scenario meets every place and every observer. All combinations of
 * them are in catalogue.slow.ts.
 */
export function dealt(place: string, observer: ObserverName): LoadedScenario[] {
  const at = placeNames.indexOf(place);
  const by = observers.findIndex((name) => name === observer);
  return quick.filter((_, i) => (i + at) % observers.length === by);
}

/** Runs them there, and expects each of them to come out as it should. */
export async function comeOutAsExpected(
  scenarios: readonly LoadedScenario[],
  place: string,
  observer: ObserverName,
): Promise<readonly Result[]> {
  const { address, network } = placed(place);
  const { finished: results } = await runAll(scenarios, { address, network, observer });
  expect(results.map(essence).sort(byName)).toEqual(scenarios.map(asExpected).sort(byName));
  return results;
}

function asExpected(loaded: LoadedScenario) {
  return { scenario: loaded.name, outcome: canRun(loaded) ? 'passed' : 'skipped', contradicted: [] };
}

function essence({ scenario, outcome, checks }: Result) {
  const contradicted = checks.filter(({ verdict }) => verdict === 'contradicted');
  return {
    scenario,
    outcome: outcome.state === 'errored' ? `errored: ${outcome.error.message}` : outcome.state,
    contradicted: contradicted.map(({ title, expected, observed, raw }) => ({
      title,
      expected,
      observed,
      raw,
    })),
  };
}

const byName = (a: { scenario: string }, b: { scenario: string }) => a.scenario.localeCompare(b.scenario);
