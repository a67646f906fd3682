import { z } from 'zod';
import type { Page, RemoteListing, RemoteLocation } from '../../platform/contract.ts';
import { ask, type LightspeedXClient } from './api.ts';
import type { LightspeedXConfig } from './config.ts';

const PAGE_SIZE = 200;
const text = z.string().nullish();

const product = z.object({
  id: z.string().min(1),
  sku: text,
  product_codes: z.array(z.object({ type: text, code: text })).nullish(),
  name: text,
  variant_name: text,
  has_inventory: z.boolean().nullish(),
  is_composite: z.boolean().nullish(),
  deleted_at: text,
  version: z.number().nullish(),
});
type Product = z.infer<typeof product>;

const products = z.object({
  data: z.array(product).nullish(),
  version: z.object({ max: z.number().nullish() }).nullish(),
});
/** One product; older versions answer a list of the whole family, the asked one first. */
export const productAnswer = z.object({ data: z.union([product, z.array(product)]) });

/** Does Lightspeed keep a number of its own for it? */
export const isCounted = ({ has_inventory, is_composite }: Product): boolean =>
  (has_inventory ?? true) && is_composite !== true;

/** One row per product by version; a variant is a product, and so is the first of its family. */
export async function listListings(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const after = Number(cursor ?? 0);
  const path = `/products?after=${after}&page_size=${PAGE_SIZE}&deleted=false`;
  const { data } = await ask(client, config, 'products', { method: 'GET', path }, products);
  const rows = data.data ?? [];
  const max = Math.max(after, data.version?.max ?? 0, ...rows.map(({ version }) => version ?? 0));
  const items = rows.filter(({ deleted_at: gone }) => !gone).map(listingOf);
  return { items, next: rows.length > 0 && max > after ? String(max) : null };
}

function listingOf(row: Product): RemoteListing {
  const counted = isCounted(row);
  const codes = (row.product_codes ?? []).filter(({ code }) => code?.trim());
  const barcode = codes.find(({ type }) => type !== 'CUSTOM')?.code?.trim();
  return {
    listing: row.id,
    stockKey: row.id,
    sku: row.sku?.trim() || codes.find(({ type }) => type === 'CUSTOM')?.code?.trim() || null,
    barcode: barcode ?? null,
    title: row.variant_name?.trim() || row.name?.trim() || row.id,
    tracked: counted,
    ...(row.is_composite && { unwritable: 'A composite product: Lightspeed takes its units from its parts' }),
    ...(!counted && { extra: { untracked: row.is_composite ? 'composite' : 'yes' } }),
  };
}

const outlets = z.object({
  data: z.array(z.object({ id: z.string().min(1), name: text, deleted_at: text })).nullish(),
});

/** Outlets. One that was deleted keeps its sales, and takes no stock. */
export async function listLocations(client: LightspeedXClient, config: LightspeedXConfig): Promise<RemoteLocation[]> {
  const { data } = await ask(client, config, 'outlets', { method: 'GET', path: '/outlets' }, outlets);
  return (data.data ?? []).map(({ id, name, deleted_at: gone }) => ({
    location: id,
    name: name?.trim() || id,
    active: !gone,
  }));
}
