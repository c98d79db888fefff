import type { Case } from '../ci.ts';
import type { DoctorDocument } from '../documents/doctor.ts';

/** A case for each thing that was tried. A missing thing is skipped: it limits tcpclose, but nothing has failed. */
export function doctorCases({ groups }: DoctorDocument): Case[] {
  return groups.flatMap(({ title: group, checks }) =>
    checks.map(({ name, state, detail, costs }) => ({
      ...{ suite: group, className: 'tcpclose.doctor', name, title: `${group}: ${name}`, durationMs: null },
      result:
        state === 'available'
          ? ({ state: 'passed', remark: null } as const)
          : ({ state: 'skipped', reason: `${state}: ${detail}; without it: ${costs}` } as const),
      facts: { state, detail },
      warnings: [],
    })),
  );
}
