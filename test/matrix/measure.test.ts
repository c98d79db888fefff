import { describe, expect, test } from 'vitest';
import { addressCases, type CellGroup, optionNames } from '../../src/matrix/cells.ts';
import { cellsOf, measureBatch } from '../../src/matrix/measure.ts';

const [addresses] = addressCases;
const group = { remains: 'TIME_WAIT', old: 'none', addresses } as CellGroup;
const answer = (state: string) => optionNames.map(() => ({ state, bind: 'ok', listen: 'EADDRINUSE' }));

describe('a cell', () => {
  test('has what was measured', () => {
    const cells = cellsOf([group], [answer('TIME_WAIT')]);
    expect(cells.map(({ new: name }) => name)).toEqual(optionNames);
    for (const cell of cells)
      expect(cell).toMatchObject({ observedState: 'TIME_WAIT', bind: 'ok', listen: 'EADDRINUSE' });
  });

  test.each(['nothing', 'FIN_WAIT2 held', 'LISTEN'])('is refused if the port holds %s instead', (state) => {
    expect(() => cellsOf([group], [answer(state)])).toThrow(
      `the port should hold TIME_WAIT (old socket: none, same), but holds ${state}, twice: run it again`,
    );
  });

  test('is refused if it was not measured', () => {
    expect(() => cellsOf([group], [])).toThrow('but holds nothing, twice');
  });
});

describe('a group that comes to another state', () => {
  const batch = [group, { ...group, old: 'addr' }] as const;
  const peerOf = (...answers: readonly (readonly string[])[]) => {
    const asked: number[] = [];
    const call = async (_method: string, { groups }: { readonly groups: readonly unknown[] }) => {
      asked.push(groups.length);
      return { groups: (answers[asked.length - 1] ?? []).map(answer) };
    };
    return { asked, peer: { call } as unknown as Parameters<typeof measureBatch>[0] };
  };

  test('is measured a second time, without the others', async () => {
    const { asked, peer } = peerOf(['TIME_WAIT', 'CLOSING'], ['TIME_WAIT']);
    const cells = await measureBatch(peer, batch, [1, 2]);
    expect(asked).toEqual([2, 1]);
    expect(cells.map(({ old }) => old)).toEqual([
      ...optionNames.map(() => 'none'),
      ...optionNames.map(() => 'addr'),
    ]);
  });

  test('and no third time', async () => {
    const { asked, peer } = peerOf(['CLOSING', 'TIME_WAIT'], ['CLOSING']);
    await expect(measureBatch(peer, batch, [1, 2])).rejects.toThrow('but holds CLOSING, twice');
    expect(asked).toEqual([2, 1]);
  });
});
