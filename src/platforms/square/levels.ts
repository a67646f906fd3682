import { z } from 'zod';
import { type Quantity, readQuantity } from '../../domain/quantity.ts';
import type { CellKey, FeedPage, Page, RemoteLevel } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, following, type SquareClient } from './api.ts';
import { isTracked, isUntrackedAt, readVariations } from './catalogue.ts';
import type { SquareConfig } from './config.ts';
import type { SquareOp } from './facts.ts';

const answer = z.object({
  counts: z
    .array(
      z.object({
        catalog_object_id: z.string().min(1),
        catalog_object_type: z.string().nullish(),
        location_id: z.string().min(1),
        state: z.string().nullish(),
        quantity: z.string(),
        calculated_at: z.string().nullish(),
      }),
    )
    .nullish(),
  cursor: z.string().nullish(),
});

/** Square's own maximum. */
const LIMIT = 1_000;

interface CountsPage {
  levels: RemoteLevel[];
  next: string | null;
  startedMs: number;
}

/** One page of sellable counts. `IN_STOCK` may be below zero; composed variations are not in it. */
async function counts(
  client: SquareClient,
  config: SquareConfig,
  op: SquareOp,
  query: Record<string, unknown>,
  cursor: string | null,
): Promise<CountsPage> {
  const readAt = new Date(client.now()).toISOString();
  const body = { ...query, states: ['IN_STOCK'], limit: LIMIT, ...(cursor !== null && { cursor }) };
  const call = { method: 'POST' as const, path: '/v2/inventory/counts/batch-retrieve', body };
  const { data, startedMs } = await ask(client, config, op, call, answer);
  const levels = (data.counts ?? [])
    .filter((one) => one.state === 'IN_STOCK' && (one.catalog_object_type ?? 'ITEM_VARIATION') === 'ITEM_VARIATION')
    .flatMap((one) => {
      const available = legible(one.quantity);
      if (available === undefined) return [];
      const { catalog_object_id: stockKey, location_id: location, calculated_at: changedAt } = one;
      return [{ stockKey, location, available, tracked: true, readAt, ...(changedAt && { changedAt }) }];
    });
  return { levels, next: following(data.cursor, cursor), startedMs };
}

/** One absurd row is left out, so that it does not hide the others. */
function legible(text: string): Quantity | undefined {
  try {
    return readQuantity(text);
  } catch {
    return undefined;
  }
}

export async function listLevels(
  client: SquareClient,
  config: SquareConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const { levels, next } = await counts(client, config, 'counts', {}, cursor);
  return { items: levels, next };
}

const cellId = ({ stockKey, location }: CellKey): string => `${stockKey}\n${location}`;

/**
 * A tracked variation that nobody ever counted has no row: it shows 0. Rows that are missing are looked up in the catalogue,
 * to tell those from untracked ones and from ones that do not exist.
 */
export async function readLevels(
  client: SquareClient,
  config: SquareConfig,
  cells: (CellKey & { extra?: Record<string, string> })[],
): Promise<RemoteLevel[]> {
  const readAt = new Date(client.now()).toISOString();
  const query = {
    catalog_object_ids: [...new Set(cells.map(({ stockKey }) => stockKey))],
    location_ids: [...new Set(cells.map(({ location }) => location))],
  };
  const found = new Map<string, RemoteLevel>();
  let cursor: string | null = null;
  do {
    const page: CountsPage = await counts(client, config, 'readCounts', query, cursor);
    for (const level of page.levels) found.set(cellId(level), level);
    cursor = page.next;
  } while (cursor !== null);
  const missing = cells.filter((cell) => !found.has(cellId(cell)));
  const variations =
    missing.length > 0
      ? await readVariations(client, config, [...new Set(missing.map(({ stockKey }) => stockKey))])
      : new Map();
  return cells.flatMap((cell) => {
    const { stockKey, location, extra } = cell;
    const level = found.get(cellId(cell));
    if (level) return [isUntrackedAt(extra, location) ? { ...level, tracked: false } : level];
    const variation = variations.get(stockKey);
    return variation ? [{ stockKey, location, available: 0, tracked: isTracked(variation, location), readAt }] : [];
  });
}

const cursorShape = z.object({
  from: z.string(),
  walk: z.object({ startedMs: z.number(), page: z.string() }).nullable(),
});

/** Counts that changed just before the last walk began are told again. */
const RETOLD_MS = 60_000;

/** Every count that changed, whoever changed it; our own writes come back too. */
export async function pollLevels(
  client: SquareClient,
  config: SquareConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const { from, walk } = cursor === null ? { from: since, walk: null } : cursorShape.parse(JSON.parse(cursor));
  const page = await counts(client, config, 'counts', { updated_after: from }, walk?.page ?? null).catch(
    (error: unknown) => {
      // A stored page cursor may be too old for Square: the walk begins again.
      if (!walk || !(error instanceof Failure) || error.code !== 'cursor-refused') throw error;
      return undefined;
    },
  );
  if (!page) return { signals: [], cursor: JSON.stringify({ from, walk: null }), completeTo: null, more: true };
  const startedMs = walk?.startedMs ?? page.startedMs;
  const more = page.next !== null;
  const next = more
    ? { from, walk: { startedMs, page: page.next } }
    : { from: new Date(startedMs - RETOLD_MS).toISOString(), walk: null };
  return {
    signals: page.levels.map((level) => ({ kind: 'level', account: config.account, level })),
    cursor: JSON.stringify(next),
    completeTo: more ? null : new Date(startedMs).toISOString(),
    more,
  };
}
