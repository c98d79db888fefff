const scenario = `import { scenario } from 'tcpclose';

export default scenario({
  title: 'The side that closes first keeps the connection',
  claim: 'The side that closes first is left in TIME_WAIT, and nothing of the other one is left.',
  source: ['RFC 9293 section 3.6'],
  decides: [],
  control: 'end',

  async run({ lab, expect, step }) {
    await step('a client connects');
    const server = await lab.server();
    const client = await lab.client(server);
    await expect(server).state('ESTABLISHED');

    await step('the server closes, then the client');
    await server.end();
    await client.end();
    await expect(server).state('TIME_WAIT');
  },
});
`;

const workflow = `name: tcpclose

on: [push, pull_request]

jobs:
  tcpclose:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm install --no-save tcpclose
      - run: npx tcpclose test ./tcpclose/ --reporter github
`;

/** The files that "tcpclose init" writes, by path. */
export const firstFiles: Readonly<Record<string, string>> = {
  'tcpclose/first.ts': scenario,
  '.github/workflows/tcpclose.yml': workflow,
};
