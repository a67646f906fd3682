import { z } from 'zod';
import type { Check } from '../../../platform/contract.ts';
import { ask, type DynamicsClient } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import type { Flavour } from '../flavour.ts';
import { inventoryUrl, rowsOf } from './address.ts';
import { listLevels, readLevels } from './levels.ts';
import { fetchDocument, pollOrders } from './orders.ts';
import { listListings } from './products.ts';
import { pushLevels } from './push.ts';
import { listLocations, readWarehouses } from './warehouses.ts';
import { decode, verify } from './webhook.ts';

async function check(client: DynamicsClient, config: DynamicsConfig): Promise<Check[]> {
  const warehouses = await readWarehouses(client, config);
  const placed: Check = {
    name: 'legal entity',
    ok: warehouses.size > 0,
    found: `${config.account} has ${warehouses.size} warehouses that the app may see.`,
    ...(warehouses.size === 0 && {
      next: 'Check the legal entity, and the roles of the app’s user in System administration > Setup > Microsoft Entra ID applications.',
    }),
  };
  const rows = z.object({ value: z.array(z.unknown()) });
  for (const table of ['ReleasedProductsV2', 'SalesOrderHeadersV2', 'SalesOrderLines'])
    await ask(client, 'identity', { method: 'GET', url: rowsOf(config, table, { top: '1' }) }, rows);
  const body = {
    filters: { organizationId: [config.account], productId: ['-'] },
    groupByValues: ['siteId', 'locationId'],
    returnNegative: true,
  };
  const url = inventoryUrl(config, 'onhand/indexquery');
  await ask(client, 'identity', { method: 'POST', url, body }, z.array(z.unknown()));
  return [
    placed,
    { name: 'tables', ok: true, found: 'The app may read products, sales orders and their lines.' },
    { name: 'Inventory Visibility', ok: true, found: 'The service answers; the index of site and location is there.' },
  ];
}

const address = (hookUrl: string, secret: string): string => `${hookUrl}?code=${encodeURIComponent(secret)}`;

/** Supply Chain Management with the Inventory Visibility service: several warehouses, a measure of our own, orders polled. */
export const supplyChain: Flavour = {
  verify,
  decode,
  check,
  listLocations,
  listListings,
  listLevels,
  readLevels,
  poll: async (client, config, feed, cursor, since) => {
    if (feed !== 'levels') return pollOrders(client, config, cursor, since);
    // The service tells nobody of its changes; levels are read.
    return { signals: [], cursor: '-', completeTo: null, more: false };
  },
  fetchDocument,
  pushLevels,
  // Endpoints are entered by hand: there is no API for them.
  subscribe: async (client, config, hookUrl) => {
    const webhookSecret = config.webhookSecret ?? `${client.uuid()}${client.uuid()}`.replaceAll('-', '');
    const where = 'System administration > Setup > Business events > Endpoints > New > HTTPS';
    return { config: { webhookSecret }, did: [`enter ${address(hookUrl, webhookSecret)} by hand in ${where}`] };
  },
  unsubscribe: async (_client, _config, hookUrl) => ({
    did: [`remove ${hookUrl} by hand from System administration > Setup > Business events > Endpoints`],
  }),
  checkSubscription: async (_client, config) => [
    {
      name: 'events',
      ok: Boolean(config.webhookSecret),
      found: config.webhookSecret
        ? 'Whether the endpoint is active, only Supply Chain Management shows; orders are polled all the same.'
        : 'No key is set for events.',
      ...(!config.webhookSecret && { next: 'Connect the channel again, so that Onhand makes one.' }),
    },
  ],
};
