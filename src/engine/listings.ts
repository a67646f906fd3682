import type { Page } from '../platform/contract.ts';
import {
  analyzeCatalogue,
  mapListingsBySku,
  retireListings,
  saveCellKeys,
  saveListings,
  savePlaces,
} from '../store/catalogue.ts';
import { listingsWaitedFor } from '../store/unmapped.ts';
import { type Account, type EngineContext, iso } from './context.ts';
import type { PostingReport } from './posting.ts';
import { postMapped } from './unmapped.ts';

/** How far an import has come. */
export interface ListingProgress {
  listings: number;
  pages: number;
}

/**
 * Lists an account's places and listings page by page; makes a cell for every stock record at every place; maps where the
 * SKU leaves no doubt. New listings are unwritten until mapped; those that are not listed any more are retired.
 *
 * Later walks map only what an order has already sold and no walk had met before: anything else was left unmapped by a
 * person, or waits for one. What waited for a mapping is posted.
 */
export async function refreshListings(
  context: EngineContext,
  account: Account,
  options: { mapBySku?: boolean; progress?: (progress: ListingProgress) => void } = {},
): Promise<ListingProgress & { mapped: number; retired: number; posted: PostingReport }> {
  const { platform, client, config, row } = account;
  const at = iso(context.clock.now());
  const learns = platform.onlySends?.(config) ?? false;
  const soldUnlisted = (await listingsWaitedFor(context.db, row.id))
    .filter(({ known }) => !known)
    .map(({ key }) => key);
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
  if (learns) await learnListings(context, account, at);
  // What only sends lists nothing: that it did not name a listing says nothing of it.
  const retired = learns ? 0 : await retireListings(context.db, row.id, at);
  // Before mapping as well as after: without statistics of what was just listed, mapping 10,000 takes 45 s instead of half a one.
  await analyzeCatalogue(context.db);
  const mapped = await mapListingsBySku(context.db, row.id, options.mapBySku || learns ? null : soldUnlisted);
  await analyzeCatalogue(context.db);
  await context.accounts.reload();
  const posted = await postMapped(context, account);
  return { ...progress, mapped, retired, posted };
}

/** The goods of a system that only sends are known by the lines of its orders. It counts nothing that we could see or write. */
async function learnListings(context: EngineContext, account: Account, at: string): Promise<void> {
  const sold = await listingsWaitedFor(context.db, account.row.id);
  await saveListings(
    context.db,
    account.row.id,
    sold.map(({ key, sku }) => ({ listing: key, stockKey: key, sku, title: sku ?? key, tracked: false })),
    at,
  );
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
