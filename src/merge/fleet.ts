import type { Saved, SavedMachine } from './saved.ts';
import { Spread, Tally } from './tally.ts';

/** What many hosts have in common, and which hosts differ. Documents are added one at a time, and none is kept. */
export class Fleet {
  readonly #kernels = new Map<string, number>();
  readonly #settings = new Map<string, Tally>();
  readonly #claims = new Map<string, { claim: string; overall: Tally; byKernel: Map<string, Tally> }>();
  readonly #findings = new Map<string, { wrong: Spread; notes: number; byKernel: Map<string, number> }>();
  readonly #audits = new Map<string, number>();
  #ledgers = 0;

  add(document: Saved, host: string): void {
    this.#addMachine(document.machine, host);
    if (document.kind === 'claims') this.#addClaims(document, host);
    else this.#addAudit(document, host);
  }

  #addMachine({ kernel, settings }: SavedMachine, host: string): void {
    this.#kernels.set(kernel, (this.#kernels.get(kernel) ?? 0) + 1);
    for (const [name, value] of Object.entries(settings)) {
      of(this.#settings, name, () => new Tally()).add(value, host);
    }
  }

  #addClaims({ claims, machine }: Extract<Saved, { kind: 'claims' }>, host: string): void {
    this.#ledgers += 1;
    for (const { id, claim, finding } of claims) {
      const known = of(this.#claims, id, () => ({ claim, overall: new Tally(), byKernel: new Map() }));
      known.overall.add(finding, host);
      of(known.byKernel, machine.kernel, () => new Tally()).add(finding, host);
    }
  }

  #addAudit({ findings, machine }: Extract<Saved, { kind: 'audit' }>, host: string): void {
    this.#audits.set(machine.kernel, (this.#audits.get(machine.kernel) ?? 0) + 1);
    for (const { kind, severity, count } of findings) {
      const known = of(this.#findings, kind, () => ({ wrong: new Spread(), notes: 0, byKernel: new Map() }));
      if (severity !== 'wrong') {
        known.notes += 1;
        continue;
      }
      known.wrong.add(count, host);
      known.byKernel.set(machine.kernel, (known.byKernel.get(machine.kernel) ?? 0) + 1);
    }
  }

  get ledgers(): number {
    return this.#ledgers;
  }

  get audits(): number {
    return [...this.#audits.values()].reduce((sum, count) => sum + count, 0);
  }

  get kernels(): readonly { readonly kernel: string; readonly documents: number }[] {
    return [...this.#kernels]
      .map(([kernel, documents]) => ({ kernel, documents }))
      .sort((a, b) => b.documents - a.documents || a.kernel.localeCompare(b.kernel));
  }

  get settings() {
    return sorted(this.#settings).map(([name, tally]) => ({ name, values: tally.values }));
  }

  get claims() {
    return sorted(this.#claims).map(([id, { claim, overall, byKernel }]) => ({
      id,
      claim,
      findings: overall.values,
      kernels: sorted(byKernel).map(([kernel, tally]) => ({ kernel, findings: tally.values })),
    }));
  }

  /** Sorted by how many hosts have them, most first. */
  get findings() {
    return [...this.#findings]
      .map(([kind, { wrong, notes, byKernel }]) => ({
        kind,
        wrong: wrong.size,
        notes,
        median: wrong.median,
        largest: wrong.largest,
        kernels: sorted(this.#audits).map(([kernel, of]) => ({
          kernel,
          wrong: byKernel.get(kernel) ?? 0,
          of,
        })),
      }))
      .sort((a, b) => b.wrong - a.wrong || b.notes - a.notes || a.kind.localeCompare(b.kind));
  }
}

function of<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = create();
  map.set(key, value);
  return value;
}

function sorted<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([a], [b]) => a.localeCompare(b));
}
