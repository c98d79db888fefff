import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { installed } from './machine.ts';
import { tcpclose } from './program.ts';
import { temporaryFolder } from './temporary-folder.ts';

const programs = {
  tcpdump: [['-nr'], (line: string) => /Flags \[F\.\]/.test(line)],
  tshark: [['-nr'], (line: string) => /\[FIN, ACK\]/.test(line)],
} as const;

const folder = temporaryFolder('read-back');

export function testReadBack(program: keyof typeof programs): void {
  test(`is read back by ${program}, and has what --json prints`, async (context) => {
    const [args, isFin] = programs[program];
    if (!installed(program)) return context.skip(`${program} is not installed`);
    const file = join(folder, `${program}.pcap`);
    const { stdout } = await tcpclose(['demo', 'client-first', '--pcap', file, '--json']);
    const told = JSON.parse(stdout).recording.connections.flatMap(
      ({ segments }: { segments: { flags: string[] }[] }) => segments,
    );
    const lines = execFileSync(program, [...args, file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
    })
      .trim()
      .split('\n');
    expect(lines).toHaveLength(told.length);
    const fins = told.filter(({ flags }: { flags: string[] }) => flags.includes('FIN'));
    expect(lines.filter(isFin)).toHaveLength(fins.length);
  });
}
