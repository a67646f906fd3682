import type { Check, Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { listLevels, listListings, listLocations } from './catalogue.ts';
import { type CustomConfig, onlySends } from './config.ts';
import type { CustomOp } from './facts.ts';
import { poll } from './feed.ts';

const GUIDE = 'See docs/guides/connect-your-own-system.md.';

/** Asks each question once, so that a mistake in the other system shows before an order depends on it. */
export async function check(client: Client<CustomOp>, config: CustomConfig): Promise<Check[]> {
  if (onlySends(config))
    return [
      {
        name: 'sends only',
        ok: true,
        found: `It sends its orders to /v1/orders as ${config.account}; nothing is asked of it and nothing written to it.`,
      },
    ];
  const hourAgo = new Date(client.now() - 3_600_000).toISOString();
  return [
    await tried('locations', async () => `${(await listLocations(client, config)).length} places`),
    await tried('listings', async () => `${(await listListings(client, config, null)).items.length} on the first page`),
    await tried('levels', async () => `${(await listLevels(client, config, null)).items.length} on the first page`),
    await tried('orders', async () => {
      const { signals, completeTo } = await poll(client, config, null, hourAgo);
      return `${signals.length} changed in the last hour${completeTo ? `, told up to ${completeTo}` : ''}`;
    }),
  ];
}

async function tried(name: string, ask: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, found: await ask() };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const next = error.failure === 'auth' ? 'Compare the whsec_… secret and the clocks of both sides.' : GUIDE;
    return { name, ok: false, found: error.message, next };
  }
}
