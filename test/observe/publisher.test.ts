import { describe, expect, test } from 'vitest';
import { isClientOfDaemon, podmansContainer, publisherIn } from '../../src/observe/publisher.ts';

const id = '0123456789abcdef'.repeat(4);
const conmon = (end: string, name = '-n web') =>
  `/usr/bin/conmon --api-version 1 -c ${id} -u ${id} -r /usr/bin/crun ${name} --exit-dir /run/exits ${end}`;

describe('what publishes the port of a container is known by its command line', () => {
  test.each([
    [conmon('--exit-command /usr/bin/podman --exit-command-arg x'), { program: 'conmon', container: 'web' }],
    [
      conmon('--exit-command /usr/bin/podman --exit-command-arg x', ''),
      { program: 'conmon', container: '0123456789ab' },
    ],
    ['rootlessport', { program: 'rootlessport' }],
    ['/usr/lib/podman/rootlessport', { program: 'rootlessport' }],
    [
      '/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80',
      { program: 'docker-proxy', address: '172.17.0.2' },
    ],
    ['docker-proxy -proto tcp', { program: 'docker-proxy', address: null }],
    [conmon('--exit-command /usr/bin/crio --exit-command-arg x'), null],
    ['rootlessport-child', null],
    ['node docker-proxy -container-ip 172.17.0.2', null],
    ['', null],
  ])('%s', (command, publisher) => {
    expect(publisherIn(command)).toEqual(publisher);
  });
});

test('a name that could be an option of a command is not taken', () => {
  const command = conmon('--exit-command /usr/bin/podman --exit-command-arg x', '-n --all');
  expect(podmansContainer(command)).toBe('0123456789ab');
});

test.each([
  ['docker compose up', true],
  ['/usr/libexec/docker/cli-plugins/docker-compose compose up', true],
  ['docker run --rm -p 80:80 shop', true],
  ['docker ps', false],
  ['podman run shop', false],
  ['node docker up', false],
])('"%s" has a daemon run a container: %s', (command, is) => {
  expect(isClientOfDaemon(command.split(' '))).toBe(is);
});
