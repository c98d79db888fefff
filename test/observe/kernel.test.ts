import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Host, thisMachine } from '../../src/lab/hosts/host.ts';
import { kernelTypesPath, structSizes } from '../../src/observe/btf.ts';
import { parseSlab, readObjectSize } from '../../src/observe/slab.ts';
import { parseTimeWaits, readTimeWaits } from '../../src/observe/sockstat.ts';
import { unless } from '../support/skips.ts';

describe('the number of TIME_WAITs', () => {
  test.each([
    ['sockets: used 1\nTCP: inuse 5 orphan 0 tw 12 alloc 8 mem 0\nUDP: inuse 0 mem 0\n', 12],
    ['TCP: inuse 0 orphan 0 tw 0 alloc 0 mem 0\n', 0],
    ['UDP: inuse 0 tw 3\n', undefined],
    ['', undefined],
  ])('of %j is %j', (text, count) => {
    expect(parseTimeWaits(text)).toBe(count);
  });

  test('is read from this kernel', async () => {
    expect((await readTimeWaits(thisMachine)).count).toBeGreaterThanOrEqual(0);
  });

  test('is an error if the file is missing', async () => {
    const bare = new Host('a machine without /proc', [], '/no/such/folder');
    await expect(readTimeWaits(bare)).rejects.toMatchObject({ code: 'no-sockstat' });
  });
});

test.each([
  ['of its slabs', { '/sys/kernel/slab/x/slab_size': '256\n', '/proc/slabinfo': 'x 1 2 248 3 4' }, 256],
  ['of slabinfo, where the other file may not be read', { '/proc/slabinfo': 'x 1 2 248 3 4\n' }, 248],
  ['unknown where that is no number', { '/sys/kernel/slab/x/slab_size': 'many\n' }, null],
  ['unknown where neither may be read', {}, null],
])('the size of an object is %s', async (_, files: Readonly<Record<string, string>>, size) => {
  const place = Object.assign(Object.create(thisMachine), {
    read: async (path: string) => files[path] ?? null,
  });
  expect(await readObjectSize(place, 'x')).toBe(size);
});

test('a kind of object is found in slabinfo', () => {
  const text = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>
tw_sock_TCPv6       5038   5040    256   16    1 : tunables    0    0    0
tw_sock_TCP          144    208    248   16    1 : tunables    0    0    0`;
  expect(parseSlab(text, 'tw_sock_TCP')).toEqual({ objects: 144, size: 248 });
  expect(parseSlab(text, 'tw_sock')).toBeNull();
  expect(parseSlab('', 'tw_sock_TCP')).toBeNull();
});

describe('the sizes of the types of the kernel', () => {
  test(
    'are read from its BTF',
    unless(existsSync(kernelTypesPath) ? null : `there is no ${kernelTypesPath}`),
    () => {
      const sizes = structSizes(readFileSync(kernelTypesPath), ['list_head', 'tcp_timewait_sock', 'no_such']);
      // Two pointers.
      expect(sizes.get('list_head')).toBe(16);
      expect(sizes.get('tcp_timewait_sock')).toBeGreaterThan(100);
      expect(sizes.has('no_such')).toBe(false);
    },
  );

  // One struct "a" of 40 bytes with one member, behind an integer.
  function tinyBtf(size: number): Buffer {
    const strings = Buffer.from('\0int\0a\0m\0', 'latin1');
    const integer = words(1, 1 << 24, 4, 32);
    const struct = words(5, (4 << 24) | 1, size, 7, 1, 0);
    const types = Buffer.concat([integer, struct]);
    const header = Buffer.concat([
      Buffer.from([0x9f, 0xeb, 1, 0]),
      words(24, 0, types.length, types.length, strings.length),
    ]);
    return Buffer.concat([header, types, strings]);
  }

  function words(...values: number[]): Buffer {
    const bytes = Buffer.alloc(values.length * 4);
    for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, i * 4);
    return bytes;
  }

  test('are those in BTF', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (size) => {
        expect(structSizes(tinyBtf(size), ['a', 'int'])).toEqual(new Map([['a', size]]));
      }),
    );
  });

  test('of what is cut off or no BTF at all are not made up', () => {
    fc.assert(
      fc.property(fc.nat(70), (length) => {
        const sizes = structSizes(tinyBtf(40).subarray(0, length), ['a']);
        expect([...sizes.values()].every((size) => size === 40)).toBe(true);
      }),
    );
    expect(structSizes(Buffer.from('this is no BTF but a text that is long enough'), ['a']).size).toBe(0);
  });
});
