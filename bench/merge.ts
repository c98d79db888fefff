/**
 * `npx tsx bench/merge.ts [documents]`: how long `tcpclose merge` takes for the audits and ledgers of many hosts, beside Node reading and
 * parsing the same files, and how much memory it needs for ten times as many.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandLine, countOf, unlessInterrupted } from '../build/command-line.ts';

const { positionals } = commandLine('npx tsx bench/merge.ts [documents]', {}, 'words');
const most = countOf(positionals[0] ?? '10000', 'documents');
const program = fileURLToPath(new URL('../dist/tcpclose.cjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'merge-bench-'));

function document(...args: readonly string[]): Record<string, unknown> & { machine: object } {
  return JSON.parse(
    spawnSync(process.execPath, [program, ...args, '--json'], { encoding: 'utf8', maxBuffer: 1 << 28 })
      .stdout,
  );
}

/** Seconds, and the most memory in megabytes, as the kernel counts them. */
function measured(...command: readonly string[]): { seconds: number; megabytes: number } {
  const startedAt = performance.now();
  const { stderr, status } = unlessInterrupted(
    spawnSync('/usr/bin/time', ['-f', '%M', ...command], { encoding: 'utf8', maxBuffer: 1 << 28 }),
  );
  if (status !== 0) throw new Error(stderr);
  return {
    seconds: (performance.now() - startedAt) / 1000,
    megabytes: Number(stderr.trim().split('\n').at(-1)) / 1024,
  };
}

try {
  const [audit, ledger] = [document('audit', '--for', '0'), document('claims', '--observer', 'ss')];
  for (let i = 0; i < most; i++) {
    const whole = i % 2 === 0 ? audit : ledger;
    const machine = { ...whole.machine, host: `host-${i}`, kernel: `6.${i % 7}.0` };
    writeFileSync(join(folder, `${i}.json`), JSON.stringify({ ...whole, machine }));
  }
  const parse = `for (const f of require('fs').readdirSync('${folder}')) JSON.parse(require('fs').readFileSync('${folder}/' + f, 'utf8'))`;
  const bare = measured(process.execPath, '-e', parse);
  for (const count of [most / 10, most]) {
    const files = Array.from({ length: count }, (_, i) => join(folder, `${i}.json`));
    const own = measured(process.execPath, program, 'merge', '--json', ...files);
    console.log(`${count} documents: ${own.seconds.toFixed(1)} s, ${own.megabytes.toFixed(0)} MB`);
    if (count === most)
      console.log(
        `  ${(own.seconds / bare.seconds).toFixed(2)} times as long as reading and parsing them (${bare.seconds.toFixed(1)} s)`,
      );
  }
} finally {
  rmSync(folder, { recursive: true });
}
