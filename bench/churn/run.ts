/** `npm run bench:churn -- [rounds] [connections]`: the rate of `demo churn`, compared in turns with a bare pair of the same kind. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { commandLine, countOf, run } from '../../build/command-line.ts';

const { positionals } = commandLine('npm run bench:churn -- [rounds] [connections]', {}, 'words');
const rounds = countOf(positionals[0] ?? '5', 'rounds');
const connections = countOf(positionals[1] ?? '50000', 'connections');
const concurrency = 200;
const atLeast = 0.9;
const here = fileURLToPath(new URL('.', import.meta.url));
const tcpclose = `${here}../../dist/tcpclose.cjs`;
const folder = mkdtempSync(`${tmpdir()}/tcpclose-bench-`);

const pair = `${folder}/pair`;
const compiled = spawnSync('cc', ['-O2', '-o', pair, `${here}pair.c`]).status === 0;

const candidates: Readonly<Record<string, () => Promise<number>>> = {
  'tcpclose demo churn': async () => {
    const args = ['demo', 'churn', `--connections=${connections}`, `--concurrency=${concurrency}`, '--json'];
    const { steps } = JSON.parse(await output('node', [tcpclose, ...args]));
    const last = steps.flatMap(({ load }: { load: unknown[] }) => load).at(-1);
    return (last.done / last.atMs) * 1000;
  },
  'a bare pair in Node': () => ratePair(`node ${here}server.mjs`, `node ${here}client.mjs`),
  ...(compiled ? { 'a pair in C': () => ratePair(`${pair} server`, `${pair} client`) } : {}),
};

const rates = new Map<string, number[]>(Object.keys(candidates).map((name) => [name, []]));
try {
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(candidates)) rates.get(name)?.push(await measure());
  }
} finally {
  rmSync(folder, { recursive: true });
}

const own = median(rates.get('tcpclose demo churn') ?? []);
console.log(`${connections} connections, ${concurrency} at a time, the server closing; medians of ${rounds}`);
for (const [name, measured] of rates) {
  const rate = median(measured);
  const ratio = name.startsWith('a ') ? `   ratio ${(own / rate).toFixed(2)}` : '';
  const goal = name.endsWith('Node')
    ? ` (at least ${atLeast}: ${own / rate >= atLeast ? 'reached' : 'missed'})`
    : '';
  console.log(`  ${name.padEnd(22)} ${rate.toFixed(0).padStart(7)} a second${ratio}${goal}`);
}

async function ratePair(server: string, client: string): Promise<number> {
  const place = mkdtempSync(`${folder}/run-`);
  const script = ['sh', `${here}run.sh`, server, client, String(connections), String(concurrency), place];
  return Number(await output('unshare', ['--user', '--map-root-user', '--net', ...script]));
}

async function output(command: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(command, args);
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  return stdout;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
