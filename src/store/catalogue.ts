import type { CellKey, RemoteListing, RemoteLocation } from '../platform/contract.ts';
import type { Queryable, Statement } from './database.ts';

export interface LocationRow {
  id: number;
  name: string;
  sellable: boolean;
}

export interface PlaceRow {
  accountId: number;
  remote: string;
  name: string;
  active: boolean;
  locationIds: number[];
}

const insertItems: Statement = {
  name: 'items-insert',
  text: `insert into item (sku, title, created_at) select sku, title, $3::timestamptz
    from unnest($1::text[], $2::text[]) as n(sku, title) order by sku
    on conflict (sku) do update set title = case when item.title = '' then excluded.title else item.title end`,
};
const itemIds: Statement = { name: 'items-ids', text: 'select id, sku from item where sku = any($1::text[])' };

/** Adds the items that are missing; the answer has the id of each SKU. */
export async function saveItems(
  tx: Queryable,
  items: { sku: string; title: string }[],
  at: string,
): Promise<Map<string, number>> {
  const unique = [...new Map(items.map((item) => [item.sku, item])).values()];
  if (unique.length === 0) return new Map();
  const skus = unique.map((item) => item.sku);
  await tx.query(insertItems, [skus, unique.map((item) => item.title), at]);
  const rows = await tx.query<{ id: number; sku: string }>(itemIds, [skus]);
  return new Map(rows.map((row) => [row.sku, row.id]));
}

const findItem: Statement = { name: 'item-by-sku', text: 'select id, sku, title from item where sku = $1' };
export async function itemBySku(db: Queryable, sku: string) {
  return (await db.query<{ id: number; sku: string; title: string }>(findItem, [sku]))[0];
}

const insertLocation: Statement = {
  name: 'location-insert',
  text: `insert into location (name, sellable, created_at) values ($1, $2, $3)
    on conflict (name) do update set sellable = excluded.sellable returning id, name, sellable`,
};
export async function saveLocation(db: Queryable, name: string, sellable: boolean, at: string): Promise<LocationRow> {
  return (await db.query<LocationRow>(insertLocation, [name, sellable, at]))[0]!;
}

const allLocations: Statement = {
  name: 'locations-list',
  text: 'select id, name, sellable from location order by id',
};
export const listLocationRows = (db: Queryable) => db.query<LocationRow>(allLocations);

const savePlacesStatement: Statement = {
  name: 'places-save',
  text: `insert into place (account_id, remote, name, active)
    select $1::int, n.remote, n.name, n.active from unnest($2::text[], $3::text[], $4::boolean[]) as n(remote, name, active)
    order by n.remote on conflict (account_id, remote) do update set name = excluded.name, active = excluded.active`,
};
/** Places of an account as the platform lists them; which of our locations stand behind one is a person's choice. */
export async function savePlaces(tx: Queryable, accountId: number, places: RemoteLocation[]): Promise<void> {
  if (places.length === 0) return;
  await tx.query(savePlacesStatement, [
    accountId,
    places.map((place) => place.location),
    places.map((place) => place.name),
    places.map((place) => place.active),
  ]);
}

const mapPlaceStatement: Statement = {
  name: 'place-map',
  text: 'update place set location_ids = $3::int[] where account_id = $1 and remote = $2',
};
/** `locationIds` in routing order. */
export async function mapPlace(tx: Queryable, accountId: number, remote: string, locationIds: number[]): Promise<void> {
  await tx.query(mapPlaceStatement, [accountId, remote, locationIds]);
}

const allPlaces: Statement = {
  name: 'places-list',
  text: `select account_id as "accountId", remote, name, active, location_ids as "locationIds" from place
    order by account_id, remote`,
};
export const listPlaces = (db: Queryable) => db.query<PlaceRow>(allPlaces);

const upsertListings: Statement = {
  name: 'listings-save',
  text: `insert into listing (account_id, key, stock_key, sku, barcode, title, tracked, unwritable, extra, seen_at)
    select $1::int, n.key, n.stock_key, n.sku, n.barcode, n.title, n.tracked, n.unwritable, n.extra::jsonb, $10::timestamptz
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[], $9::text[])
      as n(key, stock_key, sku, barcode, title, tracked, unwritable, extra) order by n.key
    on conflict (account_id, key) do update set stock_key = excluded.stock_key, sku = excluded.sku,
      barcode = excluded.barcode, title = excluded.title, tracked = excluded.tracked, unwritable = excluded.unwritable,
      extra = excluded.extra, seen_at = excluded.seen_at, retired_at = null`,
};

export async function saveListings(
  tx: Queryable,
  accountId: number,
  listings: RemoteListing[],
  at: string,
): Promise<void> {
  const unique = [...new Map(listings.map((listing) => [listing.listing, listing])).values()];
  if (unique.length === 0) return;
  const column = <T>(pick: (listing: RemoteListing) => T) => unique.map(pick);
  await tx.query(upsertListings, [
    accountId,
    column((l) => l.listing),
    column((l) => l.stockKey),
    column((l) => l.sku),
    column((l) => l.barcode ?? null),
    column((l) => l.title),
    column((l) => l.tracked),
    column((l) => l.unwritable ?? null),
    column((l) => (l.extra ? JSON.stringify(l.extra) : null)),
    at,
  ]);
}

const insertCells: Statement = {
  name: 'cells-insert',
  text: `insert into cell (account_id, stock_key, remote) select $1::int, n.stock_key, n.remote
    from unnest($2::text[], $3::text[]) as n(stock_key, remote) order by 1, 2, 3
    on conflict (account_id, stock_key, remote) do nothing`,
};
export async function saveCellKeys(tx: Queryable, accountId: number, keys: CellKey[]): Promise<void> {
  if (keys.length === 0) return;
  await tx.query(insertCells, [accountId, keys.map((key) => key.stockKey), keys.map((key) => key.location)]);
}

// Which SKUs are unambiguous is found once for the account: asked listing by listing, 100,000 of them take hours.
const mapBySku: Statement = {
  name: 'recipes-map-by-sku',
  text: `with clear as (
      select o.sku from listing o where o.account_id = $1 and o.retired_at is null and o.sku is not null
      group by o.sku having min(o.stock_key) = max(o.stock_key)),
    mapped as (
      insert into recipe (listing_id, item_id, num, den)
      select l.id, i.id, 1, 1 from listing l join clear on clear.sku = l.sku join item i on i.sku = l.sku
      where l.account_id = $1 and l.retired_at is null and l.unwritable is null and ($2::text[] is null or l.key = any($2))
        and not exists (select 1 from recipe r where r.listing_id = l.id)
      order by l.id on conflict do nothing returning 1)
    select count(*)::int as mapped from mapped`,
};
/** Maps only where the SKU is equal byte for byte and one stock record of the account carries it; `keys`: these alone. */
export async function mapListingsBySku(
  tx: Queryable,
  accountId: number,
  keys: string[] | null = null,
): Promise<number> {
  return (await tx.query<{ mapped: number }>(mapBySku, [accountId, keys]))[0]!.mapped;
}

const setRecipeStatements = {
  clear: { name: 'recipe-clear', text: 'delete from recipe where listing_id = $1' },
  add: {
    name: 'recipe-add',
    text: `insert into recipe (listing_id, item_id, num, den)
      select $1::int, n.item_id, n.num, n.den from unnest($2::int[], $3::int[], $4::int[]) as n(item_id, num, den)`,
  },
  find: { name: 'listing-by-key', text: 'select id from listing where account_id = $1 and key = $2' },
} satisfies Record<string, Statement>;

/**
 * What one unit of a listing takes from now on; lines already posted keep the recipe they were posted with.
 * @returns false when the account has no such listing
 */
export async function setRecipe(
  tx: Queryable,
  accountId: number,
  listing: string,
  parts: { item: number; num: number; den: number }[],
): Promise<boolean> {
  const row = (await tx.query<{ id: number }>(setRecipeStatements.find, [accountId, listing]))[0];
  if (!row) return false;
  await tx.query(setRecipeStatements.clear, [row.id]);
  if (parts.length > 0)
    await tx.query(setRecipeStatements.add, [
      row.id,
      parts.map((part) => part.item),
      parts.map((part) => part.num),
      parts.map((part) => part.den),
    ]);
  return true;
}

/** Fresh statistics after an import: without them the planner walks whole tables for every posting. */
export async function analyzeCatalogue(db: Queryable): Promise<void> {
  await db.query('analyze item, listing, recipe, cell, place, level');
}

const retire: Statement = {
  name: 'listings-retire',
  text: `with retired as (update listing set retired_at = $2::timestamptz
      where account_id = $1 and retired_at is null and seen_at < $2::timestamptz returning 1)
    select count(*)::int as retired from retired`,
};
/** Listings a full walk that began at `walkStartedAt` did not meet. */
export async function retireListings(db: Queryable, accountId: number, walkStartedAt: string): Promise<number> {
  return (await db.query<{ retired: number }>(retire, [accountId, walkStartedAt]))[0]!.retired;
}
