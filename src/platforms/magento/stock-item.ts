import { z } from 'zod';
import { quantity } from '../../domain/quantity.ts';
import type { RemoteLevel } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { percentEncode } from '../../platform/oauth1.ts';
import type { MagentoConfig } from './config.ts';
import { apiRequest, type MagentoClient } from './request.ts';
import { answer, id, units } from './shape.ts';
import { DEFAULT_STOCK } from './shop.ts';

const stockItem = z.object({ item_id: id, qty: units.nullish(), min_qty: units.nullish(), manage_stock: z.boolean() });

/** The number per product that Magento kept before it had sources, and still its settings; undefined: no such product. */
export async function stockItemOf(client: MagentoClient, config: MagentoConfig, sku: string) {
  try {
    const request = apiRequest(client, config, 'GET', `/stockItems/${percentEncode(sku)}`);
    return answer(await client.call('stockItem', request), stockItem);
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return undefined;
    throw error;
  }
}

/** Without MSI there is one number per product, asked for one by one, and orders lower it at once. */
export async function stockItemLevels(
  client: MagentoClient,
  config: MagentoConfig,
  skus: readonly string[],
): Promise<RemoteLevel[]> {
  const levels: RemoteLevel[] = [];
  for (const stockKey of skus) {
    const readAt = new Date(client.now()).toISOString();
    const found = await stockItemOf(client, config, stockKey);
    if (!found) continue;
    const written = quantity(found.qty ?? 0);
    const available = quantity(written - (found.min_qty ?? 0));
    const { manage_stock: tracked, item_id: version } = found;
    levels.push({ stockKey, location: DEFAULT_STOCK, available, written, tracked, version, readAt });
  }
  return levels;
}
