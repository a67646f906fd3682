import { z } from 'zod';
import type { MagentoConfig } from './config.ts';
import { apiRequest, criteria, type MagentoClient } from './request.ts';
import { answer, id, listOf } from './shape.ts';

/** SKUs of one page go into the address of the next calls: 64 characters each at most. */
const SIZE = 50;

/** Configurable products, bundles and groups have no stock of their own. */
const WITH_STOCK = 'simple,virtual,downloadable';

const productRow = z.object({ id, sku: z.string(), name: z.string().nullish().catch(null) });
export type Product = z.infer<typeof productRow>;

/** The database compares SKUs without regard to case and to blanks behind. */
export const sameSku = (sku: string): string => sku.trimEnd().toLowerCase();

/** Products by id, behind the last one seen: no page numbers, which shift while products are deleted. */
export async function productsAfter(
  client: MagentoClient,
  config: MagentoConfig,
  cursor: string | null,
): Promise<{ products: Product[]; next: string | null }> {
  const search = criteria({
    where: [
      [{ field: 'type_id', condition: 'in', value: WITH_STOCK }],
      [{ field: 'entity_id', condition: 'gt', value: cursor ?? '0' }],
    ],
    sort: ['entity_id'],
    size: SIZE,
    fields: 'items[id,sku,name],total_count',
  });
  const response = await client.call('products', apiRequest(client, config, 'GET', '/products', search));
  const { items } = answer(response, listOf(productRow));
  return { products: items, next: items.length < SIZE ? null : items.at(-1)!.id };
}
