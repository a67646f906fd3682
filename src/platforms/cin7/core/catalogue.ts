import { z } from 'zod';
import type { Page, RemoteListing } from '../../../platform/contract.ts';
import { ask, type Cin7Client, query } from '../api.ts';
import type { Cin7Config } from '../config.ts';

const LIMIT = 500;
const text = z.string().nullish();

const product = z.object({
  ID: z.string().min(1),
  SKU: text,
  Name: text,
  Barcode: text,
  Type: text,
  Status: text,
  AverageCost: z.number().nullish(),
  BillOfMaterial: z.boolean().nullish(),
  AutoAssembly: z.boolean().nullish(),
});
type Product = z.infer<typeof product>;

const answer = z.object({ Products: z.array(product).nullish(), Total: z.number().nullish() });

/** Services and the like have no stock; the numbers of what is put together by itself are computed. */
export const isStock = ({ Type }: Product): boolean => (Type ?? 'Stock') === 'Stock';

/** One row per product; a variant of a family is a product. */
export async function listListings(
  client: Cin7Client,
  config: Cin7Config,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const Page = Number(cursor ?? 1);
  const rows = await productsOn(client, config, Page);
  return { items: rows.map(listingOf), next: rows.length < LIMIT ? null : String(Page + 1) };
}

async function productsOn(client: Cin7Client, config: Cin7Config, Page: number): Promise<Product[]> {
  const path = `/product${query({ Page, Limit: LIMIT, IncludeDeprecated: 'false', IncludeBOM: 'false' })}`;
  return (await ask(client, config, 'products', { path }, answer)).data.Products ?? [];
}

/** Every product that has stock of its own. */
export async function stockProducts(client: Cin7Client, config: Cin7Config): Promise<Product[]> {
  const found: Product[] = [];
  for (let page = 1; ; page++) {
    const rows = await productsOn(client, config, page);
    found.push(...rows.filter(isStock));
    if (rows.length < LIMIT) return found;
  }
}

function listingOf(row: Product): RemoteListing {
  const made = row.BillOfMaterial === true && row.AutoAssembly === true;
  return {
    listing: row.ID,
    stockKey: row.ID,
    sku: row.SKU?.trim() || null,
    barcode: row.Barcode?.trim() || null,
    title: row.Name?.trim() || row.SKU?.trim() || row.ID,
    tracked: isStock(row),
    ...(made && { unwritable: 'Cin7 puts it together from its parts by itself; connect the parts' }),
    extra: {
      type: made ? 'made' : (row.Type ?? 'Stock'),
      ...(row.SKU?.trim() && { sku: row.SKU.trim() }),
      ...(row.AverageCost && row.AverageCost > 0 && { cost: String(row.AverageCost) }),
    },
  };
}

/** One product; undefined when there is none. */
export async function readProduct(client: Cin7Client, config: Cin7Config, id: string): Promise<Product | undefined> {
  const { data } = await ask(client, config, 'product', { path: `/product${query({ ID: id })}` }, answer);
  return (data.Products ?? []).find((row) => row.ID.toLowerCase() === id.toLowerCase());
}
