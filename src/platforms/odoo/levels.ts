import { z } from 'zod';
import { quantity } from '../../domain/quantity.ts';
import type { CellKey, FeedPage, Page, RemoteLevel, Signal } from '../../platform/contract.ts';
import { type OdooClient, searchRead } from './ask.ts';
import { isCounted, readProducts, storableField } from './catalogue.ts';
import type { OdooConfig } from './config.ts';
import { TRANSACTION_MS } from './facts.ts';
import { readWarehouses, type Warehouse } from './places.ts';
import { id, numeric, reference, stamp, text, units } from './shape.ts';

/** Products per page; each is asked about once per warehouse. */
const PAGE = 50;

const counted = z.object({
  id,
  qty_available: units,
  outgoing_qty: units,
  is_storable: z.boolean().nullish(),
  detailed_type: text.nullish(),
});

const quant = z.object({ id, product_id: reference, location_id: reference, quantity: units });

/** Units that are nobody's lot, package or property: the only ones a plain number may change. */
export type Quant = z.infer<typeof quant>;

export async function listLevels(
  client: OdooClient,
  config: OdooConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const readAt = new Date(client.now()).toISOString();
  const rows = await readProducts(client, config, { after: Number(cursor ?? 0), limit: PAGE });
  const ids = rows.map((row) => row.id);
  const items: RemoteLevel[] = [];
  const places = ids.length === 0 ? [] : await readWarehouses(client, config);
  for (const place of places.filter(({ active }) => active))
    items.push(...(await levelsAt(client, config, place, ids, readAt)));
  return { items, next: rows.length < PAGE ? null : ids.at(-1)! };
}

export async function readLevels(
  client: OdooClient,
  config: OdooConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  if (cells.length === 0) return [];
  const readAt = new Date(client.now()).toISOString();
  const levels: RemoteLevel[] = [];
  for (const place of await readWarehouses(client, config)) {
    const keys = cells.filter(({ location }) => location === place.id).map(({ stockKey }) => stockKey);
    if (keys.length > 0) levels.push(...(await levelsAt(client, config, place, keys, readAt)));
  }
  return levels;
}

/**
 * What can be bought there is what is on hand less what is promised to leave. Odoo's own "free to use" hides what was
 * promised beyond the stock (it confirms 100 of 25 and then says 0), and counts what is promised and not reserved yet.
 */
async function levelsAt(
  client: OdooClient,
  config: OdooConfig,
  place: Warehouse,
  keys: string[],
  readAt: string,
): Promise<RemoteLevel[]> {
  const { data } = await searchRead(
    client,
    config,
    'readLevels',
    {
      model: 'product.product',
      domain: [['id', 'in', numeric(keys)]],
      fields: ['qty_available', 'outgoing_qty', storableField(config)],
      context: { location: Number(place.view), active_test: false },
    },
    z.array(counted),
  );
  const plain = await readPlainQuants(client, config, place, keys);
  return data.map((row) => ({
    stockKey: row.id,
    location: place.id,
    available: quantity(row.qty_available - row.outgoing_qty),
    written: sumOf(plain.filter((one) => one.product_id === row.id)),
    tracked: isCounted(row),
    readAt,
  }));
}

export const sumOf = (quants: readonly Quant[]): number => quants.reduce((sum, one) => quantity(sum + one.quantity), 0);

/** A row that is missing is zero: Odoo deletes empty ones. */
export async function readPlainQuants(
  client: OdooClient,
  config: OdooConfig,
  place: Warehouse,
  keys: string[],
): Promise<Quant[]> {
  const { data } = await searchRead(
    client,
    config,
    'quants',
    {
      model: 'stock.quant',
      domain: [
        ['product_id', 'in', numeric(keys)],
        ['location_id', 'child_of', Number(place.view)],
        ['lot_id', '=', false],
        ['package_id', '=', false],
        ['owner_id', '=', false],
      ],
      fields: ['product_id', 'location_id', 'quantity'],
    },
    z.array(quant),
  );
  return data;
}

const change = z.object({ id, product_id: reference, quantity: units, write_date: text });
const CHANGES = 500;
/** `seen`, `next`: how the quants stood that were told in the last round and in this one, because rounds overlap. */
const cursorShape = z.object({
  fromMs: z.number(),
  startedMs: z.number().nullable(),
  last: z.number(),
  seen: z.array(z.string()),
  next: z.array(z.string()),
});

/** Which products' stock changed, by the change time of their quants; walked by id, so that nothing shifts under it. */
export async function pollLevels(
  client: OdooClient,
  config: OdooConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const at =
    cursor === null
      ? { fromMs: Date.parse(since), startedMs: null, last: 0, seen: [], next: [] }
      : cursorShape.parse(JSON.parse(cursor));
  const { data, startedMs } = await searchRead(
    client,
    config,
    'quants',
    {
      model: 'stock.quant',
      domain: [
        ['id', '>', at.last],
        ['write_date', '>=', stamp(at.fromMs)],
        ['location_id.usage', '=', 'internal'],
      ],
      fields: ['product_id', 'quantity', 'write_date'],
      limit: CHANGES,
    },
    z.array(change),
  );
  const seen = new Set<string>(at.seen);
  const stands = (one: z.infer<typeof change>) => `${one.id} ${one.write_date} ${one.quantity}`;
  const next = [...at.next, ...data.map(stands)];
  const keys = [...new Set(data.flatMap((one) => (seen.has(stands(one)) ? [] : (one.product_id ?? []))))];
  const signals = keys.map(
    (stockKey): Signal => ({ kind: 'dirty', account: config.account, stockKey, location: null }),
  );
  const began = at.startedMs ?? startedMs;
  if (data.length === CHANGES)
    return {
      signals,
      cursor: JSON.stringify({ ...at, startedMs: began, last: Number(data.at(-1)!.id), next }),
      completeTo: null,
      more: true,
    };
  return {
    signals,
    cursor: JSON.stringify({ fromMs: began - TRANSACTION_MS - 1_000, startedMs: null, last: 0, seen: next, next: [] }),
    completeTo: new Date(Math.floor(began / 1_000) * 1_000).toISOString(),
    more: false,
  };
}
