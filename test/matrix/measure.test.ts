import { describe, expect, test } from 'vitest';
import { addressCases, type CellGroup, optionNames } from '../../src/matrix/cells.ts';
import { cellsOf } from '../../src/matrix/measure.ts';

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
      `the port should hold TIME_WAIT (old socket: none, same), but holds ${state}: try again`,
    );
  });

  test('is refused if it was not measured', () => {
    expect(() => cellsOf([group], [])).toThrow('but holds nothing: try again');
  });
});
