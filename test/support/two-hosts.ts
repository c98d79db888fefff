import { afterAll, beforeAll } from 'vitest';
import { openTwoHosts, twoHostsAddresses } from '../../src/lab/hosts/two-hosts.ts';
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

/** The options of a run between these hosts, whose server listens on its address of a family. */
export function betweenHosts(hosts: { server: string; client: string }, family: 'IPv4' | 'IPv6'): string[] {
  const host = twoHostsAddresses.server[family];
  return ['--server-on', hosts.server, '--client-on', hosts.client, '--host', host];
}
