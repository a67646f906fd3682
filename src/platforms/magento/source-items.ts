import { z } from 'zod';
import type { MagentoConfig } from './config.ts';
import { sameSku } from './products.ts';
import { among, apiRequest, criteria, type MagentoClient } from './request.ts';
import { answer, listOf, units } from './shape.ts';
import type { Stock } from './shop.ts';

/**
 * `version` of a level names the source that is written: a stock's sum may lie in several. A mark in front: it holds units and
 * is set to "Out of Stock" by hand.
 */
export const SWITCHED_OFF = '!';

/**
 * The mark of a product that Magento's index does not know: disabled, or seen by no indexer yet. Its salable quantity is 0
 * whatever lies in the source, so the difference to it means nothing.
 */
export const NOT_INDEXED = '?';

/** What one page holds at most where a shop limits its input. */
const ROWS_MAX = 300;

const sourceItemRow = z.object({
  sku: z.string(),
  source_code: z.string(),
  quantity: units.nullish(),
  status: z.number().nullish(),
});
export type SourceItem = z.infer<typeof sourceItemRow>;

export const isOff = (item: SourceItem | undefined): boolean => item?.status === 0 && (item.quantity ?? 0) > 0;

/** The one that holds most of what counts, so that lowering it empties no shelf beyond what lies there. */
export const fullest = (items: readonly SourceItem[]): SourceItem | undefined =>
  [...items].sort((a, b) => Number(isOff(a)) - Number(isOff(b)) || (b.quantity ?? 0) - (a.quantity ?? 0))[0];

/** What lies in the sources of these stocks, by source and {@link sameSku}. */
export async function sourceItemsOf(
  client: MagentoClient,
  config: MagentoConfig,
  stocks: Iterable<Pick<Stock, 'sources'>>,
  skus: readonly string[],
): Promise<Map<string, SourceItem>> {
  const codes = [...new Set([...stocks].flatMap(({ sources }) => sources))];
  const found = new Map<string, SourceItem>();
  const atOnce = Math.max(1, Math.floor(ROWS_MAX / Math.max(1, skus.length)));
  for (let start = 0; start < codes.length && skus.length > 0; start += atOnce) {
    const some = codes.slice(start, start + atOnce);
    const where = [among('source_code', some), among('sku', skus)];
    const search = criteria({ where, sort: ['source_code', 'sku'], size: some.length * skus.length });
    const request = apiRequest(client, config, 'GET', '/inventory/source-items', search);
    const { items } = answer(await client.call('sourceItems', request), listOf(sourceItemRow));
    for (const row of items) found.set(`${row.source_code} ${sameSku(row.sku)}`, row);
  }
  return found;
}
