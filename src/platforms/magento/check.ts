import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { MagentoConfig } from './config.ts';
import { productsAfter } from './products.ts';
import { apiRequest, criteria, type MagentoClient } from './request.ts';
import { answer, listOf } from './shape.ts';
import { readShop } from './shop.ts';

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: MagentoClient, config: MagentoConfig): Promise<Check[]> {
  const one = criteria({ where: [], sort: ['entity_id'], size: 1, fields: 'items[entity_id],total_count' });
  const rows = listOf(z.looseObject({}));
  const list = (op: 'orders' | 'shipments' | 'creditMemos', path: string) => async () => {
    answer(await client.call(op, apiRequest(client, config, 'GET', path, one)), rows);
  };
  return [
    await test('products', 'Products can be read.', async () => void (await productsAfter(client, config, null))),
    await test('orders', 'Orders can be read.', list('orders', '/orders')),
    await test('shipments', 'Shipments can be read.', list('shipments', '/shipments')),
    await test('credit memos', 'Credit memos can be read.', list('creditMemos', '/creditmemos')),
    ...(config.inventory === 'sources' ? await inventory(client, config) : []),
    {
      name: 'webhook secret',
      ok: Boolean(config.webhookSecret),
      found: config.webhookSecret
        ? 'A secret for the module in the shop is set.'
        : 'No secret is set: orders are found by polling, and every webhook is refused.',
      ...(!config.webhookSecret && {
        next: 'Install the module of the README, make up a long secret, and put the same into its settings and these.',
      }),
    },
  ];
}

async function inventory(client: MagentoClient, config: MagentoConfig): Promise<Check[]> {
  let stocks: Awaited<ReturnType<typeof readShop>>['stocks'] = [];
  const read = await test('stocks', 'Stocks, sources and websites can be read.', async () => {
    ({ stocks } = await readShop(client, config, 0));
  });
  if (!read.ok) return [read];
  const writable = stocks.filter(({ sources }) => sources.length > 0);
  const several = writable.filter(({ sources }) => sources.length > 1);
  return [
    read,
    {
      name: 'sources',
      ok: writable.length > 0,
      found:
        writable.length === 0
          ? 'No stock has both a website and an enabled source of its own.'
          : `Written: ${writable.map(({ name, sources }) => `${name} by ${sources.join(' or ')}`).join(', ')}.${several.length > 0 ? ' Of several sources the sum is kept.' : ''}`,
      ...(writable.length === 0 && {
        next: 'Assign a website and an enabled source to a stock under Stores > Inventory > Stocks.',
      }),
    },
    // Nothing is in the list, so nothing is changed; who may not write is told so all the same.
    await test('write permission', 'The integration may write source items.', async () => {
      try {
        await client.call(
          'probe',
          apiRequest(client, config, 'POST', '/inventory/source-items', [], { sourceItems: [] }),
        );
      } catch (error) {
        // "Input data is empty": allowed to write, with nothing to write.
        if (!(error instanceof Failure && error.failure === 'rejected' && error.status === 400)) throw error;
      }
    }),
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

function nextOf({ failure, code }: Failure): string {
  if (code === 'no-route')
    return 'If Multi-Source Inventory was removed from this shop, choose "stock-item" in the settings of this channel.';
  if (failure === 'auth')
    return 'Under System > Extensions > Integrations give the integration the resources Sales, Catalog and Stores > Inventory, activate (or reauthorize) it, and copy its four texts into the settings.';
  if (failure === 'throttled' || failure === 'transient')
    return 'Try again in a minute; if it stays, ask whoever hosts the shop.';
  return 'Check the address of the shop: the API lies below it at /rest/.';
}
