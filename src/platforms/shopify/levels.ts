import { z } from 'zod';
import type { CellKey, Page, RemoteLevel } from '../../platform/contract.ts';
import { listLocations } from './catalogue.ts';
import type { ShopifyConfig } from './config.ts';
import { LEVELS, READ_LEVELS } from './documents.ts';
import { ask, connection, following, type ShopifyClient } from './graphql.ts';
import { gid, plainId } from './ids.ts';

const quantities = z.array(z.object({ name: z.string(), quantity: z.number().int() }));
type Quantities = z.infer<typeof quantities>;

const available = (all: Quantities): number => all.find(({ name }) => name === 'available')?.quantity ?? 0;

const levels = z.object({
  location: z
    .object({
      inventoryLevels: connection(
        z.object({ updatedAt: z.string(), item: z.object({ id: z.string(), tracked: z.boolean() }), quantities }),
      ),
    })
    .nullable(),
});

/** Where the walk over all levels stands: places still to do, the cursor within the first of them. */
const walk = z.object({ places: z.array(z.string()), after: z.string().nullable() });

/** Place after place. A place that disappears meanwhile ends its part of the walk. */
export async function listLevels(
  client: ShopifyClient,
  config: ShopifyConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const { places, after } =
    cursor === null
      ? {
          places: (await listLocations(client, config)).filter((one) => one.active).map((one) => one.location),
          after: null,
        }
      : walk.parse(JSON.parse(cursor));
  const [location, ...rest] = places;
  if (location === undefined) return { items: [], next: null };
  const readAt = new Date(client.now()).toISOString();
  const variables = { location: gid('Location', location), after };
  const answer = await ask(client, config, 'levels', LEVELS, variables, levels);
  const page = answer.location?.inventoryLevels;
  const more = page ? following(page.pageInfo, after) : null;
  const next = more !== null ? { places, after: more } : rest.length > 0 ? { places: rest, after: null } : null;
  return {
    items: (page?.nodes ?? []).map((level) => ({
      stockKey: plainId(level.item.id),
      location,
      available: available(level.quantities),
      tracked: level.item.tracked,
      changedAt: level.updatedAt,
      readAt,
    })),
    next: next && JSON.stringify(next),
  };
}

const read = z.object({
  location: z.object({ id: z.string() }).nullable(),
  nodes: z.array(
    z
      .object({
        id: z.string(),
        tracked: z.boolean(),
        inventoryLevel: z.object({ updatedAt: z.string(), quantities }).nullable(),
      })
      .nullable(),
  ),
});

/**
 * The named cells, one call per place. An item that has never been at a place has no level there; shoppers can buy none, and
 * since 2026-10 it can be written all the same, so it reads as 0. Items and places that are gone are missing.
 */
export async function readLevels(
  client: ShopifyClient,
  config: ShopifyConfig,
  cells: CellKey[],
): Promise<RemoteLevel[]> {
  const byPlace = new Map<string, Set<string>>();
  for (const { location, stockKey } of cells) byPlace.set(location, (byPlace.get(location) ?? new Set()).add(stockKey));
  const found: RemoteLevel[] = [];
  for (const [location, keys] of byPlace) {
    const all = [...keys];
    for (let from = 0; from < all.length; from += READ_MAX) {
      const ids = all.slice(from, from + READ_MAX).map((key) => gid('InventoryItem', key));
      found.push(...(await readPlace(client, config, location, ids)));
    }
  }
  return found;
}

/** Items per call: 100 × 3 points. */
const READ_MAX = 100;

async function readPlace(
  client: ShopifyClient,
  config: ShopifyConfig,
  location: string,
  ids: string[],
): Promise<RemoteLevel[]> {
  const readAt = new Date(client.now()).toISOString();
  const variables = { location: gid('Location', location), ids };
  const answer = await ask(client, config, 'readLevels', READ_LEVELS, variables, read);
  if (!answer.location) return [];
  return answer.nodes.flatMap((item) =>
    item
      ? [
          {
            stockKey: plainId(item.id),
            location,
            available: item.inventoryLevel ? available(item.inventoryLevel.quantities) : 0,
            tracked: item.tracked,
            ...(item.inventoryLevel && { changedAt: item.inventoryLevel.updatedAt }),
            readAt,
          },
        ]
      : [],
  );
}
