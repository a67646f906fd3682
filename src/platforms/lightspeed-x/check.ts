import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { LightspeedXClient } from './api.ts';
import { listListings, listLocations } from './catalogue.ts';
import type { LightspeedXConfig } from './config.ts';
import { newestVersion } from './levels.ts';
import { findReasons } from './reasons.ts';
import { salesAfter } from './sales.ts';

/** What the token must be allowed; asked for when the store authorizes the application. */
export const SCOPES = 'products:read inventory:read inventory:write sales:read outlets:read webhooks';

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: LightspeedXClient, config: LightspeedXConfig): Promise<Check[]> {
  return [
    await tried('outlets', 'outlets:read', async () => {
      const open = (await listLocations(client, config)).filter(({ active }) => active);
      return `Outlets: ${open.map(({ name }) => name).join(', ') || 'none'}.`;
    }),
    await tried('catalogue', 'products:read', async () => {
      const { items } = await listListings(client, config, null);
      return items.length > 0 ? 'The catalogue can be read.' : 'The catalogue is empty.';
    }),
    await tried('sales', 'sales:read', async () => {
      await salesAfter(client, config, 0, 1);
      return 'Sales can be read.';
    }),
    await tried('stock', 'inventory:read', async () => {
      await newestVersion(client, config);
      return 'Levels can be read.';
    }),
    await tried('adjustments', 'inventory:write', async () => {
      await findReasons(client, config);
      return "Onhand's own adjustment reasons are there; levels can be written.";
    }),
    signing(config),
  ];
}

/** A scope that is missing is one failed test, not the end of all of them. */
async function tried(name: string, scope: string, work: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, found: await work() };
  } catch (error) {
    if (!(error instanceof Failure) || !['auth', 'rejected', 'gone'].includes(error.failure)) throw error;
    return {
      name,
      ok: false,
      found: error.message,
      next: `The token needs the scope ${scope} (all of them: ${SCOPES}). Make or authorize it again.`,
    };
  }
}

function signing({ webhookSecret, webhookToken }: LightspeedXConfig): Check {
  const found = webhookSecret
    ? 'The client secret is set: signed webhooks are believed.'
    : webhookToken
      ? 'Without a client secret, webhooks are known by the word in their address, and each sale is fetched.'
      : 'Without a client secret every webhook is refused.';
  return {
    name: 'signing secret',
    ok: Boolean(webhookSecret || webhookToken),
    found,
    ...(!(webhookSecret || webhookToken) && {
      next: 'Copy the client secret of your application from the Lightspeed developer portal, or make up a webhook token.',
    }),
  };
}
