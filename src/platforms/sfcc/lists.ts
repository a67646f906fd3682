import { z } from 'zod';
import { type Quantity, quantity, readQuantity } from '../../domain/quantity.ts';
import type { CellKey, Page, RemoteLevel, RemoteLocation } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, iso, ocapiUrl, type SfccClient } from './api.ts';
import type { SfccConfig } from './config.ts';

const PAGE = 200;

const list = z.object({
  id: z.string().min(1),
  description: z.string().nullish(),
  on_order_inventory_enabled: z.boolean().nullish(),
});
const lists = z.object({ data: z.array(list).nullish(), total: z.number().nullish() });

const stockRecord = z.object({
  product_id: z.string().min(1),
  ats: z.unknown().optional(),
  perpetual_flag: z.boolean().nullish(),
  pre_order_back_order_handling: z.string().nullish(),
  pre_order_back_order_allocation: z.unknown().optional(),
  quantity_on_order: z.unknown().optional(),
});
export type StockRecord = z.infer<typeof stockRecord>;
const records = z.object({ data: z.array(stockRecord).nullish(), total: z.number().nullish() });

export interface InventoryList {
  id: string;
  name: string;
  /** Orders that were not exported yet are taken off apart from the turnover. */
  onOrder: boolean;
}

const listOf = (one: z.infer<typeof list>): InventoryList => ({
  id: one.id,
  name: one.description || one.id,
  onOrder: one.on_order_inventory_enabled === true,
});

export async function readLists(client: SfccClient, config: SfccConfig): Promise<InventoryList[]> {
  const found: InventoryList[] = [];
  for (;;) {
    const url = ocapiUrl(config, `/inventory_lists?start=${found.length}&count=${PAGE}&select=(**)`);
    const { data } = await ask(client, 'lists', { method: 'GET', url }, lists);
    const page = data.data ?? [];
    found.push(...page.map(listOf));
    if (page.length === 0 || found.length >= (data.total ?? 0)) return found;
  }
}

/** Each list is a place: a site sells from one, stores have theirs. */
export const listLocations = async (client: SfccClient, config: SfccConfig): Promise<RemoteLocation[]> =>
  (await readLists(client, config)).map(({ id, name }) => ({ location: id, name, active: true }));

/** Lists by id with the server's clock, which dates a write. A list that is not there is missing. */
export async function readListsNamed(
  client: SfccClient,
  config: SfccConfig,
  ids: readonly string[],
): Promise<{ lists: Map<string, InventoryList>; aheadMs: number }> {
  const found = new Map<string, InventoryList>();
  let aheadMs = 0;
  for (const id of new Set(ids)) {
    try {
      const url = ocapiUrl(config, `/inventory_lists/${encodeURIComponent(id)}`);
      const before = client.now();
      const { data, startedMs } = await ask(client, 'lists', { method: 'GET', url }, list);
      found.set(id, listOf(data));
      aheadMs = aheadOf(startedMs, before);
    } catch (error) {
      if (!(error instanceof Failure && error.failure === 'gone')) throw error;
    }
  }
  return { lists: found, aheadMs };
}

/** By how much their clock is surely ahead of ours (or behind it, below zero): theirs is told in whole seconds. */
const aheadOf = (theirsMs: number, oursMs: number): number =>
  theirsMs > oursMs ? theirsMs - oursMs : Math.min(0, theirsMs + 999 - oursMs);

/**
 * `ats` is what shoppers can buy. `written` is the allocation that would show the same after a reset: what is open for
 * pre-order comes on top of it, what is on order goes off it, and the turnover starts anew.
 * @throws QuantityError on a number that no stock can have.
 */
function levelOf(one: StockRecord, { id, onOrder }: InventoryList, readAt: string): RemoteLevel {
  const available = readQuantity(one.ats ?? 0);
  const presold = handles(one) ? readQuantity(one.pre_order_back_order_allocation ?? 0) : 0;
  const waiting: Quantity = onOrder ? readQuantity(one.quantity_on_order ?? 0) : 0;
  return {
    stockKey: one.product_id,
    location: id,
    available,
    written: quantity(available - presold + waiting),
    tracked: one.perpetual_flag !== true,
    readAt,
  };
}

const handles = ({ pre_order_back_order_handling: handling }: StockRecord): boolean =>
  handling === 'preorder' || handling === 'backorder';

const cursorShape = z.object({
  lists: z.array(z.object({ id: z.string(), name: z.string(), onOrder: z.boolean() })),
  start: z.number(),
});

/** Page by page through the first of the lists that are left. */
export async function recordPage(client: SfccClient, config: SfccConfig, cursor: string | null) {
  const now =
    cursor === null ? { lists: await readLists(client, config), start: 0 } : cursorShape.parse(JSON.parse(cursor));
  const [current, ...left] = now.lists;
  if (!current) return { found: [], list: undefined, next: null };
  const path = `/inventory_lists/${encodeURIComponent(current.id)}/product_inventory_records`;
  const url = ocapiUrl(config, `${path}?start=${now.start}&count=${PAGE}&select=(**)`);
  const { data } = await ask(client, 'records', { method: 'GET', url }, records);
  const found = data.data ?? [];
  const start = now.start + found.length;
  const over = found.length === 0 || start >= (data.total ?? 0);
  const next = over ? { lists: left, start: 0 } : { lists: now.lists, start };
  return { found, list: current, next: next.lists.length === 0 ? null : JSON.stringify(next) };
}

export async function listLevels(
  client: SfccClient,
  config: SfccConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const readAt = iso(client.now());
  const { found, list: current, next } = await recordPage(client, config, cursor);
  return { items: found.flatMap((one) => legible(one, current, readAt)), next };
}

/** One absurd row hides no others. */
function legible(one: StockRecord, current: InventoryList | undefined, readAt: string): RemoteLevel[] {
  try {
    return current ? [levelOf(one, current, readAt)] : [];
  } catch {
    return [];
  }
}

/** One record; undefined when the list has none for this product. */
export async function readRecord(
  client: SfccClient,
  config: SfccConfig,
  listId: string,
  product: string,
): Promise<StockRecord | undefined> {
  const path = `/inventory_lists/${encodeURIComponent(listId)}/product_inventory_records/${encodeURIComponent(product)}`;
  try {
    return (await ask(client, 'record', { method: 'GET', url: ocapiUrl(config, path) }, stockRecord)).data;
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return undefined;
    throw error;
  }
}

/** OCAPI reads records one by one. */
export async function readLevels(
  client: SfccClient,
  config: SfccConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const readAt = iso(client.now());
  const { lists: known } = await readListsNamed(
    client,
    config,
    cells.map(({ location }) => location),
  );
  const found = await Promise.all(
    cells.map(async ({ stockKey, location }) => {
      const current = known.get(location);
      const one = current && (await readRecord(client, config, location, stockKey));
      return one ? legible(one, current, readAt) : [];
    }),
  );
  return found.flat();
}
