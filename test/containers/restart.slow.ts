import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { missing } from '../support/machine.ts';
import { image, noPodman, podmanOfFile } from '../support/podman.ts';
import { unless } from '../support/skips.ts';

const plain = `require('node:http').createServer((_, response) => response.end('here'))
  .listen(8080, () => console.log('listening'));`;
const polite = `${plain}\nprocess.on('SIGTERM', () => process.exit());`;

const noInit = noPodman ?? missing('catatonit');

describe('restart of a container', unless(noPodman), () => {
  const podman = podmanOfFile(noPodman);

  beforeAll(() => {
    if (noPodman !== null) return;
    writeFileSync(join(podman.folder, 'plain.js'), plain);
    writeFileSync(join(podman.folder, 'polite.js'), polite);
  });

  const publish = ['podman', 'run', '--rm', '--publish', '8085:8080'];
  const running = (options: readonly string[], ...command: readonly string[]) => [
    ...publish,
    ...options,
    ...['--volume', `${podman.folder}:/code:ro`, image, ...command],
  ];
  const restart = async (options: readonly string[], command: readonly string[]) => {
    const { stdout } = await podman.tcpclose('restart', '--json', ...options, '--', ...command);
    return JSON.parse(stdout).runs[0];
  };

  test('whose server is the first process and has no handler reports that as the cause', async () => {
    const run = await restart(['--stop-timeout', '2s'], running([], 'node', '/code/plain.js'));
    expect(run).toMatchObject({ verdict: 'fails', cause: 'first-process' });
    expect(run.evidence.explanation).toContain('(node /code/plain.js), does not handle SIGTERM');
    expect(podman.left()).toEqual([]);
  });

  test('the same below an init: the remedy helps', unless(noInit), async () => {
    const run = await restart([], running(['--init'], 'node', '/code/plain.js'));
    expect(run).toMatchObject({ verdict: 'survives', cause: null });
    expect(podman.left()).toEqual([]);
  });

  test('whose shell does not forward the signal reports that as the cause', async () => {
    const shell = ['sh', '-c', 'node /code/polite.js; true'];
    const run = await restart(['--stop-timeout', '2s'], running([], ...shell));
    expect(run).toMatchObject({ verdict: 'fails', cause: 'signal-not-passed-on' });
    expect(run.evidence.explanation).toContain('the server below it, process');
    expect(podman.left()).toEqual([]);
  });

  test('the same with exec: the remedy helps', async () => {
    const run = await restart([], running([], 'sh', '-c', 'exec node /code/polite.js'));
    expect(run).toMatchObject({ verdict: 'survives', cause: null });
    expect(podman.left()).toEqual([]);
  });

  test('in the network of the host is one of a server like any other', async () => {
    const host = [
      'podman',
      'run',
      '--rm',
      '--network',
      'host',
      '--volume',
      `${podman.folder}:/code:ro`,
      image,
    ];
    const run = await restart([], [...host, 'node', '/code/polite.js']);
    expect(run).toMatchObject({ verdict: 'survives', cause: null });
    expect(podman.left()).toEqual([]);
  });

  test('in which nothing listens on the published port fails with that reason, and leaves nothing', async () => {
    const inside = running(['--env', 'x=y'], 'sleep', '1000');
    const { status, stderr } = await podman.tcpclose('restart', '--timeout', '2s', '--', ...inside);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('nothing in the container took a connection'),
    ]);
    expect(podman.left()).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'that is interrupted by %s leaves nothing',
    async (signal) => {
      const program = podman.start('restart', '--timeout', '60s', '--', ...running([], 'sleep', '1000'));
      await expect.poll(() => podman.left().length, { timeout: 60_000 }).toBeGreaterThan(1);
      const tcpclose = program.processes().find((line) => /^\d+ \S*node \S*tcpclose.cjs /.test(line));
      process.kill(Number.parseInt(tcpclose ?? '', 10), signal);
      await program.finished();
      await expect.poll(() => podman.left(), { timeout: 60_000 }).toEqual([]);
    },
  );
});
