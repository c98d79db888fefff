import { describe, expect, test } from 'vitest';
import { AuditNetwork, whyNoAuditNetwork } from '../support/audit-network.ts';
import { expectHealthy, whyNoHealthyMachine } from '../support/healthy-machine.ts';
import { unless } from '../support/skips.ts';

describe('in a network of its own', unless(whyNoAuditNetwork ?? whyNoHealthyMachine), () => {
  const network = new AuditNetwork();

  test('with 1,000 clients that come and go for a minute nothing is wrong, at any moment', async () => {
    const { audits, answered } = await expectHealthy(network, { clients: 1000, forMs: 60_000 });
    expect(audits).toBeGreaterThan(3);
    expect(answered).toBeGreaterThan(10_000);
  });
});
