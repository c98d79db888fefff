import { describe, expect, test } from 'vitest';
import { asNobody, missing, noRoot } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { listening } from '../support/sockets.ts';

const why = noRoot ?? missing('unshare', 'setpriv');

describe('if /proc hides processes of other users (hidepid=2)', unless(why), () => {
  test('an ordinary user is advised to run tcpclose as root, not to leave a container', async () => {
    const { server, port } = await listening();
    const hidden = `mount -t proc -o hidepid=2 proc /proc && exec ${asNobody.join(' ')} "$@"`;
    const prefix = ['unshare', '--mount', 'sh', '-c', hidden, 'sh'];
    const { stdout } = await tcpclose(['why', String(port), '--json'], { prefix });
    server.close();
    const [unseen] = JSON.parse(stdout).unseen;
    expect(unseen.what).toContain('the process that has the socket');
    expect(unseen.how).toMatch(/^run tcpclose as root/);
  });
});
