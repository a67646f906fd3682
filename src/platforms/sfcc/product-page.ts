import { z } from 'zod';
import { ask, type SfccClient, scapiUrl } from './api.ts';
import { type SfccConfig, sitesOf } from './config.ts';

const PAGE = 200;

const product = z.object({
  id: z.string().min(1),
  name: z.record(z.string(), z.unknown()).nullish(),
  ean: z.string().nullish(),
  upc: z.string().nullish(),
  type: z.record(z.string(), z.unknown()).nullish(),
});
export type Product = z.infer<typeof product>;
const hits = z.object({ hits: z.array(product).nullish(), total: z.number() });

/** Masters, variation groups, sets and options only gather others. */
const GATHERING = ['master', 'variationGroup', 'set', 'retailSet', 'option'];
const isSellable = ({ type }: Product): boolean => !GATHERING.some((name) => type?.[name] === true);

/** One page of what can be sold, and where the next begins. */
export async function productPage(
  client: SfccClient,
  config: SfccConfig,
  offset: number,
): Promise<{ found: Product[]; next: number | null }> {
  const [site = ''] = sitesOf(config);
  const url = scapiUrl(config, 'product/products', `/product-search?siteId=${encodeURIComponent(site)}`);
  const body = {
    limit: PAGE,
    offset,
    query: { matchAllQuery: {} },
    // By a key that does not change, so that nothing moves from page to page.
    sorts: [{ field: 'id', sortOrder: 'asc' }],
  };
  const { data } = await ask(client, 'products', { method: 'POST', url, body }, hits);
  const all = data.hits ?? [];
  const over = all.length === 0 || offset + all.length >= data.total;
  return { found: all.filter(isSellable), next: over ? null : offset + all.length };
}
