import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { WooConfig } from './config.ts';
import { orderShape } from './order-doc.ts';
import { productShape } from './product.ts';
import { apiRequest, type WooClient } from './request.ts';
import { answer } from './shape.ts';

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: WooClient, config: WooConfig): Promise<Check[]> {
  const one = { per_page: 1 };
  return [
    await test('products', 'Products can be read.', async () => {
      answer(await client.call('products', apiRequest(client, config, 'GET', '/products', one)), z.array(productShape));
    }),
    await test('orders', 'Orders can be read.', async () => {
      answer(await client.call('orderFeed', apiRequest(client, config, 'GET', '/orders', one)), z.array(orderShape));
    }),
    await test('write permission', 'The key may write.', async () => {
      await client.call('probe', apiRequest(client, config, 'POST', '/products/batch', {}, { update: [] }));
    }),
    await stockManagement(client, config),
    {
      name: 'webhook secret',
      ok: Boolean(config.webhookSecret),
      found: config.webhookSecret ? 'A webhook secret is set.' : 'No webhook secret is set: every webhook is refused.',
      ...(!config.webhookSecret && { next: 'Make up a long secret and put it into the settings of this channel.' }),
    },
  ];
}

async function test(name: string, good: string, work: () => Promise<void>): Promise<Check> {
  try {
    await work();
    return { name, ok: true, found: good };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { name, ok: false, found: error.message, next: nextOf(error) };
  }
}

function nextOf({ failure }: Failure): string {
  if (failure === 'auth')
    return 'Make a key with permission Read/Write under WooCommerce > Settings > Advanced > REST API, for a user who is shop manager or administrator, and put it into the settings.';
  if (failure === 'throttled' || failure === 'transient')
    return 'Try again in a minute; if it stays, ask whoever hosts the shop.';
  return 'Check the address of the shop, and that WooCommerce is active and permalinks are not Plain.';
}

/** Where the whole shop has stock management off, WooCommerce takes every number with 200 and ignores it. */
async function stockManagement(client: WooClient, config: WooConfig): Promise<Check> {
  const name = 'stock management';
  const path = '/settings/products/woocommerce_manage_stock';
  let on = true;
  const checked = await test(name, 'Stock management is on.', async () => {
    const shape = z.object({ value: z.string() });
    on = answer(await client.call('settings', apiRequest(client, config, 'GET', path)), shape).value === 'yes';
  });
  if (!checked.ok || on) return checked;
  return {
    name,
    ok: false,
    found: 'Stock management is switched off for the whole shop: it ignores every number it is told.',
    next: 'Tick WooCommerce > Settings > Products > Inventory > Enable stock management.',
  };
}
