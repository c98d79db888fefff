import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'A listener that another process has inherited loses nothing',
  claim:
    'If a second process holds the same listener, by fork, socket activation or SCM_RIGHTS, a server that closes its descriptor ends ' +
    "nothing: the accept queue stays, and new clients connect; only the last holder's close resets them.",
  source: ['close(2)', 'sd_listen_fds(3)', 'Linux: inet_release(), inet_csk_listen_stop()'],
  decides: [],
  control: 'share',
  peers: 3,

  async run({ lab, expect, step }) {
    await step('a client is in the accept queue of a listener that two processes hold');
    const server = await lab.server({ accepting: 'later' });
    const client = await lab.client(server, { acceptance: 'not awaited' });
    const heir = await server.shareListener();
    await expect(client.otherSide).state('ESTABLISHED', { process: 'none' });

    await step('the server closes the listener');
    await server.stopListening();
    await expect(server.listener).state('LISTEN');
    await expect(client).state('ESTABLISHED', { process: client });
    const late = await lab.client(server, { name: 'late client', acceptance: 'not awaited' });
    await expect(late).state('ESTABLISHED', { process: late });

    await step('the process that inherited it ends as well');
    await server.unshare(heir);
    await expect(server.listener).gone();
    await expect(client).gone();
    await expect(late).reads('ECONNRESET');
  },
});
