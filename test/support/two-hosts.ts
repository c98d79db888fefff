import { afterAll, beforeAll } from 'vitest';
import { openTwoHosts } from '../../src/lab/hosts/two-hosts.ts';
import { Teardown } from '../../src/lab/teardown.ts';

/** The launchers of two hosts with a cable between them, for the tests of a block. */
export function launchersOfTwoHosts(): { server: string; client: string } {
  const teardown = new Teardown();
  const launchers = { server: '', client: '' };
  beforeAll(async () => {
    const hosts = await openTwoHosts(teardown);
    launchers.server = hosts.server.prefix.join(' ');
    launchers.client = hosts.client.prefix.join(' ');
  });
  afterAll(() => teardown.run());
  return launchers;
}
