import { expect, test } from 'vitest';
import { enteredBy } from '../../src/diagnose/advice/entered.ts';

test.each([
  ['podman exec -i web', 'podman stop web'],
  ['docker exec -i -u 0 --env A=b web', 'docker stop web'],
  ['ssh box docker exec -i web', 'ssh box docker stop web'],
  ['docker compose exec -T web', 'docker compose stop web'],
  ['kubectl exec -i pod/web --', null],
  ['podman exec -i', null],
])('%s leads into a container, and "%s" stops it', (launcher, stop) => {
  expect(enteredBy(launcher.split(' '))).toEqual({ stop: stop?.split(' ') ?? null });
});

test.each(['', 'ssh box', 'exec nsenter', 'ip netns exec b', 'sudo', 'nsenter --net --target 1'])(
  '"%s" leads into no container',
  (launcher) => {
    expect(enteredBy(launcher.split(' ').filter(Boolean))).toBeNull();
  },
);
