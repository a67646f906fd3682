import { z } from 'zod';
import type { CellKey, Page, RemoteLevel, RemoteListing, RemoteLocation } from '../../platform/contract.ts';
import { type GeckoClient, id, list, listByIds } from './api.ts';
import type { GeckoConfig } from './config.ts';
import { availableAt, isCounted, isKept, listingOf, type Variant, variantShape } from './variant.ts';

const place = z.object({
  id,
  label: z.string().nullish(),
  status: z.string().nullish(),
  holds_stock: z.boolean().nullish(),
});

/** All places; those that hold no stock or were archived are told as closed. */
export async function listLocations(client: GeckoClient, config: GeckoConfig): Promise<RemoteLocation[]> {
  const { rows } = await list(client, config, 'locations', 'locations', { order: 'id ASC' });
  return rows.map((row) => {
    const one = place.parse(row);
    return {
      location: one.id,
      name: one.label?.trim() || `Location ${one.id}`,
      active: isKept(one) && one.holds_stock !== false,
    };
  });
}

/** By id, so that what comes new while we turn pages stands behind us. */
async function variants(client: GeckoClient, config: GeckoConfig, cursor: string | null): Promise<Page<Variant>> {
  const page = Number(cursor ?? '1');
  const { rows, last } = await list(client, config, 'variants', 'variants', { order: 'id ASC', page: String(page) });
  return {
    items: rows.flatMap((row) => variantShape.safeParse(row).data ?? []).filter(isKept),
    next: last ? null : String(page + 1),
  };
}

export async function listListings(
  client: GeckoClient,
  config: GeckoConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const { items, next } = await variants(client, config, cursor);
  return { items: items.map(listingOf), next };
}

/** A variant has rows only for the places where it ever was: at the others it shows 0. */
export async function listLevels(
  client: GeckoClient,
  config: GeckoConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const places = (await listLocations(client, config)).filter(({ active }) => active).map(({ location }) => location);
  const readAt = new Date(client.now()).toISOString();
  const { items, next } = await variants(client, config, cursor);
  return { items: items.flatMap((variant) => places.flatMap((location) => levelOf(variant, location, readAt))), next };
}

export async function readLevels(client: GeckoClient, config: GeckoConfig, cells: CellKey[]): Promise<RemoteLevel[]> {
  if (cells.length === 0) return [];
  const readAt = new Date(client.now()).toISOString();
  const keys = cells.map(({ stockKey }) => stockKey);
  const { rows } = await listByIds(client, config, 'readVariants', 'variants', keys);
  const found = new Map(
    rows.flatMap((row) => {
      const variant = variantShape.safeParse(row).data;
      return variant && isKept(variant) ? [[variant.id, variant] as const] : [];
    }),
  );
  return cells.flatMap(({ stockKey, location }) => {
    const variant = found.get(stockKey);
    return variant ? levelOf(variant, location, readAt) : [];
  });
}

function levelOf(variant: Variant, location: string, readAt: string): RemoteLevel[] {
  const available = availableAt(variant, location);
  if (available === undefined) return [];
  return [{ stockKey: variant.id, location, available, tracked: isCounted(variant), readAt }];
}
