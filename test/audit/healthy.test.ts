import { describe, expect, test } from 'vitest';
import { AuditNetwork, whyNoAuditNetwork } from '../support/audit-network.ts';
import { expectHealthy, whyNoHealthyMachine } from '../support/healthy-machine.ts';
import { unless } from '../support/skips.ts';

describe('in a network of its own', unless(whyNoAuditNetwork ?? whyNoHealthyMachine), () => {
  const network = new AuditNetwork();

  test('on a busy healthy machine nothing is wrong', async () => {
    const { answered } = await expectHealthy(network, { clients: 100, forMs: 3000 });
    expect(answered).toBeGreaterThan(200);
  });
});
