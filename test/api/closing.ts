import { api, scenario } from './package.ts';

export const closing = scenario({
  title: 'A close makes the other end wait',
  claim: 'The other end is in CLOSE_WAIT.',
  source: ['RFC 9293 section 3.6'],
  decides: [],
  control: 'end',
  parameters: { times: api.integer(1, { min: 1, max: 3 }, 'how often') },
  async run({ lab, expect, step, times }) {
    const server = await lab.server();
    for (let i = 0; i < times; i++) {
      const client = await lab.client(server);
      await step('the client closes');
      await client.end();
      await expect(server).state('CLOSE_WAIT');
    }
  },
});
