import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  type CellKey,
  type FeedPage,
  NO_LOCATION,
  type Page,
  type RemoteLevel,
  type RemoteListing,
  type RemoteLocation,
  type Signal,
} from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type ZohoClient } from './api.ts';
import type { ZohoConfig } from './config.ts';
import { itemShape, levelsOf, listingOf, type ZohoItem } from './item.ts';
import { id, text } from './shape.ts';

const PER_PAGE = 200;
const pageContext = z.object({ has_more_page: z.boolean().nullish() }).nullish();
const itemsShape = z.object({ items: z.array(itemShape), page_context: pageContext });

const locationsShape = z.object({
  locations: z.array(z.object({ location_id: id, location_name: text, status: text })).nullish(),
});

/** All places; one without a name of its own where the organization has locations switched off. */
export async function listLocations(client: ZohoClient, config: ZohoConfig): Promise<RemoteLocation[]> {
  const alone = [{ location: NO_LOCATION, name: 'All stock', active: true }];
  try {
    const { data } = await ask(client, config, 'locations', { path: '/locations' }, locationsShape);
    const all = (data.locations ?? []).map((one) => ({
      location: one.location_id,
      name: one.location_name?.trim() || one.location_id,
      active: (one.status ?? 'active') === 'active',
    }));
    return all.length > 0 ? all : alone;
  } catch (error) {
    if (error instanceof Failure && (error.failure === 'rejected' || error.failure === 'gone')) return alone;
    throw error;
  }
}

/** Sorted by when they were made: new ones come at the end, and changes move nothing. */
async function itemPage(
  client: ZohoClient,
  config: ZohoConfig,
  cursor: string | null,
): Promise<{ items: ZohoItem[]; next: string | null }> {
  const page = Number(cursor ?? 1);
  const query = {
    page,
    per_page: PER_PAGE,
    filter_by: 'Status.All',
    sort_column: 'created_time',
    sort_order: 'A',
  };
  const { data } = await ask(client, config, 'items', { path: '/items', query }, itemsShape);
  return { items: data.items, next: hasMore(data.page_context, data.items.length) ? String(page + 1) : null };
}

/** Where Zoho leaves the context out, a full page means that there may be another. */
export const hasMore = (context: z.infer<typeof pageContext>, rows: number, perPage = PER_PAGE): boolean =>
  context?.has_more_page ?? rows >= perPage;

export async function listListings(
  client: ZohoClient,
  config: ZohoConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const { items, next } = await itemPage(client, config, cursor);
  return { items: items.map(listingOf), next };
}

export async function listLevels(
  client: ZohoClient,
  config: ZohoConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const readAt = new Date(client.now()).toISOString();
  const { items, next } = await itemPage(client, config, cursor);
  return { items: items.flatMap((item) => levelsOf(item, readAt)), next };
}

export async function readLevels(
  client: ZohoClient,
  config: ZohoConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const readAt = new Date(client.now()).toISOString();
  const keys = [...new Set(cells.map(({ stockKey }) => stockKey))].filter((key) => /^\d{1,30}$/.test(key));
  const items = await readItems(client, config, keys);
  const wanted = new Set(cells.map(({ stockKey, location }) => `${stockKey}@${location}`));
  return items
    .flatMap((item) => levelsOf(item, readAt))
    .filter(({ stockKey, location }) => wanted.has(`${stockKey}@${location}`));
}

/** What Zoho does not know is missing. If one unknown item fails the whole call, the others are asked for without it. */
async function readItems(client: ZohoClient, config: ZohoConfig, keys: string[]): Promise<ZohoItem[]> {
  if (keys.length === 0) return [];
  try {
    const query = { item_ids: keys.join(',') };
    const { data } = await ask(client, config, 'readItems', { path: '/itemdetails', query }, itemsShape);
    return data.items;
  } catch (error) {
    if (!(error instanceof Failure) || !(error.failure === 'gone' || error.failure === 'rejected')) throw error;
    if (keys.length === 1) return [];
    const half = Math.ceil(keys.length / 2);
    const [some, others] = [keys.slice(0, half), keys.slice(half)];
    return [...(await readItems(client, config, some)), ...(await readItems(client, config, others))];
  }
}

/** `seen`, `next`: how the items stood that were told in the last round and in this one, because rounds overlap. */
const cursorShape = z.object({
  fromMs: z.number(),
  startedMs: z.number().nullable(),
  page: z.number().int(),
  seen: z.array(z.string()),
  next: z.array(z.string()),
});
/** Whole seconds, and what was being written down while the list was made. */
const OVERLAP_MS = 120_000;

/** Items changed since, oldest change first; that a mere sale changes an item's date is not documented. */
export async function pollLevels(
  client: ZohoClient,
  config: ZohoConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const at =
    cursor === null
      ? { fromMs: Date.parse(since), startedMs: null, page: 1, seen: [], next: [] }
      : cursorShape.parse(JSON.parse(cursor));
  const readAt = new Date(client.now()).toISOString();
  const query = {
    page: at.page,
    per_page: PER_PAGE,
    filter_by: 'Status.All',
    last_modified_time: `${new Date(at.fromMs).toISOString().slice(0, 19)}Z`,
    sort_column: 'last_modified_time',
    sort_order: 'D',
  };
  const { data, startedMs } = await ask(client, config, 'items', { path: '/items', query }, itemsShape);
  const seen = new Set<string>(at.seen);
  const next = [...at.next];
  const signals = data.items.flatMap((item): Signal[] => {
    const levels = levelsOf(item, readAt).filter(({ tracked }) => tracked);
    const stands = standing(item, levels);
    next.push(stands);
    return seen.has(stands) ? [] : levels.map((level): Signal => ({ kind: 'level', account: config.account, level }));
  });
  const began = at.startedMs ?? startedMs;
  if (hasMore(data.page_context, data.items.length))
    return {
      signals,
      cursor: JSON.stringify({ ...at, startedMs: began, page: at.page + 1, next }),
      completeTo: null,
      more: true,
    };
  return {
    signals,
    cursor: JSON.stringify({ fromMs: began - OVERLAP_MS, startedMs: null, page: 1, seen: next, next: [] }),
    completeTo: new Date(Math.floor(began / 1_000) * 1_000).toISOString(),
    more: false,
  };
}

/** Short for an item with all its numbers: the same only if nothing differs. */
function standing(item: ZohoItem, levels: readonly RemoteLevel[]): string {
  const told = levels.map(({ location, available }) => `${location} ${available}`);
  const text = [item.item_id, item.last_modified_time, ...told].join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
