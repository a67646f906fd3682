import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type GeckoClient, id, list } from './api.ts';
import type { GeckoConfig } from './config.ts';
import { EVENTS } from './webhook.ts';

const hook = z.object({ id, event: z.string(), address: z.string() });
type Hook = z.infer<typeof hook>;

/** One subscription per event. What is there already stays; a second one of the same event goes. */
export async function subscribe(client: GeckoClient, config: GeckoConfig, hookUrl: string): Promise<{ did: string[] }> {
  const did: string[] = [];
  const known = await ours(client, config, hookUrl);
  for (const event of EVENTS) {
    const [first, ...doubles] = known.filter((one) => one.event === event);
    for (const double of doubles) {
      await remove(client, config, double);
      did.push(`removed a second ${event}`);
    }
    if (first) continue;
    await create(client, config, event, hookUrl);
    did.push(`registered ${event}`);
  }
  return { did };
}

export async function unsubscribe(
  client: GeckoClient,
  config: GeckoConfig,
  hookUrl: string,
): Promise<{ did: string[] }> {
  const did: string[] = [];
  for (const one of await ours(client, config, hookUrl)) {
    await remove(client, config, one);
    did.push(`removed ${one.event}`);
  }
  return { did };
}

/** A webhook that failed for three days is deleted without a word: it is made again. */
export async function checkSubscription(client: GeckoClient, config: GeckoConfig, hookUrl: string): Promise<Check[]> {
  const { did } = await subscribe(client, config, hookUrl);
  const made = did.filter((line) => line.startsWith('registered'));
  const secret = Boolean(config.webhookSecret);
  return [
    {
      name: 'webhooks',
      ok: true,
      found: made.length > 0 ? `Missing webhooks were made again: ${made.join(', ')}.` : 'All webhooks are there.',
    },
    {
      name: 'webhook signature',
      ok: secret,
      found: secret ? 'The application’s secret is set.' : 'Without the application’s secret every webhook is refused.',
      ...(!secret && { next: 'Copy the secret of the OAuth application into webhookSecret.' }),
    },
  ];
}

async function ours(client: GeckoClient, config: GeckoConfig, hookUrl: string): Promise<Hook[]> {
  const found: Hook[] = [];
  for (let page = 1; ; page += 1) {
    const { rows, last } = await list(client, config, 'hooks', 'webhooks', { page: String(page) });
    found.push(...rows.flatMap((row) => hook.safeParse(row).data ?? []).filter((one) => one.address === hookUrl));
    if (last) return found;
  }
}

async function create(client: GeckoClient, config: GeckoConfig, event: string, address: string): Promise<void> {
  const call = { method: 'POST' as const, path: '/webhooks', body: { webhook: { address, event } } };
  await ask(client, config, 'hookWrite', call, z.object({ webhook: hook }));
}

async function remove(client: GeckoClient, config: GeckoConfig, { id: one }: Hook): Promise<void> {
  try {
    await ask(client, config, 'hookWrite', { method: 'DELETE', path: `/webhooks/${one}` }, z.unknown());
  } catch (error) {
    // Gone is gone.
    if (!(error instanceof Failure) || error.failure !== 'gone') throw error;
  }
}
