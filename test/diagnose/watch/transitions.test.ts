import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Ages } from '../../../src/diagnose/watch/ages.ts';
import { Flow } from '../../../src/diagnose/watch/rates.ts';
import { tableOf } from '../../../src/diagnose/watch/table.ts';
import { byKey, transitionsBetween } from '../../../src/diagnose/watch/transitions.ts';
import { identityOf } from '../../../src/observe/row.ts';
import { comm, holders, rows } from '../../support/rows.ts';

const row = rows(fc.constant({ kind: 'timewait' as const, leftMs: 1000, retransmits: 0 }), holders(comm, 3));
const sockets = fc.uniqueArray(row, { maxLength: 20, selector: identityOf });

describe('transitions between two looks', () => {
  test('there are no transitions if nothing has changed', () => {
    fc.assert(
      fc.property(sockets, (seen) => {
        expect(transitionsBetween(byKey(seen), byKey(seen))).toEqual([]);
      }),
    );
  });

  test('each socket that came, went or changed is reported once, and no other', () => {
    fc.assert(
      fc.property(sockets, sockets, (before, now) => {
        const [old, current] = [byKey(before), byKey(now)];
        const expected = new Set(
          [...old.keys(), ...current.keys()].filter((key) => old.get(key)?.state !== current.get(key)?.state),
        );
        const told = transitionsBetween(old, current);
        expect(told).toHaveLength(expected.size);
        expect(told.every(({ from, to }) => from !== to)).toBe(true);
      }),
    );
  });
});

describe('the table of a look', () => {
  test('has every socket once, at the port or at the other end', () => {
    fc.assert(
      fc.property(sockets, fc.nat(65_535), (seen, port) => {
        const table = tableOf(port, seen, { ages: new Ages(), flow: new Flow() });
        const total = table.reduce((sum, { atPort, atOtherEnd }) => sum + atPort + atOtherEnd, 0);
        expect(total).toBe(seen.length);
        expect(
          table.every(
            ({ count, atPort, atOtherEnd }) =>
              count <= atPort + atOtherEnd && count >= Math.max(atPort, atOtherEnd),
          ),
        ).toBe(true);
      }),
    );
  });
});
