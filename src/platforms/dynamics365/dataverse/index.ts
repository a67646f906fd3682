import { z } from 'zod';
import { type Check, NO_LOCATION } from '../../../platform/contract.ts';
import { ask, type DynamicsClient, odata } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import type { Flavour } from '../flavour.ts';
import { baseUrl } from './address.ts';
import { checkSubscription, subscribe, unsubscribe } from './hooks.ts';
import { pollProducts } from './levels-feed.ts';
import { fetchDocument, pollOrders } from './orders.ts';
import { listLevels, listListings, readLevels } from './products.ts';
import { pushLevels } from './push.ts';
import { decode, verify } from './webhook.ts';

const who = z.object({ OrganizationId: z.string() });

async function check(client: DynamicsClient, config: DynamicsConfig): Promise<Check[]> {
  const { data } = await ask(client, 'identity', { method: 'GET', url: `${baseUrl(config)}/WhoAmI` }, who);
  const same = data.OrganizationId.toLowerCase() === config.account.toLowerCase();
  const checks: Check[] = [
    {
      name: 'organization',
      ok: same,
      found: `The app works in the organization ${data.OrganizationId}.`,
      ...(!same && { next: `Write ${data.OrganizationId} as the account, or the address of ${config.account}.` }),
    },
  ];
  for (const table of ['products', 'salesorders', 'salesorderdetails']) {
    const url = odata(`${baseUrl(config)}/${table}`, { top: '1' });
    await ask(client, 'identity', { method: 'GET', url }, z.object({ value: z.array(z.unknown()) }));
    checks.push({ name: table, ok: true, found: `The application user may read ${table}.` });
  }
  return checks;
}

/** Dynamics 365 Sales on Dataverse: orders without a warehouse, and one number per product that only mirrors stock. */
export const dataverse: Flavour = {
  verify,
  decode,
  check,
  listLocations: async () => [{ location: NO_LOCATION, name: 'Quantity on hand of the product', active: true }],
  listListings,
  listLevels,
  readLevels,
  poll: (client, config, feed, cursor, since) =>
    (feed === 'levels' ? pollProducts : pollOrders)(client, config, cursor, since),
  fetchDocument,
  pushLevels,
  subscribe,
  unsubscribe,
  checkSubscription,
};
