const { test } = require('node:test');
const { survivesRestart } = require('tcpclose/node-test');

test('nginx survives a restart, and answers', async () => {
  const nginx = ['nginx', '-p', __dirname, '-c', 'nginx.conf', '-e', 'stderr'];
  // QUIT lets it answer the requests that it has.
  await survivesRestart(nginx, { signal: 'QUIT', readyHttp: '/', stopTimeout: '5s' });
});
