import { z } from 'zod';
import type { Page, RemoteListing } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { type OdooClient, searchRead } from './ask.ts';
import type { OdooConfig } from './config.ts';
import { id, numeric, reference, text } from './shape.ts';

const PAGE = 100;

const product = z.object({
  id,
  default_code: text,
  barcode: text,
  display_name: text,
  product_tmpl_id: reference,
  tracking: text,
  is_storable: z.boolean().nullish(),
  detailed_type: text.nullish(),
});
export type Product = z.infer<typeof product>;

/** Which field says that stock is counted: 18 took the type apart. */
export const storableField = ({ version }: OdooConfig): string => (version === '17' ? 'detailed_type' : 'is_storable');

export const isCounted = (one: { is_storable?: boolean | null; detailed_type?: string | null }): boolean =>
  one.is_storable ?? one.detailed_type === 'product';

/** Lots and serial numbers are counted each by itself; a number without one would be swallowed without a word. */
export const hasLots = ({ tracking }: { tracking: string | null }): boolean => (tracking ?? 'none') !== 'none';

/** @param domain ids ascending; archived ones only where the domain names ids. */
export async function readProducts(
  client: OdooClient,
  config: OdooConfig,
  query: { ids: number[] } | { after: number; limit: number },
): Promise<Product[]> {
  const named = 'ids' in query;
  const { data } = await searchRead(
    client,
    config,
    'products',
    {
      model: 'product.product',
      domain: named ? [['id', 'in', query.ids]] : [['id', '>', query.after]],
      fields: ['default_code', 'barcode', 'display_name', 'product_tmpl_id', 'tracking', storableField(config)],
      ...(named ? { context: { active_test: false } } : { limit: query.limit }),
    },
    z.array(product),
  );
  return data;
}

/** One row per variant, by id: what changes or comes while pages are turned is not passed over. */
export async function listListings(
  client: OdooClient,
  config: OdooConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const rows = await readProducts(client, config, { after: Number(cursor ?? 0), limit: PAGE });
  const kits = await kitsAmong(client, config, rows);
  return {
    items: rows.map((row) => listingOf(row, kits)),
    next: rows.length < PAGE ? null : rows.at(-1)!.id,
  };
}

function listingOf(row: Product, kits: Set<string>): RemoteListing {
  const sku = row.default_code?.trim() || null;
  const name = row.display_name ?? row.id;
  const unwritable =
    row.product_tmpl_id && kits.has(row.product_tmpl_id)
      ? 'A kit: Odoo makes it of its components, which have the stock'
      : hasLots(row)
        ? 'Tracked by lot or serial number: only people can say which ones are there'
        : undefined;
  return {
    listing: row.id,
    stockKey: row.id,
    sku,
    barcode: row.barcode,
    title: (sku && name.startsWith(`[${sku}] `) ? name.slice(sku.length + 3) : name).trim() || row.id,
    tracked: isCounted(row),
    ...(unwritable && { unwritable }),
  };
}

const bill = z.object({ product_tmpl_id: reference });

/** Templates that are sold as a kit. Without the app Manufacturing there is no such model, and no kit. */
async function kitsAmong(client: OdooClient, config: OdooConfig, rows: Product[]): Promise<Set<string>> {
  const templates = numeric(new Set(rows.flatMap((row) => row.product_tmpl_id ?? [])));
  if (templates.length === 0) return new Set();
  const query = {
    model: 'mrp.bom',
    domain: [
      ['product_tmpl_id', 'in', templates],
      ['type', '=', 'phantom'],
    ],
    fields: ['product_tmpl_id'],
  };
  try {
    const { data } = await searchRead(client, config, 'products', query, z.array(bill));
    return new Set(data.flatMap((one) => one.product_tmpl_id ?? []));
  } catch (error) {
    if (error instanceof Failure && (error.failure === 'rejected' || error.code === 'right-missing')) return new Set();
    throw error;
  }
}
