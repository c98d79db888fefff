import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodePcap } from '../../../src/observe/packets/pcap.ts';
import { missing } from '../../support/machine.ts';
import { makePacket } from '../../support/packets.ts';
import { unless } from '../../support/skips.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('pcap');

const six = { from: { address: '::1', port: 50_000 }, to: { address: '::1', port: 80 } };
const file = join(folder, 'made.pcap');
const at = Date.UTC(2030, 0, 2, 3, 4, 5) + 678.9;
beforeAll(() => {
  const packets = [
    makePacket({ flags: ['SYN'], sequence: 100 }),
    makePacket({ ...six, flags: ['ACK', 'FIN'], timestamps: { value: 7, echo: 8 } }),
    makePacket({ flags: ['ACK', 'PSH'], data: Buffer.from('hello') }),
  ];
  writeFileSync(file, encodePcap(packets.map((packet, i) => ({ epochMs: at + i, packet }))));
});

describe('a pcap file', () => {
  test('is read by tcpdump', unless(missing('tcpdump')), () => {
    const out = execFileSync('tcpdump', ['-nr', file, '-S', '-tt'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
    });
    const lines = out.trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain(
      `${Math.floor(at / 1000)}.678900 IP 127.0.0.1.50000 > 127.0.0.1.80: Flags [S], seq 100,`,
    );
    expect(lines[1]).toMatch(/IP6 ::1\.50000 > ::1\.80: Flags \[F\.\].*TS val 7 ecr 8/);
    expect(lines[2]).toMatch(/Flags \[P\.\].*length 5/);
  });

  test('is read by tshark', unless(missing('tshark')), () => {
    const fields = ['frame.time_epoch', 'tcp.srcport', 'tcp.flags', 'tcp.len'].flatMap((name) => [
      '-e',
      name,
    ]);
    const out = execFileSync('tshark', ['-r', file, '-T', 'fields', ...fields], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const rows = out
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows.map(([, ...rest]) => rest.join(' '))).toEqual([
      '50000 0x0002 0',
      '50000 0x0011 0',
      '50000 0x0018 5',
    ]);
    expect(Number(rows[0]?.[0])).toBeCloseTo(at / 1000, 5);
  });
});
