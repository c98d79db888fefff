import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { whyNotWatchable } from '../../src/native/seccomp.ts';
import { SockDiag } from '../../src/native/sock-diag.ts';
import { Cells, untilSettled } from '../../src/peer/matrix/cells.ts';
import { Place } from '../../src/peer/matrix/place.ts';
import type { Remains } from '../../src/peer/matrix/remains.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';

const none = { reuseAddress: 'off', reusePort: 'off' } as const;
const here = '127.0.0.1';

function cellsOf(remains: Remains): { cells: Cells; place: Place } {
  const addresses = { old: here, new: here, peer: here, oldV6Only: false, newV6Only: false };
  const place = new Place({ remains, old: none, addresses }, somePort());
  const diag = new SockDiag();
  onTestFinished(() => {
    place.releaseAll();
    diag.close();
  });
  return { cells: new Cells(place, diag), place };
}

describe('a cell of the matrix', () => {
  test.each<[Remains, string]>([
    ['LISTEN', 'nothing'],
    ['bound', 'nothing'],
    ['CLOSE_WAIT', 'nothing'],
    ['FIN_WAIT2 held', 'TIME_WAIT'],
  ])(
    'has the state that is there, not %s, when the sockets were closed behind its back',
    async (remains, then) => {
      const { cells, place } = cellsOf(remains);
      await untilSettled([cells]);
      expect(cells.measure([none]).map(({ state }) => state)).toEqual([remains]);
      place.releaseAll();
      const [after] = cells.measure([none]);
      expect(after?.state).not.toBe(remains);
      expect(['nothing', then, 'LAST_ACK', 'CLOSING']).toContain(after?.state);
    },
  );

  // Without a reader of the notifications, listen(2) fails with ENOSYS, and only that call.
  const story = `
    import { SockDiag } from './src/native/sock-diag.ts';
    import { giveUpNewPrivileges, watchCalls } from './src/native/seccomp.ts';
    import { closeDescriptor } from './src/native/socket.ts';
    import { tryBinding } from './src/native/binding.ts';
    giveUpNewPrivileges();
    closeDescriptor(watchCalls(['listen']));
    const binding = { host: '127.0.0.1', reuseAddress: 'off', reusePort: 'off' };
    const ports = Array.from({ length: 50 }, (_, i) => 20_000 + ((process.pid * 7 + i) % 10_000));
    const port = ports.find((port) => tryBinding(binding, port, 'not').bind === 'ok');
    console.log(JSON.stringify(tryBinding(binding, port, 'too')));`;

  test('has what listen(2) gave, which it calls', unless(whyNotWatchable()), async () => {
    const node = promisify(execFile);
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const { stdout } = await node(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', story], {
      cwd,
    });
    expect(JSON.parse(stdout)).toEqual({ bind: 'ok', listen: 'ENOSYS' });
  });
});
