import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { apiRequest, type BigClient, listOf, readAs } from './api.ts';
import { productPage } from './catalogue.ts';
import type { BigConfig } from './config.ts';
import { listLocations } from './levels.ts';

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: BigClient, config: BigConfig): Promise<Check[]> {
  const get = (path: string, query = {}) => apiRequest(config, 'GET', path, query);
  return [
    await test('orders', async () => {
      await client.call('orderFeed', get('/v2/orders', { limit: 1 }));
      return 'Orders can be read.';
    }),
    await test('products', async () => {
      await productPage(client, config, null);
      return 'Products can be read.';
    }),
    await test('stock', async () => {
      const response = await client.call('levels', get('/v3/inventory/items', { limit: 1 }));
      readAs(response, listOf(z.unknown()), '/v3/inventory/items');
      return 'Stock can be read.';
    }),
    await test('write permission', async () => {
      const request = apiRequest(
        config,
        'PUT',
        '/v3/inventory/adjustments/absolute',
        {},
        { reason: 'Onhand', items: [] },
      );
      await client.call('probe', request);
      return 'Stock can be written.';
    }),
    await location(client, config),
    await settings(client, config),
    {
      name: 'webhook secret',
      ok: Boolean(config.webhookSecret || config.hookKey),
      found: config.webhookSecret
        ? 'The client secret is set.'
        : 'No client secret is set: signed webhooks are refused.',
      ...(!(config.webhookSecret || config.hookKey) && {
        next: 'Copy the client secret of the API account into the settings of this channel; a lost one means a new API account.',
      }),
    },
  ];
}

async function test(name: string, work: () => Promise<string | Omit<Check, 'name'>>): Promise<Check> {
  try {
    const found = await work();
    return typeof found === 'string' ? { name, ok: true, found } : { name, ...found };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { name, ok: false, found: error.message, next: nextOf(error) };
  }
}

function nextOf({ failure }: Failure): string {
  if (failure === 'auth')
    return 'Make an API account under Settings > Store-level API accounts with the scopes of the README, and paste its access token and client secret.';
  if (failure === 'throttled' || failure === 'transient')
    return 'Try again in a minute; if it stays, look at status.bigcommerce.com.';
  return 'Compare the store hash with the API path of the API account.';
}

const location = (client: BigClient, config: BigConfig): Promise<Check> =>
  test('location of online orders', async () => {
    const places = await listLocations(client, config);
    const known = places.find((one) => one.location === config.onlineLocation);
    const names = places.map((one) => `${one.location} (${one.name})`).join(', ');
    if (config.onlineLocation === undefined)
      return `Not set: orders to be shipped count without a place. The store has ${names}.`;
    if (known?.active) return `Orders to be shipped are taken from ${known.name}.`;
    return {
      ok: false,
      found: known ? `${known.name} is switched off.` : `The store has no location ${config.onlineLocation}.`,
      next: `Put one of these into the settings: ${names}.`,
    };
  });

const inventorySettings = z.object({
  data: z.object({
    update_stock_behavior: z.string().nullish(),
    edit_order_stock_adjustment: z.boolean().nullish(),
    refund_order_stock_adjustment: z.boolean().nullish(),
  }),
});

/** What the store does to its own number, against what the settings here say it does. */
const settings = (client: BigClient, config: BigConfig): Promise<Check> =>
  test('inventory settings', async () => {
    const path = '/v3/settings/inventory';
    const { data } = readAs(await client.call('settings', apiRequest(config, 'GET', path)), inventorySettings, path);
    const takenAt = data.update_stock_behavior === 'order_completed_or_shipped' ? 'shipped' : 'placed';
    const next = 'Change it in the settings of this channel, or in BigCommerce under Settings > Inventory.';
    if (takenAt !== config.stockTakenAt)
      return {
        ok: false,
        found: `The store lowers its stock when an order is ${takenAt}, the settings here say ${config.stockTakenAt}.`,
        next,
      };
    const restocks = data.refund_order_stock_adjustment ?? config.restocksRefunds;
    if (restocks !== config.restocksRefunds)
      return {
        ok: false,
        found: `The store ${restocks ? 'puts' : 'does not put'} units back on cancellation and refund; the settings here say otherwise.`,
        next,
      };
    if (data.edit_order_stock_adjustment === false)
      return {
        ok: false,
        found: 'The store does not follow with its stock when an order is edited: its number will drift.',
        next: 'Switch on Settings > Inventory > adjust stock when an order is edited.',
      };
    return `The store lowers its stock when an order is ${takenAt}.`;
  });
