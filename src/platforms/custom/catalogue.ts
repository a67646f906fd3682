import { z } from 'zod';
import {
  type CellKey,
  type Client,
  NO_LOCATION,
  type Page,
  type RemoteLevel,
  type RemoteListing,
  type RemoteLocation,
} from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { readQuantity } from '../../platform/index.ts';
import { asked, query } from './api.ts';
import { type CustomConfig, onlySends } from './config.ts';
import type { CustomOp } from './facts.ts';

type Asking = Client<CustomOp>;

const text = z.union([z.string().min(1).max(200), z.number().int()]).transform(String);
const next = z.string().min(1).nullish();

const locations = z.object({
  locations: z.array(z.object({ id: text, name: z.string().min(1), active: z.boolean().optional() })),
});
const listings = z.object({
  listings: z.array(
    z.object({
      sku: z.string().min(1).max(200),
      title: z.string().nullish(),
      barcode: z.string().nullish(),
      tracked: z.boolean().optional(),
      unwritable: z.string().nullish(),
    }),
  ),
  next,
});
const level = z.object({
  sku: z.string().min(1),
  location: text.nullish(),
  available: z.unknown().optional(),
  tracked: z.boolean().optional(),
});
const levels = z.object({ levels: z.array(level), next });

const POOL: RemoteLocation = { location: NO_LOCATION, name: 'Everything', active: true };

/** A system without places answers 404, or has none: it keeps one pool. */
export async function listLocations(client: Asking, config: CustomConfig): Promise<RemoteLocation[]> {
  if (onlySends(config)) return [POOL];
  try {
    const answer = await asked(client, config, 'locations', '/locations', locations);
    if (answer.locations.length === 0) return [POOL];
    return answer.locations.map(({ id, name, active }) => ({ location: id, name, active: active ?? true }));
  } catch (error) {
    if (error instanceof Failure && error.code === 'no-endpoint') return [POOL];
    throw error;
  }
}

/**
 * The listing and its stock record are the SKU. A system that only sends lists what its settings name; it counts nothing that
 * we could see, so that its listings are mapped and never written.
 */
export async function listListings(
  client: Asking,
  config: CustomConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  if (onlySends(config))
    return {
      items: [...new Set(config.skus)].map((sku) => ({ listing: sku, stockKey: sku, sku, title: sku, tracked: false })),
      next: null,
    };
  const answer = await asked(client, config, 'listings', `/listings${query({ cursor })}`, listings);
  return {
    items: answer.listings.map(({ sku, title, barcode, tracked, unwritable }) => ({
      listing: sku,
      stockKey: sku,
      sku,
      title: title || sku,
      tracked: tracked ?? true,
      ...(barcode && { barcode }),
      ...(unwritable && { unwritable }),
    })),
    next: answer.next ?? null,
  };
}

export async function listLevels(
  client: Asking,
  config: CustomConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  if (onlySends(config)) return { items: [], next: null };
  const readAt = new Date(client.now()).toISOString();
  const answer = await asked(client, config, 'levels', `/levels${query({ cursor })}`, levels);
  return { items: answer.levels.map((one) => remoteLevel(one, readAt)), next: answer.next ?? null };
}

export async function readLevels(client: Asking, config: CustomConfig, cells: CellKey[]): Promise<RemoteLevel[]> {
  const readAt = new Date(client.now()).toISOString();
  if (onlySends(config))
    return cells.map(({ stockKey, location }) => ({ stockKey, location, available: 0, tracked: false, readAt }));
  if (cells.length === 0) return [];
  const body = { type: 'levels.read', data: { cells: cells.map(wireCell) } };
  const answer = await asked(client, config, 'readLevels', '/levels/read', levels, body);
  const wanted = new Set(cells.map(({ stockKey, location }) => `${stockKey}\u0000${location}`));
  // What was not asked for has no place in the answer; a system that answers with everything is not believed to be exact.
  return answer.levels
    .map((one) => remoteLevel(one, readAt))
    .filter(({ stockKey, location }) => wanted.delete(`${stockKey}\u0000${location}`));
}

/** `location` is null where the system keeps one pool. */
export const wireCell = ({ stockKey, location }: CellKey): { sku: string; location: string | null } => ({
  sku: stockKey,
  location: location === NO_LOCATION ? null : location,
});

/** @throws Failure when a counted level is no number: a cell that reads as zero would sell nothing. */
function remoteLevel({ sku, location, available, tracked = true }: z.infer<typeof level>, readAt: string): RemoteLevel {
  const cell = { stockKey: sku, location: location ?? NO_LOCATION, tracked, readAt };
  if (!tracked) return { ...cell, available: 0 };
  try {
    return { ...cell, available: readQuantity(available) };
  } catch (cause) {
    throw new Failure('rejected', 'level-not-understood', `Your system says ${sku} has ${JSON.stringify(available)}.`, {
      cause,
    });
  }
}
