const { test } = require('node:test');
const { survivesRestart } = require('tcpclose/node-test');

test('the server survives a restart', async () => {
  await survivesRestart(['python3', 'server.py']);
});
