/**
 * Looks for the stimulus that a check depends on: `tsx test/controls/search.ts <scenario...>` tries each one of the run alone, and
 * prints for each check that bears on a claim those without which it came out otherwise.
 */
import type { Withheld } from '../../src/lab/ends/stimulus.ts';
import { catalogue, loadEntry } from '../../src/scenario/catalogue.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { type Run, run } from '../support/runs.ts';
import { keyed } from './controls.ts';

const names = process.argv.slice(2);
const all = await Promise.all(catalogue().map(loadEntry));
const network = (await whyUnmet('namespace')) === null ? 'own' : 'host';

for (const loaded of all.filter(({ name }) => names.includes(name))) {
  const usual = await run(loaded, { network });
  const missing = new Map(
    keyed(usual.checks)
      .filter(({ check }) => check.bearings.length > 0)
      .map((one) => [one.key, one.check]),
  );
  for (const { withheld, kind } of stimuliOf(usual)) {
    if (missing.size === 0) break;
    const ran = await run(loaded, { network, withheld, patienceMs: 2500, timeoutMs: 60_000 });
    for (const { key, check } of keyed(ran.checks)) {
      const usually = missing.get(key);
      if (check.verdict === 'as expected' || usually === undefined) continue;
      missing.delete(key);
      const last = lastBefore(usual, usually, kind) === withheld ? `last ${kind}` : withheld;
      console.log(
        JSON.stringify({
          scenario: loaded.name,
          key,
          without: last,
          line: check.location?.line,
          observed: check.observed,
        }),
      );
    }
  }
  for (const key of missing.keys())
    console.log(JSON.stringify({ scenario: loaded.name, key, without: null }));
}

/** Each alone, the last ones first: what comes late leaves most of the run as it is. */
function stimuliOf({ events }: Run): { withheld: Withheld; kind: string }[] {
  const counts = new Map<string, number>();
  const found = events.flatMap((event) => {
    if (event.type !== 'action') return [];
    const number = (counts.get(event.verb) ?? 0) + 1;
    counts.set(event.verb, number);
    return { withheld: `${event.verb} ${number}` as Withheld, kind: event.verb };
  });
  return found.toReversed();
}

function lastBefore({ events }: Run, check: Run['checks'][number], kind: string): string {
  const at = events.findIndex((event) => event.type === 'check' && event.check === check);
  const number = events.slice(0, at).filter((event) => event.type === 'action' && event.verb === kind).length;
  return `${kind} ${number}`;
}
