import { z } from 'zod';
import { type Quantity, readQuantity } from '../../domain/quantity.ts';
import type { CellKey, FeedPage, Page, RemoteLevel } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type LightspeedXClient } from './api.ts';
import { isCounted, productAnswer } from './catalogue.ts';
import type { LightspeedXConfig } from './config.ts';
import { marksShape, nextFrom, withMark } from './marks.ts';

const SIZE = 1_000;
const READ_SIZE = 10_000;

const id = z.string().min(1);
const rows = z.array(
  z.object({
    product_id: id,
    outlet_id: id,
    current_inventory_level: z.unknown(),
    deleted_at: z.string().nullish(),
    version: z.number(),
  }),
);

/** Inventory records by version, lowest first: a level that changes moves to the end. */
async function levelsAfter(client: LightspeedXClient, config: LightspeedXConfig, after: number) {
  const body = { after, size: SIZE, sort_direction: 'asc', include_deleted: false };
  const { data, askedMs, startedMs } = await ask(
    client,
    config,
    'levels',
    { method: 'POST', path: '/inventory', body },
    rows,
  );
  const readAt = new Date(askedMs).toISOString();
  const levels = data.flatMap((row): RemoteLevel[] => {
    const available = legible(row.current_inventory_level);
    if (row.deleted_at || available === undefined) return [];
    return [{ stockKey: row.product_id, location: row.outlet_id, available, tracked: true, readAt }];
  });
  const max = Math.max(after, ...data.map(({ version }) => version));
  return { levels, count: data.length, max, startedMs };
}

/** One absurd row is left out, so that it does not hide the others. */
function legible(told: unknown): Quantity | undefined {
  try {
    return readQuantity(told);
  } catch {
    return undefined;
  }
}

/** The newest version any level has; 0 in an empty store. */
export async function newestVersion(client: LightspeedXClient, config: LightspeedXConfig): Promise<number> {
  const body = { size: 1, sort_direction: 'desc', include_deleted: true };
  const { data } = await ask(client, config, 'levels', { method: 'POST', path: '/inventory', body }, rows);
  return data[0]?.version ?? 0;
}

/** A page that is not full is not taken for the end: how many rows it may hold is only told by the next one. */
export async function listLevels(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const after = Number(cursor ?? 0);
  const { levels, count, max } = await levelsAfter(client, config, after);
  return { items: levels, next: count > 0 && max > after ? String(max) : null };
}

const read = z.array(z.object({ product_id: id, location_id: id, current_inventory_level: z.unknown() }));

/**
 * "Total inventory available to sell", of many products at once. A tracked product that never had stock at an outlet may
 * have no row there: rows that are missing are looked up in the catalogue.
 */
export async function readLevels(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  cells: (CellKey & { extra?: Record<string, string> })[],
): Promise<RemoteLevel[]> {
  if (cells.length === 0) return [];
  const found = new Map<string, RemoteLevel>();
  const readAt = new Date(client.now()).toISOString();
  for (let offset = 0; ; offset += READ_SIZE) {
    const body = {
      product_ids: [...new Set(cells.map(({ stockKey }) => stockKey))],
      location_ids: [...new Set(cells.map(({ location }) => location))],
      include_inactive: true,
      sort_type: 'created_at',
      sort_direction: 'asc',
      size: READ_SIZE,
      offset,
    };
    const { data } = await ask(client, config, 'readLevels', { method: 'POST', path: '/inventory_levels', body }, read);
    for (const row of data) {
      const available = legible(row.current_inventory_level);
      const cell = { stockKey: row.product_id, location: row.location_id };
      if (available !== undefined) found.set(cellId(cell), { ...cell, available, tracked: true, readAt });
    }
    if (data.length < READ_SIZE) break;
  }
  const missing = new Set(cells.filter((cell) => !found.has(cellId(cell))).map(({ stockKey }) => stockKey));
  const counted = new Map<string, boolean>();
  for (const stockKey of missing) {
    const is = await lookUp(client, config, stockKey);
    if (is !== undefined) counted.set(stockKey, is);
  }
  return cells.flatMap((cell) => {
    const { stockKey, location, extra } = cell;
    const level = found.get(cellId(cell));
    if (level) return [{ ...level, tracked: extra?.['untracked'] === undefined }];
    const tracked = counted.get(stockKey);
    return tracked === undefined ? [] : [{ stockKey, location, available: 0, tracked, readAt }];
  });
}

const cellId = ({ stockKey, location }: CellKey): string => `${stockKey}\n${location}`;

/** Does Lightspeed count it? undefined: there is no such product. */
async function lookUp(client: LightspeedXClient, config: LightspeedXConfig, id: string): Promise<boolean | undefined> {
  try {
    const call = { method: 'GET' as const, path: `/products/${encodeURIComponent(id)}` };
    const { data } = await ask(client, config, 'product', call, productAnswer);
    const product = [data.data].flat()[0];
    return product && !product.deleted_at ? isCounted(product) : undefined;
  } catch (error) {
    if (error instanceof Failure && (error.failure === 'gone' || error.failure === 'rejected')) return undefined;
    throw error;
  }
}

const cursorShape = z.object({ from: z.number(), at: z.number().nullable(), marks: marksShape });

/** Every level that changed, whoever changed it; our own writes come back too. It starts at the newest. */
export async function pollLevels(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  cursor: string | null,
): Promise<FeedPage> {
  const now =
    cursor === null
      ? { from: await newestVersion(client, config), at: null, marks: [] }
      : cursorShape.parse(JSON.parse(cursor));
  const after = now.at ?? now.from;
  const { levels, count, max, startedMs } = await levelsAfter(client, config, after);
  const signals = levels.map((level) => ({ kind: 'level' as const, account: config.account, level }));
  if (count > 0 && max > after)
    return { signals, cursor: JSON.stringify({ ...now, at: max }), completeTo: null, more: true };
  const marks = withMark(now.marks, { atMs: startedMs, version: after });
  const next = { from: nextFrom(marks, startedMs, now.from), at: null, marks };
  return { signals, cursor: JSON.stringify(next), completeTo: new Date(startedMs).toISOString(), more: false };
}
