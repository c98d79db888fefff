import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { image, noPodman, podmanOfFile } from '../support/podman.ts';
import { unless } from '../support/skips.ts';

/** Answers HTTP, and ends on SIGTERM, which the first process of a container must handle itself. */
const server = `const server = require('node:http').createServer((_, response) => response.end('here'));
server.listen(Number(process.env.PORT ?? 8080), () => console.log('listening'));
process.on('SIGTERM', () => process.exit());`;

describe('a container of podman', unless(noPodman), () => {
  const podman = podmanOfFile(noPodman);

  beforeAll(() => {
    if (noPodman !== null) return;
    writeFileSync(join(podman.folder, 'server.js'), server);
    const options = ['--detach', '--name', 'web', '--publish', '8085:8080'];
    podman.run('podman', 'run', ...options, ...mounted(), image, 'node', '/server.js');
  });

  const mounted = () => ['--volume', `${join(podman.folder, 'server.js')}:/server.js:ro`];

  test('is named by why as the one behind its published port, and stopped by its engine', async () => {
    const { stdout, status } = await podman.tcpclose('why', '8085', '--json');
    expect(status).toBe(1);
    const { situation, holders, steps } = JSON.parse(stdout);
    expect(situation).toBe('held');
    expect(holders[0].processes[0].origins).toContainEqual({
      ...{ kind: 'container', name: 'web', stop: 'podman stop web' },
    });
    expect(steps[0].command).toBe('podman stop web');
  });

  test('is looked into through its engine, and stopped from outside', async () => {
    const { stdout } = await podman.tcpclose('why', '8080', '--on', 'podman exec -i web', '--json');
    const { holders, steps } = JSON.parse(stdout);
    expect(holders[0].processes[0]).toMatchObject({ pid: 1, command: 'node /server.js' });
    expect(steps[0].command).toBe('podman stop web');
  });

  test('has nothing wrong for audit, though a rule of NAT takes its port', async () => {
    const { stdout } = await podman.tcpclose('audit', '--json');
    const found: { name: string }[] = JSON.parse(stdout).findings;
    expect(found.filter(({ name }) => name === 'nat-rule')).toEqual([]);
  });

  test('that the command runs is waited for, restarted, and removed', async () => {
    const run = ['podman', 'run', '--rm', '--publish', '8086:8080', ...mounted(), image];
    // The engine listens two seconds before the server does.
    const late = ['sh', '-c', 'sleep 2; exec node /server.js'];
    const before = podman.left();
    const { stdout, stderr } = await podman.tcpclose('restart', '--json', '--', ...run, ...late);
    expect(stderr).toBe('');
    const { runs } = JSON.parse(stdout);
    expect(runs).toMatchObject([{ verdict: 'survives', cause: null }]);
    expect(podman.left()).toEqual(before);
  });
});
