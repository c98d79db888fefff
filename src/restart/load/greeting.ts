import { Client } from '../client.ts';
import { untilGreeted } from '../clients.ts';
import type { Target } from '../target.ts';

const greetingMs = 300;

/** Whether the server sends before its client does. */
export async function greets(target: Target): Promise<'yes' | 'no'> {
  const client = await Client.connect(target);
  try {
    return (await untilGreeted(client, greetingMs)) === 'greeted' ? 'yes' : 'no';
  } finally {
    client.reset();
  }
}
