import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import type { WooConfig } from './config.ts';
import { PRODUCT_FIELDS, productShape, type WooProduct } from './product.ts';
import { apiRequest, type WooClient } from './request.ts';
import { answer } from './shape.ts';

const PER_PAGE = 100;
/** How many rows of the last page are read again: so many products may be deleted meanwhile without one being passed over. */
const OVERLAP = 5;
/** Variable products per page where their variations have to be fetched one product at a time. */
const PARENTS_PER_PAGE = 10;

/**
 * Where a walk through the catalogue stands: products by id, then variations by id.
 *  - `phase`: parents = products whose variations are fetched one by one, for WooCommerce before 10.3.
 *  - `last`: the highest id told; digits, as an id may be longer than a number holds.
 */
const cursorShape = z.object({
  phase: z.enum(['products', 'variations', 'parents']),
  offset: z.number().int(),
  last: z.string(),
});
type Cursor = z.infer<typeof cursorShape>;

/** One page of everything that has stock or is sold; `next` is null at the end. Nothing is told twice. */
export async function walk(
  client: WooClient,
  config: WooConfig,
  cursor: string | null,
): Promise<{ products: WooProduct[]; next: string | null }> {
  const at: Cursor =
    cursor === null ? { phase: 'products', offset: 0, last: '0' } : cursorShape.parse(JSON.parse(cursor));
  try {
    return await page(client, config, at);
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'no-route' && at.phase === 'variations')) throw error;
    return page(client, config, { phase: 'parents', offset: 0, last: '0' });
  }
}

async function page(client: WooClient, config: WooConfig, at: Cursor) {
  const size = at.phase === 'parents' ? PARENTS_PER_PAGE : PER_PAGE;
  const { rows, offset } = await rowsFrom(client, config, at, size);
  const fresh = rows.filter(({ id }) => isHigher(id, at.last));
  const last = fresh.at(-1)?.id ?? at.last;
  const products = at.phase === 'parents' ? await variationsOf(client, config, fresh) : fresh;
  // A full page of rows told before can only be overlap: the walk still goes on.
  if (rows.length === size) return { products, next: JSON.stringify({ ...at, offset: offset + rows.length, last }) };
  if (at.phase === 'products')
    return { products, next: JSON.stringify({ phase: 'variations', offset: 0, last: '0' } satisfies Cursor) };
  return { products, next: null };
}

/** Reads a little back; where even that much was deleted meanwhile, further back, until a row told before is met. */
async function rowsFrom(client: WooClient, config: WooConfig, at: Cursor, size: number) {
  for (let back = at.offset === 0 ? 0 : OVERLAP; ; back *= 4) {
    const offset = Math.max(0, at.offset - back);
    const query = { per_page: size, offset, orderby: 'id', order: 'asc', status: 'any', _fields: PRODUCT_FIELDS };
    const request =
      at.phase === 'variations'
        ? apiRequest(client, config, 'GET', '/variations', query)
        : apiRequest(client, config, 'GET', '/products', {
            ...query,
            ...(at.phase === 'parents' && { type: 'variable' }),
          });
    const op = at.phase === 'variations' ? 'variations' : 'products';
    const rows = answer(await client.call(op, request), z.array(productShape));
    const first = rows[0];
    // Page size minus overlap is what a page moves on by: below that the walk would stand still.
    if (offset === 0 || (first && !isHigher(first.id, at.last)) || back >= size) return { rows, offset };
  }
}

async function variationsOf(
  client: WooClient,
  config: WooConfig,
  parents: readonly WooProduct[],
): Promise<WooProduct[]> {
  const found: WooProduct[] = [];
  for (const parent of parents)
    for (let number = 1; ; number++) {
      const sorting = { orderby: 'id', order: 'asc', status: 'any', _fields: PRODUCT_FIELDS };
      const query = { per_page: PER_PAGE, page: number, ...sorting };
      const request = apiRequest(client, config, 'GET', `/products/${parent.id}/variations`, query);
      const some = answer(await client.call('variations', request), z.array(productShape));
      for (const one of some) found.push({ ...one, parent_id: parent.id, type: one.type ?? 'variation' });
      if (some.length < PER_PAGE) break;
    }
  return found;
}

const isHigher = (id: string, than: string): boolean => BigInt(id) > BigInt(than);
