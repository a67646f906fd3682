import type { Page } from '../platform/contract.ts';
import {
  analyzeCatalogue,
  mapListingsBySku,
  retireListings,
  saveCellKeys,
  saveListings,
  savePlaces,
} from '../store/catalogue.ts';
import { type Account, type EngineContext, iso } from './context.ts';

/** How far an import has come. */
export interface ListingProgress {
  listings: number;
  pages: number;
}

/**
 * Lists an account's places and listings page by page; makes a cell for every stock record at every place; maps where the
 * SKU leaves no doubt. New listings are unwritten until mapped; those that are not listed any more are retired.
 */
export async function refreshListings(
  context: EngineContext,
  account: Account,
  options: { mapBySku?: boolean; progress?: (progress: ListingProgress) => void } = {},
): Promise<ListingProgress & { mapped: number; retired: number }> {
  const { platform, client, config, row } = account;
  const at = iso(context.clock.now());
  const places = await platform.listLocations(client, config);
  await savePlaces(context.db, row.id, places);
  const progress: ListingProgress = { listings: 0, pages: 0 };
  for await (const page of pages((cursor) => platform.listListings(client, config, cursor))) {
    await context.db.transaction(async (tx) => {
      await saveListings(tx, row.id, page, at);
      const keys = page.flatMap((listing) =>
        places.map((place) => ({ stockKey: listing.stockKey, location: place.location })),
      );
      await saveCellKeys(tx, row.id, keys);
    });
    progress.listings += page.length;
    progress.pages += 1;
    options.progress?.(progress);
  }
  const retired = await retireListings(context.db, row.id, at);
  const mapped = options.mapBySku ? await mapListingsBySku(context.db, row.id) : 0;
  await analyzeCatalogue(context.db);
  await context.accounts.reload();
  return { ...progress, mapped, retired };
}

/** Walks a paged list to its end. A cursor that comes back unchanged would never end: that is an error. */
export async function* pages<T>(list: (cursor: string | null) => Promise<Page<T>>): AsyncGenerator<T[]> {
  let cursor: string | null = null;
  do {
    const page: Page<T> = await list(cursor);
    if (page.next !== null && page.next === cursor) throw new Error(`the list did not move on from ${cursor}`);
    cursor = page.next;
    yield page.items;
  } while (cursor !== null);
}
