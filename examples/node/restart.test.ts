import 'tcpclose/vitest';
import { expect, test } from 'vitest';

test('a restart loses no request', async () => {
  // As in a rollout: a load balancer still sends requests for half a second after SIGTERM.
  const server = ['node', '--import', 'tsx', 'server.ts'];
  await expect(server).toSurviveRestart({ load: 'new=20/s,pooled=5,idle=2', preStop: '500ms' });
}, 120_000);
