import { describe, expect, test } from 'vitest';
import { Host, thisMachine } from '../../../src/lab/hosts/host.ts';

describe.each([
  ['on this machine', thisMachine],
  ['behind a launcher', new Host('elsewhere', ['env', 'X=1'], undefined)],
])('%s', (_, host) => {
  test('a file is read as it is', async () => {
    expect(await host.read('/proc/self/comm')).toMatch(/^\S.*\n$/);
    expect(await host.read('/proc/net/tcp')).toMatch(/^ +sl +local_address/);
  });

  test('a file that does not exist, and one that cannot be read, are null', async () => {
    expect(await host.read('/no/such/file')).toBeNull();
    expect(await host.read('/proc')).toBeNull();
  });
});

test('without cat no file can be read', async () => {
  expect(await new Host('box', ['env', 'PATH=/no/such/folder'], undefined).read('/proc/net/tcp')).toBeNull();
});

test('a host that cannot be reached is an error, and not a file that is missing', async () => {
  const unreachable = new Host('box', ['sh', '-c', 'echo "no route to box" >&2; exit 255'], undefined);
  await expect(unreachable.read('/proc/net/tcp')).rejects.toMatchObject({
    code: 'cannot-read',
    message: expect.stringMatching(
      /^\/proc\/net\/tcp cannot be read on box \(no route to box\): make sure that "/,
    ),
  });
});
