/** The words that may follow a command. */
import { words } from '../../explain/words.ts';
import { stops } from '../../report/tour/stops.ts';
import { catalogue, loadEntry } from '../../scenario/catalogue.ts';
import { claims } from '../../scenario/claims.ts';
import { type Candidate, shells } from './scripts.ts';

export function scenarios(): Promise<readonly Candidate[]> {
  return Promise.all(
    catalogue().map(async (entry) => ({
      value: entry.name,
      description: (await loadEntry(entry)).scenario.title,
    })),
  );
}

/** Scenarios, and the topics, each of which stands for all its scenarios. */
export async function topics(): Promise<readonly Candidate[]> {
  const names = new Set(catalogue().map(({ topic }) => topic));
  const all = [...names].map((name) => ({ value: name, description: 'all scenarios of this topic' }));
  return [...all, ...(await scenarios())];
}

export async function explained(): Promise<readonly Candidate[]> {
  return [...words.map(({ name, kind }) => ({ value: name, description: kind })), ...(await scenarios())];
}

export function tourStops(): readonly Candidate[] {
  return stops.map(({ title }, i) => ({ value: String(i + 1), description: title }));
}

export function claimIds(): readonly Candidate[] {
  return Object.entries(claims).map(([value, { claim }]) => ({ value, description: claim }));
}

export function shellNames(): readonly Candidate[] {
  return shells.map((value) => ({ value, description: '' }));
}
